/** Format, lint and types: runs Biome and the TypeScript compiler and fails when either does. */
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const checks = [
  ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
  ["node_modules/typescript/bin/tsc", "--noEmit", "--project", "."],
];

for (const command of checks) {
  const check = Bun.spawn([process.execPath, ...command], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if ((await check.exited) !== 0) process.exitCode = 1;
}
