/**
 * Runs the scenarios and the worlds on every supported major version of Postgres, one after another, with the embedded
 * binaries of that version, installed on demand. Arguments are versions (`15 17`) or go to the test runner.
 */
import { join } from "node:path";
import { embeddedMajors } from "../test/support/postgres-binaries.ts";

const args = process.argv.slice(2);
const asked = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
const rest = args.filter((arg) => !/^\d+$/.test(arg));
const majors = asked.length > 0 ? asked : embeddedMajors();
const results: string[] = [];
let running: Bun.Subprocess | undefined;
let interrupted = false;

// The run under way cleans up after itself; no other is started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill(signal);
  });
}

for (const major of majors) {
  if (interrupted) break;
  process.stdout.write(`\nPostgres ${major}\n`);
  running = Bun.spawn([process.execPath, join(import.meta.dir, "test.ts"), "test/scenario", ...rest], {
    env: { ...process.env, ZANITH_TEST_POSTGRES: `embedded:${major}` },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  const exitCode = await running.exited;
  results.push(`Postgres ${major}: ${exitCode === 0 ? "passed" : `failed with exit code ${exitCode}`}`);
  if (exitCode !== 0) process.exitCode = interrupted ? 130 : 1;
}
process.stdout.write(`\n${results.join("\n")}\n`);
