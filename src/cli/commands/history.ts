/** `zanith migrate history`: the ledger as it reads. */
import { exitCode } from "../../base/errors.ts";
import { renderDiff } from "../../render/diff.ts";
import { renderArtifacts, renderHistory } from "../../render/history.ts";
import { blank } from "../../render/line.ts";
import { history as runHistory } from "../../usecase/history.ts";
import { defineCommand } from "../command.ts";
import { flag, moment, text } from "../options.ts";
import { diffDocument } from "./shared.ts";

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
      says: "one migration: every attempt, what it changed, what it left to go back by",
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
    const { effect, ...about } = result;
    if (output.json) {
      const diff = effect?.diff === undefined ? {} : { diff: diffDocument(effect.diff) };
      output.result(effect === undefined ? about : { ...about, artifacts: effect.artifacts, ...diff });
      return exitCode.done;
    }
    output.print(renderHistory(result.entries, output.glyphs, { verbose: verbose === true }));
    if (effect === undefined) return exitCode.done;
    if (effect.artifacts.length > 0) output.print([blank, ...renderArtifacts(effect.artifacts)]);
    if (effect.diff !== undefined) output.print([blank, ...renderDiff(effect.diff.changes, output.glyphs)]);
    return exitCode.done;
  },
});
