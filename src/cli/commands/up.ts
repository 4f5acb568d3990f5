/** `zanith migrate up`: applies pending migrations, with progress, a typed confirmation and a refusal that says what to do. */
import { exitCode } from "../../base/errors.ts";
import { renderHeld } from "../../render/held.ts";
import { line, span } from "../../render/line.ts";
import { renderRefusal } from "../../render/refusal.ts";
import type { Emit } from "../../run/events.ts";
import type { PlanResult } from "../../usecase/plan.ts";
import { up as runUp, type UpInput, type UpResult } from "../../usecase/up.ts";
import { defineCommand } from "../command.ts";
import type { Output } from "../output.ts";
import { countPhrase } from "../progress.ts";
import { consentOf } from "./consent.ts";
import { fleetOptions, runFleet } from "./fleet.ts";
import { planLines } from "./plan.ts";
import {
  backfillOptions,
  backfillSettings,
  blockerOptions,
  gateFlags,
  gateOptions,
  rangeOptions,
  runOptions,
} from "./shared.ts";

export const up = defineCommand({
  path: "migrate up",
  summary: "apply pending migrations, finishing first what an earlier run left",
  details: [
    "One runner at a time; a step and its audit row commit together. All seven gates must pass; a refusal is recorded.",
    "The contract of an expand-contract pair is left for a later run than its expand: a second up says that no old version of",
    "the application runs any more. --to names it to have both at once.",
    "Ctrl-C stops after the current statement, a second one cancels it; the next up goes on from there.",
  ],
  options: { ...rangeOptions, ...gateOptions, ...runOptions, ...blockerOptions, ...backfillOptions, ...fleetOptions },
  examples: [
    {
      command: "zanith migrate up",
      says: "everything pending; the database's name has to be typed where the mode asks",
    },
    { command: "zanith migrate up --yes --json", says: "unattended: one event per line, the result last" },
    { command: "zanith migrate up --steps 1 --lock-timeout 2s", says: "one migration, with short waits for locks" },
    { command: "zanith migrate up --targets fleet.txt --yes", says: "many databases: one first, then four at a time" },
  ],
  exitCodes: {
    3: "refused by a gate, or the files do not match the ledger",
    4: "a step failed; the next up goes on at that step",
    5: "the database could not be reached",
    6: "another runner holds the lock",
    130: "stopped; the next up goes on from there",
  },
  streams: true,
  async run(call) {
    const { options, output, run } = call;
    const { steps, to, yes, lockTimeout, dryRun, cancelBlockersAfter } = options;
    const workspace = await call.workspace();
    const confirm = consentOf<PlanResult>(
      call,
      () => workspace.connection().database,
      (plan) => ({ lines: planLines(plan, output, false), migrations: plan.migrations.length, verb: "apply" }),
    );
    const finished = new Map<string, number[]>();
    const emit: Emit = (event) => {
      if (event.type === "step.finished")
        finished.set(event.migration, [...(finished.get(event.migration) ?? []), event.step]);
      run.emit(event);
    };
    const input: UpInput = {
      ...gateFlags(options),
      backfill: backfillSettings(options),
      ...(steps === undefined ? {} : { steps }),
      ...(to === undefined ? {} : { to }),
      ...(yes ? { confirmed: true } : {}),
      ...(dryRun ? { dryRun } : {}),
      ...(lockTimeout === undefined ? {} : { lockTimeoutMs: lockTimeout }),
      ...(cancelBlockersAfter === undefined ? {} : { cancelBlockersAfterMs: cancelBlockersAfter }),
    };
    if (options.targets !== undefined) return runFleet(call, options, input);
    const asking = confirm === undefined ? input : { ...input, confirm };
    const result = await runUp(workspace, asking, { ...run, emit });
    show(result, output, finished);
    return result.refused === undefined ? exitCode.done : exitCode.refused;
  },
});

function show(result: UpResult, output: Output, finished: ReadonlyMap<string, readonly number[]>): void {
  const { plan, applied, refused, dryRun } = result;
  const held = plan.held === undefined ? [] : renderHeld(plan.held);
  if (output.json) {
    output.event({
      type: "result",
      dryRun,
      applied,
      ...(refused ? { refused } : {}),
      ...(plan.held ? { held: plan.held } : {}),
      ...(dryRun ? { plan } : {}),
    });
  } else if (dryRun) {
    output.print([...planLines(plan, output, false), ...held, line(span("dry run: nothing was changed", "warn"))]);
  } else if (refused !== undefined) {
    const before = plan.migrations.find(({ id }) => id === refused.migration)?.applied ?? [];
    const done = [...before, ...(finished.get(refused.migration) ?? [])];
    output.complain(renderRefusal({ ...refused, applied: done, command: "zanith migrate up" }));
  } else if (applied.length === 0) output.print([line(span("nothing is pending", "ok"))]);
  else output.print([line(span(countPhrase(applied.length, "applied"), "ok")), ...held]);
}
