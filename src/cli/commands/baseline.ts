/** `zanith migrate baseline`: takes the live schema as the starting point. */
import { exitCode } from "../../base/errors.ts";
import { line, outside, span } from "../../render/line.ts";
import { baseline as runBaseline } from "../../usecase/baseline.ts";
import { defineCommand } from "../command.ts";
import { noteUnmodelled } from "./shared.ts";

export const baseline = defineCommand({
  path: "migrate baseline",
  summary: "take the live schema as the starting point: a snapshot, nothing else",
  options: {},
  examples: [{ command: "zanith migrate baseline", says: "after a change that was made by hand and is meant to stay" }],
  exitCodes: { 5: "the database could not be reached", 6: "another runner holds the lock" },
  async run({ output, run, workspace }) {
    const result = await runBaseline(await workspace(), {}, run);
    if (output.json) output.result(result);
    else {
      const { migration, models, relations } = result;
      output.print([
        line(
          span(`${output.glyphs.applied} `, "ok"),
          outside(migration, "title"),
          span(`   baseline snapshot: ${models} model(s), ${relations} relation(s)`, "dim"),
        ),
      ]);
      noteUnmodelled(output, result.unmodelled);
    }
    return exitCode.done;
  },
});
