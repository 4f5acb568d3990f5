/** Postgres's parser and schema modules inside a compiled program, on a machine without node_modules. */
import { expect, test } from "bun:test";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "../support/temp-folder.ts";

const root = join(import.meta.dir, "..", "..");
const packages = ["libpg-query", "postgres", "valibot"];

/** The probe as a program of its own. What it was built from is removed, so that it can only use what is inside it. */
async function compileProbe(folder: string): Promise<string> {
  const sources = join(folder, "sources");
  mkdirSync(join(sources, "node_modules"), { recursive: true });
  cpSync(join(root, "src"), join(sources, "src"), { recursive: true });
  cpSync(join(root, "test", "support", "source-probe.ts"), join(sources, "test", "support", "source-probe.ts"));
  for (const name of packages) {
    cpSync(join(root, "node_modules", name), join(sources, "node_modules", name), { recursive: true });
  }
  const program = join(folder, "probe");
  const result = await Bun.build({
    entrypoints: [join(sources, "test", "support", "source-probe.ts")],
    minify: true,
    sourcemap: "inline",
    compile: {
      outfile: program,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  expect(result.logs.map(String)).toEqual([]);
  rmSync(sources, { recursive: true });
  return program;
}

test("a compiled program parses scripts and runs modules that import zanith", async () => {
  const folder = tempFolder({
    "schema.ts":
      'import { t } from "./beside.ts";\nimport { defineModel, text } from "zanith";\nexport const T = defineModel(t, { fields: { a: text() } });\n',
    "beside.ts": 'export const t: string = "things";\n',
    "syntax.ts": "export const a = 1;\nexport const b = (;\n",
    "throws.ts": 'import "zanith";\n\nfunction inner(): never {\n  throw new RangeError("no");\n}\ninner();\n',
    "wrong.ts":
      'import { defineModel } from "zanith";\nexport const T = defineModel("t", { fields: { a: 1 as never } });\n',
    "good.sql": "create function f() returns int language sql begin atomic select 1; end; select 'é;'",
    "bad.sql": "select 1;\nselec 2;",
  });
  const program = await compileProbe(folder);
  const paths = ["schema.ts", "syntax.ts", "throws.ts", "wrong.ts", "good.sql", "bad.sql"];
  const run = Bun.spawnSync([program, ...paths.map((path) => join(folder, path))], { cwd: folder, env: {} });
  const lines = run.stdout.toString().replaceAll(folder, "…").trimEnd().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    ["column:public.things.a", "schema:public", "table:public.things"],
    { code: "schema_module_failed", what: "…/syntax.ts:2:19 failed", why: "Unexpected ;" },
    { code: "schema_module_failed", what: "…/throws.ts:4:13 failed", why: "RangeError: no" },
    {
      code: "schema_module_failed",
      what: "…/wrong.ts:2:18: t.a is not valid",
      why: "it is not a field: write text(), integer() and the like",
    },
    ["create function f() returns int language sql begin atomic select 1; end", "select 'é;'"],
    {
      code: "sql_invalid",
      what: "…/bad.sql:2:1 cannot be loaded: selec 2;",
      why: 'ERROR: syntax error at or near "selec"',
    },
  ]);
  expect([run.stderr.toString(), run.exitCode]).toEqual(["", 0]);
});
