/**
 * Runs what depends on a server on every supported major version of Postgres, one after another, with the embedded binaries
 * of that version, installed on demand. Arguments are versions (`14 17`) and parts (`scenario`, `contract`, `pg`); others
 * go to the test runner. Ends with a line for each version; the exit code is 0 when all of them passed.
 */
import { join } from "node:path";
import { embeddedMajors } from "../test/support/postgres-binaries.ts";

/** What a part runs. Scenarios go both ways and are judged by a dump of the catalogs. */
const parts: ReadonlyMap<string, readonly string[]> = new Map([
  ["scenario", ["test/scenario", "test/fuzz/versions.test.ts"]],
  ["contract", ["test/contract/operation.test.ts"]],
  ["pg", ["test/pg"]],
]);

const args = process.argv.slice(2);
const askedMajors = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
const askedParts = args.filter((arg) => parts.has(arg));
const rest = args.filter((arg) => !/^\d+$/.test(arg) && !parts.has(arg));
const majors = askedMajors.length > 0 ? askedMajors : embeddedMajors();
const unknown = majors.filter((major) => !embeddedMajors().includes(major));
let running: Bun.Subprocess | undefined;
let interrupted = false;

// The run under way cleans up after itself; no other is started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill(signal);
  });
}

if (unknown.length > 0) {
  process.stderr.write(`no embedded Postgres ${unknown.join(", ")}; choose of ${embeddedMajors().join(", ")}\n`);
  process.exitCode = 2;
} else {
  const lines: string[] = [];
  for (const major of majors) {
    const results: string[] = [];
    for (const [part, files] of parts) {
      if (interrupted || (askedParts.length > 0 && !askedParts.includes(part))) continue;
      process.stdout.write(`\nPostgres ${major}, ${part}\n`);
      const { exitCode, counts } = await run(major, files);
      results.push(`${part} ${counts}${exitCode === 0 ? "" : ` (exit code ${exitCode})`}`);
      if (exitCode !== 0) process.exitCode = interrupted ? 130 : 1;
    }
    lines.push(`Postgres ${major}: ${results.length > 0 ? results.join("; ") : "not run"}`);
  }
  process.stdout.write(`\n${lines.join("\n")}\n`);
}

/** Runs files on a version; `counts` is what the runner says at its end. */
async function run(
  major: number,
  files: readonly string[],
): Promise<{ readonly exitCode: number; readonly counts: string }> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "test.ts"), ...files, ...rest], {
    env: { ...process.env, ZANITH_TEST_POSTGRES: `embedded:${major}` },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  running = child;
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of child.stdout) {
    process.stdout.write(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-1_000);
  }
  const exitCode = await child.exited;
  running = undefined;
  return { exitCode, counts: /^\d+ passed, \d+ failed$/m.exec(tail)?.[0] ?? "without a result" };
}
