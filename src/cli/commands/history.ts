/** `zanith migrate history`: the ledger as it reads. */
import { exitCode } from "../../base/errors.ts";
import { renderHistory } from "../../render/history.ts";
import { history as runHistory } from "../../usecase/history.ts";
import { defineCommand } from "../command.ts";
import { flag, moment, text } from "../options.ts";

export const history = defineCommand({
  path: "migrate history",
  summary: "applied migrations; every attempt at every step with --verbose",
  options: {
    verbose: flag("--verbose", "steps with risk, time and errors, and the size of each snapshot"),
    since: moment("--since <time>", "what was applied or tried since then: 7d, 12h, 2026-04-02"),
    id: text("--id <id>", "one migration"),
  },
  examples: [
    { command: "zanith migrate history --verbose --since 7d", says: "what happened this week, step by step" },
    {
      command: "zanith migrate history --id 20260402_103000_drop_legacy_code --verbose",
      says: "one migration, with every attempt",
    },
  ],
  exitCodes: { 5: "the database could not be reached" },
  readsOnly: true,
  async run({ options, output, run, workspace: open }) {
    const { verbose, since, id } = options;
    const workspace = await open();
    const result = await runHistory(
      workspace,
      {
        ...(since === undefined ? {} : { since: since.before(workspace.now()).toISOString() }),
        ...(id === undefined ? {} : { id }),
      },
      run,
    );
    if (output.json) output.result(result);
    else output.print(renderHistory(result.entries, output.glyphs, { verbose: verbose === true }));
    return exitCode.done;
  },
});
