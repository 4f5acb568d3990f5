/**
 * Runs the tests against one throwaway server: starts it on first use, hands it to the test processes, removes it at
 * the end whatever happens, and ends with the runner's own counts as `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropTestDatabases, dropTestTablespace } from "../test/support/database.ts";
import { createServerPool, POOL_SOCKET_VARIABLE, serveServerPool } from "../test/support/test-server.ts";
import { startWatchdog } from "../test/support/watchdog.ts";

/** How long the runner may take to end after Ctrl-C. */
const INTERRUPT_LIMIT_MS = 5_000;
/** Test files run at once unless an argument says otherwise; each has its own process and database. */
const WORKERS = 2;
const SUMMARY_BYTES = 65_536;
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const run = crypto.randomUUID().slice(0, 8);
const folder = mkdtempSync(join(tmpdir(), "zt-run-"));
const socket = join(folder, "pool");
const pool = createServerPool();
const stopServing = serveServerPool(pool, socket);
const args = process.argv.slice(2);
const workers = args.some((arg) => arg.startsWith("--parallel")) ? [] : [`--parallel=${WORKERS}`];
const runner = Bun.spawn([process.execPath, "test", ...workers, ...args], {
  cwd: join(import.meta.dir, ".."),
  env: { ...process.env, [POOL_SOCKET_VARIABLE]: socket, ZANITH_TEST_RUN: run },
  stdin: "ignore",
  stdout: "inherit",
  stderr: "pipe",
  // A process group of its own: the workers and the programs under test end together with the runner.
  detached: true,
});
const endWatchdog = startWatchdog({ folder, processGroup: runner.pid });

let interrupted: number | undefined;
for (const [signal, code] of Object.entries(exitCodes)) {
  process.on(signal, () => {
    interrupted = code;
    killRunner(signal as keyof typeof exitCodes);
    setTimeout(() => killRunner("SIGKILL"), INTERRUPT_LIMIT_MS).unref();
  });
}

let report: string;
try {
  const forwarded = forward(runner.stderr);
  const exitCode = await runner.exited;
  // Whatever a test left running holds the report open and must not outlive the run.
  killRunner("SIGKILL");
  const summary = await forwarded;
  const counts = countsOf(summary);
  const failed = counts.failed === 0 && exitCode !== 0 ? 1 : counts.failed;
  if (counts.passed + failed === 0) process.stderr.write("no test ran\n");
  process.exitCode = interrupted ?? (failed > 0 || counts.passed === 0 ? 1 : 0);
  report = `${counts.passed} passed, ${failed} failed`;
} finally {
  await cleanUp();
}
process.stdout.write(`${report}\n`);

/** Copies the runner's report to our stderr and keeps its end, where the summary stands. */
async function forward(report: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of report) {
    process.stderr.write(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-SUMMARY_BYTES);
  }
  return tail;
}

/** The counts from the last ` N pass` line of the report on; zeros when the runner ended before it wrote one. */
function countsOf(report: string): { readonly passed: number; readonly failed: number } {
  const start = [...report.matchAll(/^ *\d+ pass$/gm)].at(-1)?.index;
  const summary = start === undefined ? "" : report.slice(start);
  const count = (word: string) => Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(summary)?.[1] ?? 0);
  return { passed: count("pass"), failed: count("fail") };
}

function killRunner(signal: NodeJS.Signals): void {
  try {
    process.kill(-runner.pid, signal);
  } catch {
    // It has ended in between.
  }
}

async function cleanUp(): Promise<void> {
  await stopServing();
  const given = process.env["ZANITH_TEST_POSTGRES"];
  if (given !== undefined && /^postgres(ql)?:/.test(given)) {
    await dropTestDatabases(given, `zanith_test_${run}_`).catch((error: unknown) => {
      process.stderr.write(`could not drop the test databases of this run: ${String(error)}\n`);
    });
    await dropTestTablespace(given);
  }
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
  endWatchdog();
}
