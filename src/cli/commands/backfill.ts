/** `zanith backfill …`: checkpoints as they stand, and pause, resume and cancel for a runner in another terminal. */
import { exitCode } from "../../base/errors.ts";
import { renderTable } from "../../render/columns.ts";
import { line, outside, span } from "../../render/line.ts";
import { formatMoment } from "../../render/time.ts";
import {
  type BackfillView,
  type ControlResult,
  controlBackfill,
  joinRunning,
  listBackfills,
} from "../../usecase/backfills.ts";
import type { PlanResult } from "../../usecase/plan.ts";
import { up } from "../../usecase/up.ts";
import { type Call, defineCommand } from "../command.ts";
import { flag } from "../options.ts";
import type { Output } from "../output.ts";
import { consentOf } from "./consent.ts";
import { planLines } from "./plan.ts";
import { backfillOptions, backfillSettings } from "./shared.ts";

const migrationArgument = {
  name: "id",
  description: "the migration (default: the one that is unfinished)",
  optional: true,
} as const;
const reached = { 5: "the database could not be reached" } as const;

const columns = ["migration", "step", "status", "rows", "of", "pass", "workers", "updated"];

function cellsOf(view: BackfillView): string[] {
  const { migration, step, status, processed, total, pass, workers, updatedAt } = view;
  const known = total === null ? "?" : `~${total}`;
  return [
    migration,
    String(step),
    status,
    String(processed),
    known,
    String(pass),
    String(workers),
    formatMoment(updatedAt),
  ];
}

export const backfillList = defineCommand({
  path: "backfill list",
  summary: "every backfill, with how far it is",
  options: {},
  examples: [{ command: "zanith backfill list", says: "running, paused, interrupted and finished ones" }],
  exitCodes: reached,
  readsOnly: true,
  async run({ output, workspace }) {
    show(output, await listBackfills(await workspace()));
    return exitCode.done;
  },
});

export const backfillStatus = defineCommand({
  path: "backfill status",
  summary: "how far a backfill is",
  args: [migrationArgument],
  options: {},
  examples: [{ command: "zanith backfill status", says: "the backfills that are not finished" }],
  exitCodes: reached,
  readsOnly: true,
  async run({ args, output, workspace }) {
    const [id] = args;
    const all = await listBackfills(await workspace());
    show(
      output,
      all.filter((one) => (id === undefined ? one.status !== "done" : one.migration === id)),
    );
    return exitCode.done;
  },
});

function show(output: Output, backfills: readonly BackfillView[]): void {
  if (output.json) output.result({ backfills });
  else if (backfills.length === 0) output.print([line(span("no backfill", "dim"))]);
  else output.print(renderTable({ columns, rows: backfills.map(cellsOf) }));
}

export const backfillPause = defineCommand({
  path: "backfill pause",
  summary: "let a running backfill stand still after its batch",
  args: [migrationArgument],
  options: {},
  examples: [{ command: "zanith backfill pause", says: "from another terminal; the runner waits" }],
  exitCodes: reached,
  run: (call) => control(call, "pause"),
});

export const backfillCancel = defineCommand({
  path: "backfill cancel",
  summary: "end a running backfill after its batch; the next up goes on with it",
  args: [migrationArgument],
  options: { forget: flag("--forget", "give up its checkpoint as well: the next up begins anew") },
  examples: [
    { command: "zanith backfill cancel", says: "the runner's step fails, with what was done kept" },
    { command: "zanith backfill cancel --forget", says: "after its expression was changed" },
  ],
  exitCodes: { ...reached, 6: "a runner is at work: --forget has to wait" },
  run: (call) => control(call, "cancel", call.options.forget === true),
});

async function control(call: Pick<Call, "args" | "output" | "workspace">, verb: "pause" | "cancel", forget = false) {
  const [migration] = call.args;
  const result = await controlBackfill(await call.workspace(), {
    verb,
    ...(migration === undefined ? {} : { migration }),
    ...(forget ? { forget } : {}),
  });
  tell(call.output, verb, result);
  return exitCode.done;
}

function tell(output: Output, verb: string, result: ControlResult): void {
  if (output.json) {
    output.result({ verb, ...result });
    return;
  }
  const words = { pause: "paused", cancel: result.forgotten ? "given up" : "cancelled", resume: "resumed" }[verb];
  const who = result.running ? "" : "; no runner is at work";
  output.print([
    line(outside(result.migration, "title"), ` step ${result.step} ${words} at ${result.processed} rows${who}`),
  ]);
}

export const backfillResume = defineCommand({
  path: "backfill resume",
  summary: "go on with a paused or unfinished backfill, or work along on a running one",
  details: [
    "With a runner at work it lets that one go on; with --workers this process works along until the backfill is done.",
    "Without one it is migrate up to the migration of the backfill.",
  ],
  args: [migrationArgument],
  options: { ...backfillOptions, yes: flag("--yes", "confirm without being asked") },
  examples: [
    { command: "zanith backfill resume", says: "what was paused goes on" },
    { command: "zanith backfill resume --workers 2", says: "two more sessions for the one that runs" },
  ],
  exitCodes: { ...reached, 3: "refused by a gate", 4: "a batch failed", 130: "stopped; it can be resumed" },
  streams: true,
  async run(call) {
    const { args, options, output, run } = call;
    const workspace = await call.workspace();
    const [id] = args;
    const found = await controlBackfill(workspace, { verb: "resume", ...(id === undefined ? {} : { migration: id }) });
    const settings = backfillSettings(options);
    const { migration } = found;
    if (found.running) {
      const joined =
        options.workers === undefined ? undefined : await joinRunning(workspace, { migration, settings }, run);
      if (output.json) output.event({ type: "result", verb: "resume", ...found, ...joined });
      else tell(output, "resume", { ...found, ...joined });
      return exitCode.done;
    }
    const confirm = consentOf<PlanResult>(
      call,
      () => workspace.connection().database,
      (plan) => ({ lines: planLines(plan, output, false), migrations: plan.migrations.length, verb: "apply" }),
    );
    const consent = { ...(options.yes ? { confirmed: true } : {}), ...(confirm === undefined ? {} : { confirm }) };
    const result = await up(workspace, { to: migration, backfill: settings, ...consent }, run);
    if (output.json)
      output.event({ type: "result", applied: result.applied, ...(result.refused ? { refused: result.refused } : {}) });
    else if (result.refused === undefined) output.print([line(span(`${migration} is applied`, "ok"))]);
    else
      output.complain([
        line(span(`refused by ${result.refused.gate.gate}: `, "bad"), outside(result.refused.gate.why)),
      ]);
    return result.refused === undefined ? exitCode.done : exitCode.refused;
  },
});
