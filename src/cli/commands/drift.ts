/** `zanith drift`: the live schema against its last snapshot, or against any source. */
import { exitCode } from "../../base/errors.ts";
import { line, outside, span } from "../../render/line.ts";
import { drift as findDrift } from "../../usecase/drift.ts";
import { defineCommand } from "../command.ts";
import { text } from "../options.ts";
import { diffOptions, showDiff } from "./diff.ts";
import { diffDocument, scopeFlags, scopeOptions } from "./shared.ts";

const { sql, summary } = diffOptions;

export const drift = defineCommand({
  path: "drift",
  summary: "the live schema against its last snapshot",
  details: ["Reads from what the schema should be to what it is. Exit 2 when they differ."],
  options: {
    against: text("--against <source>", "compare with this source instead of the last snapshot"),
    sql,
    summary,
    ...scopeOptions,
  },
  examples: [
    { command: "zanith drift", says: "what was changed behind the tool's back" },
    { command: "zanith drift --against schema.sql", says: "the live schema against the declared one" },
  ],
  exitCodes: { 2: "the live schema differs", 5: "the database could not be reached" },
  async run(call) {
    const { options, output } = call;
    const { against } = options;
    const result = await findDrift(
      await call.workspace(),
      { ...(against === undefined ? {} : { against }), ...scopeFlags(options) },
      call.run,
    );
    const differs = result.diff.changes.length > 0;
    if (output.json && !options.sql)
      output.result({ against: result.against, drift: differs, ...diffDocument(result.diff) });
    else {
      if (!output.json) output.note([line(span("compared with ", "dim"), outside(result.against))]);
      showDiff(call, options, result.diff, { before: result.against, after: "live" });
    }
    return differs ? exitCode.difference : exitCode.done;
  },
});
