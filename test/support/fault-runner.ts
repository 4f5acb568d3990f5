/**
 * A runner to be killed: applies what is pending, and dies by SIGKILL at the very event it is told to, before anything can
 * follow it. A program of its own. Argument: JSON of RunnerOrder; each event is a line on stdout.
 */
import { writeSync } from "node:fs";
import { isToolError } from "../../src/base/errors.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { up } from "../../src/usecase/up.ts";
import { faultInput, faultWorkspace, type RunnerOrder, smallBatches } from "./fault-scene.ts";

const order = JSON.parse(process.argv[2] ?? "{}") as RunnerOrder;
let seen = 0;

function emit(event: RunEvent): void {
  writeSync(1, `${JSON.stringify(event)}\n`);
  if (++seen === order.dieAtEvent) process.kill(process.pid, "SIGKILL");
}

const signal = new AbortController().signal;
const input = { ...faultInput, backfill: { ...smallBatches, ...order.backfill }, lockWaitMs: order.lockWaitMs ?? 0 };
try {
  await up(faultWorkspace(order), input, { emit, signal });
} catch (error) {
  if (!isToolError(error)) throw error;
  writeSync(1, `${JSON.stringify({ type: "error", code: error.code, what: error.what, why: error.why })}\n`);
  process.exitCode = 4;
}
