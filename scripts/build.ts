/**
 * Compiles `dist/zanith` for this machine: one file that needs neither Bun nor node_modules. It reads no `.env` and
 * no `bunfig.toml` of the folder it is started in; see the options below.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };

const root = join(import.meta.dir, "..");
const outfile = join(root, "dist", "zanith");

mkdirSync(join(root, "dist"), { recursive: true });
if (Bun.version !== manifest.devDependencies.bun) {
  throw new Error(`build with Bun ${manifest.devDependencies.bun}, not ${Bun.version}: the binary contains it`);
}
const result = await Bun.build({
  entrypoints: [join(root, "src", "main.ts")],
  minify: true,
  // Compiled code is loaded instead of parsed: starting takes a third of the time.
  bytecode: true,
  format: "esm",
  sourcemap: "inline",
  define: {
    ZANITH_VERSION: JSON.stringify(manifest.version),
    ZANITH_COMMIT: JSON.stringify(commit()),
  },
  compile: {
    outfile,
    // By default a compiled program reads the current folder's .env and runs the preloads of its bunfig.toml.
    autoloadDotenv: false,
    autoloadBunfig: false,
    autoloadTsconfig: false,
    autoloadPackageJson: false,
  },
});
for (const log of result.logs) process.stderr.write(`${log}\n`);
if (!result.success) throw new Error("the build failed");
// The binary carries the map inside; the bundler also leaves a copy beside it.
rmSync(`${outfile}.map`, { force: true });
process.stdout.write(`dist/zanith ${manifest.version} (${commit()})\n`);

/** The short commit id; `unknown` outside a git checkout. */
function commit(): string {
  if (Bun.which("git") === null) return "unknown";
  const run = Bun.spawnSync(["git", "rev-parse", "--short=12", "HEAD"], { cwd: root, stderr: "ignore" });
  return run.exitCode === 0 ? run.stdout.toString().trim() : "unknown";
}
