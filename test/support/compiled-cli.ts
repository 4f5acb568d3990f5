// The tool as people get it: one compiled file in a folder of its own, with nothing beside it that it could lean on.
import { join } from "node:path";
import { tempFolder } from "./temp-folder.ts";

const main = join(import.meta.dir, "..", "..", "src", "main.ts");

/** The binary named by ZANITH_TEST_BINARY, or one that is built now and goes after the file's last test. */
export async function compiledCli(): Promise<string> {
  const given = process.env["ZANITH_TEST_BINARY"];
  if (given !== undefined && given !== "") return given;
  const outfile = join(tempFolder(), "zanith");
  const result = await Bun.build({
    entrypoints: [main],
    minify: true,
    compile: {
      outfile,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  if (!result.success) throw new Error(`the binary was not built:\n${result.logs.join("\n")}`);
  return outfile;
}
