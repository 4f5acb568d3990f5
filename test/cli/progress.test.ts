// The events of a run as people and programs see them, on a terminal, in a log and as JSON.
import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import type { Io, Sink } from "../../src/cli/io.ts";
import { createOutput, type OutputFlags } from "../../src/cli/output.ts";
import { createProgress } from "../../src/cli/progress.ts";
import type { RunEvent } from "../../src/run/events.ts";

const step = {
  migration: "20260501_113022_add_last_login",
  step: 2,
  kind: "addForeignKey",
  object: "orders.customer_id",
} as const;
const risk = { level: "medium", score: 35 } as const;
const events: readonly RunEvent[] = [
  { type: "run.started", database: "shop", migrations: [step.migration] },
  { type: "migration.started", migration: step.migration, steps: 4, from: 2 },
  { type: "step.started", ...step, ...risk },
  { type: "step.noted", migration: step.migration, step: 2, message: "the invalid index of an earlier try is dropped" },
  {
    type: "lock.waited",
    migration: step.migration,
    step: 2,
    attempt: 2,
    attempts: 8,
    waitedMs: 1_400,
    blockers: [
      {
        pid: 4711,
        user: "bi",
        application: "report\u001b[2J",
        state: "idle in transaction",
        since: "2026-05-01 11:24:00+00",
        query: "select *\nfrom users",
      },
    ],
  },
  { type: "step.finished", ...step, ...risk, durationMs: 12 },
  { type: "step.failed", ...step, ...risk, step: 3, error: "it is told by the error of the run", sqlstate: "23503" },
  { type: "step.refused", ...step, ...risk, gate: "preflight", error: "it is told by the refusal" },
  { type: "step.refused", ...step, ...risk, gate: "confirm", error: "not about a step" },
  { type: "step.interrupted", ...step },
  { type: "migration.finished", migration: step.migration, durationMs: 99, models: 2, relations: 1 },
];

/** An output that keeps what was written, and the process around it. */
function capture(flags: Partial<OutputFlags> = {}, isTerminal = false) {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr"): Sink => ({
    isTerminal,
    columns: 60,
    write: (text) => {
      written[name] += text;
    },
    flushed: async () => {},
  });
  const io: Io = {
    argv: [],
    env: { LANG: "C.UTF-8", TERM: "xterm" },
    cwd: "/",
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    terminal: { input: new PassThrough(), output: new PassThrough() },
    signals: { stop: new AbortController().signal, cancel: new AbortController().signal, leaveAtOnce() {} },
  };
  return { written, output: createOutput(io, { json: false, quiet: false, ascii: false, color: false, ...flags }) };
}

const outcomes = `▸ 20260501_113022_add_last_login
  ✓ 2 addForeignKey        orders.customer_id                         [medium 35]        12 ms
  ✗ 3 addForeignKey        orders.customer_id                         [medium 35]
  ✗ 2 addForeignKey        orders.customer_id                         [medium 35]
  ↻ 2 addForeignKey  orders.customer_id   interrupted
  snapshot: 2 model(s), 1 relation(s)
`;
const notes = `      the invalid index of an earlier try is dropped
      waited 1.4 s for a lock (try 2 of 8)
        blocked by pid 4711  app=report\\x1b[2J  user=bi  idle in transaction  since 2026-05-01 11:24:00Z
          select *
`;

test("in a log outcomes go to stdout and notes to stderr, without a line that is rewritten", () => {
  const { written, output } = capture();
  const progress = createProgress(output, true, () => 0);
  for (const event of events) progress.emit(event);
  progress.stop();
  expect(written).toEqual({ stdout: outcomes, stderr: notes });
});

test("--quiet keeps the outcomes and drops the notes", () => {
  const { written, output } = capture({ quiet: true });
  const progress = createProgress(output, true, () => 0);
  for (const event of events) progress.emit(event);
  progress.stop();
  expect(written).toEqual({ stdout: outcomes, stderr: "" });
});

test("on a terminal a live line shows the running step, fits the width and is gone before anything else is said", () => {
  const { written, output } = capture({}, true);
  let now = 0;
  const progress = createProgress(output, true, () => now);
  progress.emit({ type: "step.started", ...step, ...risk, object: "x".repeat(80) });
  now = 1_400;
  progress.emit({ type: "step.noted", migration: step.migration, step: 2, message: "noted" });
  progress.emit({ type: "step.finished", ...step, ...risk, durationMs: 1_500 });
  progress.stop();
  const live = `  ↻ 2 addForeignKey  ${"x".repeat(30)}…   0 ms`;
  expect(written.stderr).toBe(`${live}\r\u001b[2K      noted\n`);
  expect(live).toHaveLength(59);
});

test("with --json every event is a line, or none for a command whose result is one document", () => {
  const { written, output } = capture({ json: true });
  for (const event of events) createProgress(output, true).emit(event);
  expect(written.stderr).toBe("");
  expect(
    written.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([...events]);
  const silent = capture({ json: true });
  for (const event of events) createProgress(silent.output, false).emit(event);
  expect(silent.written).toEqual({ stdout: "", stderr: "" });
});

test("an error is shown without any secret it may have picked up", () => {
  const { written, output } = capture();
  output.hide(["p@ss word"]);
  output.error({
    code: "unexpected",
    what: "failed with p@ss word",
    why: "url postgres://u:other@h/d and p%40ss%20word",
    state: null,
    next: null,
    exitCode: 1,
  });
  expect(written.stderr).toBe("failed with ****\n  url postgres://u:****@h/d and ****\n");
});
