/** `zanith diff A B` and what it shares with `snapshot diff` and `drift`: a comparison in the form that was asked for. */
import { type ExitCode, exitCode } from "../../base/errors.ts";
import { graphSize } from "../../model/graph.ts";
import { renderDiff, renderDiffSummary } from "../../render/diff.ts";
import { schemaScript } from "../../snapshot/script.ts";
import { type DiffResult, diffSources } from "../../usecase/diff.ts";
import { type Call, defineCommand } from "../command.ts";
import { flag, type OptionValues } from "../options.ts";
import { diffDocument, noteRenames, noteUnmodelled, renameOption, showScript } from "./shared.ts";

export const diffOptions = {
  sql: flag("--sql", "a script that psql can run, online-safe statements and all"),
  summary: flag("--summary", "counts alone"),
  exitCode: flag("--exit-code", "exit 2 when there is a difference"),
  rename: renameOption,
};

/** Shows a comparison: text by default, or as --json, --sql or --summary ask. */
export function showDiff(call: Call, options: OptionValues<typeof diffOptions>, result: DiffResult): ExitCode {
  const { output } = call;
  const { before, after, changes, steps, candidates, unmodelled } = result;
  if (!output.json) noteUnmodelled(output, unmodelled.a, unmodelled.b);
  if (options.sql) showScript(output, steps.length === 0 ? "" : schemaScript(steps, []));
  else if (output.json) output.result(diffDocument(result));
  else {
    const sizes = { before: graphSize(before), after: graphSize(after) };
    output.print((options.summary ? renderDiffSummary : renderDiff)(changes, output.glyphs, sizes));
  }
  noteRenames(output, output.json ? [] : candidates);
  return options.exitCode && changes.length > 0 ? exitCode.difference : exitCode.done;
}

export const diff = defineCommand({
  path: "diff",
  summary: "what leads from one schema to another",
  details: [
    "A source is postgres://…, a .sql file or a folder of them, a .ts schema module, an exported .json graph,",
    "snapshot:<migration id>, or empty. Files of .json and .ts need no database; .sql is read by a throwaway one.",
  ],
  args: [
    { name: "A", description: "the schema to start from" },
    { name: "B", description: "the schema to lead to" },
  ],
  options: diffOptions,
  examples: [
    { command: "zanith diff before.json after.json", says: "two exported snapshots, without a database" },
    {
      command: "zanith diff postgres:///shop schema.sql --sql",
      says: "the script that brings a database to a declared schema",
    },
    {
      command: "zanith diff postgres://a/shop postgres://b/shop --exit-code",
      says: "exit 2 unless two databases are alike",
    },
  ],
  exitCodes: { 2: "a difference was found, with --exit-code", 5: "a database could not be reached" },
  async run(call) {
    const [a = "", b = ""] = call.args;
    const renames = call.options.rename;
    const workspace = await call.workspace();
    const result = await diffSources(workspace, { a, b, ...(renames ? { renames } : {}) }, call.run);
    return showDiff(call, call.options, result);
  },
});
