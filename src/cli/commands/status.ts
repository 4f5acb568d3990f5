/** `zanith migrate status`: what is applied, pending, unfinished or out of step. */
import { exitCode } from "../../base/errors.ts";
import { renderStatus } from "../../render/status.ts";
import { status as runStatus } from "../../usecase/status.ts";
import { defineCommand } from "../command.ts";
import { flag } from "../options.ts";
import { noteUnmodelled } from "./shared.ts";

export const status = defineCommand({
  path: "migrate status",
  summary: "what is applied, pending, unfinished, or does not fit together",
  options: { verbose: flag("--verbose", "every applied migration and every difference") },
  examples: [
    { command: "zanith migrate status", says: "where this database stands, and the next command" },
    { command: "zanith migrate status --json", says: "the same as data" },
  ],
  exitCodes: { 5: "the database could not be reached" },
  readsOnly: true,
  async run({ options, output, run, workspace }) {
    const result = await runStatus(await workspace(), {}, run);
    if (output.json) output.result(result);
    else {
      output.print(renderStatus(result, output.glyphs, { verbose: options.verbose === true }));
      noteUnmodelled(output, result.unmodelled);
    }
    return exitCode.done;
  },
});
