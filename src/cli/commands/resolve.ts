/** `zanith migrate resolve`: the break-glass that tells the ledger what a person knows; shows first what speaks against it. */
import { exitCode } from "../../base/errors.ts";
import { plural } from "../../base/text.ts";
import { line, outside, span } from "../../render/line.ts";
import { renderResolve } from "../../render/resolve.ts";
import { type ResolvePlan, resolve as runResolve } from "../../usecase/resolve.ts";
import { defineCommand } from "../command.ts";
import { flag, usageError, wholeNumber } from "../options.ts";
import { askTyped, canAsk } from "../prompts.ts";

export const resolve = defineCommand({
  path: "migrate resolve",
  summary: "tell the ledger that a migration is applied or rolled back; runs nothing",
  details: [
    "For a database that was put right by hand. up finishes what a crash left by itself: try that first.",
    "The ledger gets a row a step that says who marked it. A snapshot of the live schema comes with --mark-applied.",
  ],
  args: [{ name: "id", description: "the migration" }],
  options: {
    markApplied: flag("--mark-applied", "its steps count as applied"),
    markRolledBack: flag("--mark-rolled-back", "its steps count as undone: it is pending again"),
    step: wholeNumber("--step <n>", "only this step: the migration stays pending, and up goes on", 0, 100_000),
    yes: flag("--yes", "confirm without being asked"),
    dryRun: flag("--dry-run", "show what would be recorded, change nothing"),
  },
  examples: [
    {
      command: "zanith migrate resolve 20260402_103000_drop_legacy_code --mark-applied --dry-run",
      says: "what the ledger and the catalog say of each step",
    },
    {
      command: "zanith migrate resolve 20260402_103000_drop_legacy_code --mark-rolled-back",
      says: "after its effects were taken back by hand",
    },
    {
      command: "zanith migrate resolve 20260402_103000_drop_legacy_code --step 3 --mark-applied",
      says: "where up stopped because it cannot tell whether step 3 took effect",
    },
  ],
  exitCodes: {
    3: "not confirmed",
    5: "the database could not be reached",
    6: "another runner holds the lock",
  },
  async run(call) {
    const { options, args, output, run, io, globals } = call;
    const { markApplied, markRolledBack, step, yes, dryRun } = options;
    if ((markApplied === true) === (markRolledBack === true)) {
      throw usageError(
        "resolve takes one of --mark-applied and --mark-rolled-back",
        undefined,
        "zanith migrate resolve --help",
      );
    }
    const workspace = await call.workspace();
    const show = (plan: ResolvePlan) => renderResolve(plan, output.glyphs);
    const confirm = async (plan: ResolvePlan): Promise<boolean> => {
      output.note(show(plan));
      const name = workspace.connection().database;
      const asked = await askTyped(io, `Type ${name} to mark ${plan.migration} in its ledger`, name);
      return "answer" in asked && asked.answer;
    };
    const { plan, recorded, refused } = await runResolve(
      workspace,
      {
        migration: args[0] ?? "",
        as: markApplied === true ? "applied" : "rolled_back",
        ...(step === undefined ? {} : { step }),
        ...(yes ? { confirmed: true } : {}),
        ...(dryRun ? { dryRun } : {}),
        ...(canAsk(io, globals) ? { confirm } : {}),
      },
      run,
    );
    if (output.json) {
      const steps = plan.steps.map(({ sql: _, ...step }) => step);
      output.result({ ...plan, steps, recorded, dryRun: dryRun === true, ...(refused ? { refused } : {}) });
    } else if (refused !== undefined) {
      output.complain([...show(plan), line("  ", outside(refused, "bad"))]);
    } else {
      output.print(show(plan));
      if (dryRun) output.print([line(span("dry run: nothing was recorded", "warn"))]);
      else if (!plan.settled) output.print([line(span(`${plural(recorded, "step")} recorded`, "ok"))]);
    }
    return refused === undefined ? exitCode.done : exitCode.refused;
  },
});
