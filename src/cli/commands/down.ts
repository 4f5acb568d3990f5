/** `zanith migrate down`: undoes applied migrations, newest first, and says beforehand what does not come back. */
import { exitCode } from "../../base/errors.ts";
import { plural } from "../../base/text.ts";
import { type Line, line, outside, span } from "../../render/line.ts";
import { renderMigrationPlan } from "../../render/plan.ts";
import { renderRefusal } from "../../render/refusal.ts";
import { type DownPlan, type DownResult, down as runDown } from "../../usecase/down.ts";
import { defineCommand } from "../command.ts";
import { text, wholeNumber } from "../options.ts";
import type { Output } from "../output.ts";
import { countPhrase } from "../progress.ts";
import { consentOf } from "./consent.ts";
import { blockerOptions, gateFlags, gateOptions, runOptions } from "./shared.ts";

export const down = defineCommand({
  path: "migrate down",
  summary: "undo applied migrations, newest first",
  details: ["Refused before anything is changed when a step has no way back. What a way back loses is said first."],
  options: {
    steps: wholeNumber("--steps <n>", "how many migrations (default 1)", 1, 100_000),
    to: text("--to <id>", "undo everything after this migration, which stays"),
    ...gateOptions,
    ...runOptions,
    ...blockerOptions,
  },
  examples: [
    { command: "zanith migrate down", says: "undo the newest migration" },
    {
      command: "zanith migrate down --to 20260402_103000_drop_legacy_code --dry-run",
      says: "what would be undone after that one",
    },
  ],
  exitCodes: {
    3: "refused by a gate, or a step has no way back",
    4: "a step failed",
    5: "the database could not be reached",
    6: "another runner holds the lock",
    130: "stopped; run it again to go on",
  },
  streams: true,
  async run(call) {
    const { options, output, run } = call;
    const { steps, to, yes, lockTimeout, dryRun, cancelBlockersAfter } = options;
    const workspace = await call.workspace();
    const confirm = consentOf<DownPlan>(
      call,
      () => workspace.connection().database,
      (plan) => ({ lines: downLines(plan, output), migrations: plan.migrations.length, verb: "undo" }),
    );
    const result = await runDown(
      workspace,
      {
        ...gateFlags(options),
        ...(steps === undefined ? {} : { steps }),
        ...(to === undefined ? {} : { to }),
        ...(yes ? { confirmed: true } : {}),
        ...(dryRun ? { dryRun } : {}),
        ...(lockTimeout === undefined ? {} : { lockTimeoutMs: lockTimeout }),
        ...(cancelBlockersAfter === undefined ? {} : { cancelBlockersAfterMs: cancelBlockersAfter }),
        ...(confirm === undefined ? {} : { confirm }),
      },
      run,
    );
    show(result, output);
    return result.refused === undefined ? exitCode.done : exitCode.refused;
  },
});

function show({ plan, undone, refused, dryRun }: DownResult, output: Output): void {
  if (output.json) {
    output.event({
      type: "result",
      dryRun,
      undone,
      ...(refused ? { refused } : {}),
      ...(dryRun ? { plan } : {}),
    });
  } else if (dryRun) output.print([...downLines(plan, output), line(span("dry run: nothing was changed", "warn"))]);
  else if (refused?.gate !== undefined) {
    output.complain(
      renderRefusal({ migration: refused.migration, gate: refused.gate, applied: [], command: "zanith migrate down" }),
    );
  } else if (refused !== undefined) {
    output.complain([
      line(outside(`${refused.migration} cannot be undone`, "bad")),
      ...irreversibleLines(refused.irreversible),
      line("  ", span("nothing was changed", "dim")),
      line(
        "  ",
        outside(
          refused.irreversible.find(({ next }) => next !== undefined)?.next ??
            "make the way back in a migration of its own: zanith migrate generate",
          "accent",
        ),
      ),
    ]);
  } else if (undone.length === 0) output.print([line(span("nothing to undo", "ok"))]);
  else output.print([line(span(countPhrase(undone.length, "undone"), "ok"))]);
}

function irreversibleLines(steps: DownPlan["migrations"][number]["irreversible"]): Line[] {
  return steps.map(({ index, kind, object, why }) => line("  ", outside(`step ${index} ${kind} ${object}: ${why}`)));
}

function downLines({ migrations }: DownPlan, output: Output): Line[] {
  if (migrations.length === 0) return [line(span("nothing to undo", "ok"))];
  return migrations.flatMap((migration) => [
    ...renderMigrationPlan(migration, output.glyphs),
    ...(migration.irreversible.length === 0
      ? []
      : [
          line("  ", span(`${plural(migration.irreversible.length, "step")} without a way back:`, "bad")),
          ...irreversibleLines(migration.irreversible),
        ]),
    ...migration.losses.map(({ index, loses }) =>
      line("  ", span("does not come back: ", "warn"), outside(`step ${index}: ${loses}`)),
    ),
    ...migration.there.map(({ index, object }) =>
      line("  ", span("there already: ", "ok"), outside(`step ${index}: ${object}`)),
    ),
  ]);
}
