/** `zanith diff A B` and what it shares with `snapshot diff` and `drift`: a comparison in the form that was asked for. */
import { type ExitCode, exitCode } from "../../base/errors.ts";
import { graphSize } from "../../model/lined-graph.ts";
import { renderDiff, renderDiffSummary } from "../../render/diff.ts";
import { renderPlannedSteps } from "../../render/plan.ts";
import { type Comparison, compare } from "../../snapshot/compared.ts";
import { htmlPage, type PageTitle } from "../../snapshot/html.ts";
import { schemaScript } from "../../snapshot/script.ts";
import { markdownView, sideBySideView, unifiedView } from "../../snapshot/views.ts";
import { type DiffResult, diffSources } from "../../usecase/diff.ts";
import { type Call, defineCommand } from "../command.ts";
import { flag, type OptionValues, usageError } from "../options.ts";
import {
  diffDocument,
  noteRenames,
  noteUnmodelled,
  ownersOption,
  renameOption,
  scopeFlags,
  scopeOptions,
  showScript,
} from "./shared.ts";

export const diffOptions = {
  summary: flag("--summary", "counts alone"),
  ops: flag("--ops", "the operations that lead from A to B, with risk and undo"),
  sql: flag("--sql", "a script that psql can run, online-safe statements and all"),
  unified: flag("--unified", "a unified diff of the schemas as text"),
  sideBySide: flag("--side-by-side", "both schemas as text, in two columns"),
  markdown: flag("--markdown", "for a review: a table and folded diffs"),
  html: flag("--html", "one page with search, for a browser; needs no network"),
  exitCode: flag("--exit-code", "exit 2 when there is a difference"),
  rename: renameOption,
  ...scopeOptions,
};

const views = ["summary", "ops", "sql", "unified", "sideBySide", "markdown", "html"] as const;

/** Shows a comparison: grouped by model, or in the one form that was asked for. */
export function showDiff(
  call: Call,
  options: OptionValues<typeof diffOptions>,
  result: DiffResult,
  title: PageTitle,
): ExitCode {
  const { output, io } = call;
  const { before, after, changes, apart, candidates, unmodelled } = result;
  const asked = views.filter((view) => options[view]);
  if (asked.length > 1 || (output.json && asked.length > 0 && asked[0] !== "sql")) {
    throw usageError("one form of output at a time", "--json and the views exclude each other");
  }
  if (!output.json) noteUnmodelled(output, unmodelled.a, unmodelled.b);
  const sizes = { before: graphSize(before), after: graphSize(after) };
  const comparison = (): Comparison => compare(before, after, changes);
  if (output.json && asked.length === 0) output.result(diffDocument(result));
  else {
    switch (asked[0]) {
      case undefined:
        output.print(renderDiff(apart.changes, output.glyphs, { sizes, renamed: apart.renamed }));
        break;
      case "summary":
        output.print(renderDiffSummary(apart.changes, output.glyphs, { sizes, renamed: apart.renamed }));
        break;
      case "ops":
        output.print(renderPlannedSteps(result.steps(), output.glyphs));
        break;
      case "sql":
        showScript(output, changes.length === 0 ? "" : schemaScript(result.steps(), []));
        break;
      case "unified":
        output.print(unifiedView(comparison()));
        break;
      case "sideBySide":
        output.print(sideBySideView(comparison(), output.glyphs, io.stdout.columns ?? 160));
        break;
      case "markdown":
        output.document(markdownView(comparison()));
        break;
      case "html":
        output.document(htmlPage(comparison(), title));
        break;
    }
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
  options: { ...diffOptions, owners: ownersOption },
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
    const { rename: renames, owners } = call.options;
    const workspace = await call.workspace();
    const result = await diffSources(
      workspace,
      { a, b, ...(renames ? { renames } : {}), ...(owners ? { owners } : {}), ...scopeFlags(call.options) },
      call.run,
    );
    return showDiff(call, call.options, result, { before: a, after: b });
  },
});
