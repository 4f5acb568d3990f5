/** `zanith migrate generate`: a migration file from the difference between the live and the declared schema. */

import { relative } from "node:path";
import { exitCode } from "../../base/errors.ts";
import { blank, line, outside, span } from "../../render/line.ts";
import { renderPlannedSteps } from "../../render/plan.ts";
import { generate as runGenerate } from "../../usecase/generate.ts";
import { type Call, defineCommand } from "../command.ts";
import { choice, flag, text } from "../options.ts";
import { askConfirm, canAsk } from "../prompts.ts";
import { noteRenames, renameOption } from "./shared.ts";

export const generate = defineCommand({
  path: "migrate generate",
  summary: "a migration file from the live to the declared schema",
  details: ["The same difference gives the same file, but for its id. Renames are asked about, never guessed."],
  options: {
    name: text("--name <words>", "what the migration is for; becomes part of its id"),
    from: text("--from <source>", "schema to start from (default: the live database)"),
    to: text("--to <source>", "schema to lead to (default: the configured one)"),
    dryRun: flag("--dry-run", "show the operations, write nothing"),
    renames: choice("--renames <how>", "whether to ask about likely renames", ["ask", "off"]),
    rename: renameOption,
  },
  examples: [
    { command: "zanith migrate generate --name 'add last login'", says: "from the live schema to the configured one" },
    {
      command: "zanith migrate generate --rename users.mail=users.email",
      says: "a column was renamed, not dropped and added",
    },
    {
      command: "zanith migrate generate --from empty --to schema.sql --dry-run",
      says: "all that a schema takes, written nowhere",
    },
  ],
  exitCodes: { 5: "the database could not be reached" },
  async run(call) {
    const { options, output, run, io, globals } = call;
    const workspace = await call.workspace();
    const { name, from, to, dryRun, renames, rename } = options;
    const result = await runGenerate(
      workspace,
      {
        ...(name === undefined ? {} : { name }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(dryRun ? { dryRun } : {}),
        ...(rename === undefined ? {} : { renames: rename }),
        ...(renames !== "off" && canAsk(io, globals) ? { askRename: (candidate) => askRename(call, candidate) } : {}),
      },
      run,
    );
    if (output.json) output.result({ ...result, dryRun: dryRun === true });
    else if (result.empty) output.print([line(span("no differences; nothing was written", "ok"))]);
    else {
      output.print([
        line(span(`${output.glyphs.marker} `, "accent"), outside(result.id, "title")),
        ...renderPlannedSteps(result.steps, output.glyphs),
        blank,
        ...(result.file === undefined
          ? [line(span("dry run: nothing was written", "warn"))]
          : [
              line("wrote ", outside(relative(io.cwd, result.file), "code")),
              line(span("next: ", "dim"), span("zanith migrate plan", "accent")),
            ]),
      ]);
      noteRenames(output, renames === "off" ? [] : result.candidates);
    }
    return exitCode.done;
  },
});

async function askRename({ io }: Call, candidate: { readonly old: string; readonly new: string }): Promise<boolean> {
  const asked = await askConfirm(
    io,
    `Was ${candidate.old} renamed to ${candidate.new}? No: it is dropped, its data with it`,
  );
  return "answer" in asked && asked.answer;
}
