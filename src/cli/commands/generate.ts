/** `zanith migrate generate`: a migration file from the difference between the live and the declared schema. */

import { relative } from "node:path";
import { exitCode } from "../../base/errors.ts";
import { commandLine } from "../../base/shell.ts";
import { dropModes } from "../../diff/keep-drops.ts";
import { blank, type Line, line, outside, span } from "../../render/line.ts";
import { renderPlannedSteps } from "../../render/plan.ts";
import { type GenerateResult, generate as runGenerate } from "../../usecase/generate.ts";
import { type Call, defineCommand } from "../command.ts";
import { choice, flag, repeated, text } from "../options.ts";
import { askConfirm, canAsk } from "../prompts.ts";
import { noteRenames, ownersOption, renameOption, scopeFlags, scopeOptions } from "./shared.ts";

export const generate = defineCommand({
  path: "migrate generate",
  summary: "a migration file from the live to the declared schema",
  details: [
    "The same difference gives the same file, but for its id. Renames are asked about, never guessed.",
    "What is dropped is archived unless --drops says otherwise: soft renames it out of the way, hard destroys it.",
  ],
  options: {
    name: text("--name <words>", "what the migration is for; becomes part of its id"),
    from: text("--from <source>", "schema to start from (default: the live database)"),
    to: text("--to <source>", "schema to lead to (default: the configured one)"),
    dryRun: flag("--dry-run", "show the operations, write nothing"),
    renames: choice("--renames <how>", "whether to ask about likely renames", ["ask", "off"]),
    rename: renameOption,
    ...scopeOptions,
    drops: choice("--drops <how>", "what becomes of what is dropped (default archive)", dropModes),
    owners: ownersOption,
    rebuild: repeated(
      "--rebuild <table>",
      "a table to copy into one with the declared types and order of columns, while it is in use",
      (name) => name !== "",
      "a table",
    ),
    expandContract: flag(
      "--expand-contract",
      "two migrations for a renamed column or a rewriting change of type: both forms work between them",
    ),
  },
  examples: [
    { command: "zanith migrate generate --name 'add last login'", says: "from the live schema to the configured one" },
    {
      command: "zanith migrate generate --rename users.mail=users.email",
      says: "a column was renamed, not dropped and added",
    },
    { command: "zanith migrate generate --drops hard", says: "drops that nothing brings back, for once on purpose" },
    {
      command: "zanith migrate generate --expand-contract --rename users.mail=users.email",
      says: "both names work from the first migration to the second",
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
    const { name, from, to, dryRun, renames, rename, drops, owners, expandContract, rebuild } = options;
    const result = await runGenerate(
      workspace,
      {
        ...(name === undefined ? {} : { name }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...scopeFlags(options),
        ...(dryRun ? { dryRun } : {}),
        ...(drops === undefined ? {} : { drops }),
        ...(rename === undefined ? {} : { renames: rename }),
        ...(owners ? { owners } : {}),
        ...(expandContract ? { expandContract } : {}),
        ...(rebuild === undefined ? {} : { rebuild }),
        ...(renames !== "off" && canAsk(io, globals) ? { askRename: (candidate) => askRename(call, candidate) } : {}),
      },
      run,
    );
    if (output.json) output.result({ ...result, dryRun: dryRun === true });
    else if (result.empty) output.print([line(span("no differences; nothing was written", "ok"))]);
    else {
      output.print(shown(call, [result, ...(result.contract === undefined ? [] : [result.contract])], dryRun ?? false));
      noteRenames(output, renames === "off" ? [] : result.candidates);
    }
    return exitCode.done;
  },
});

type Shown = Pick<GenerateResult, "id" | "steps" | "file">;

/** One migration or a pair of them, with where they were written and how to go on. */
function shown({ output, io }: Call, migrations: readonly Shown[], dryRun: boolean): Line[] {
  const [first, second] = migrations;
  const lines = migrations.flatMap(({ id, steps, file }) => [
    line(span(`${output.glyphs.marker} `, "accent"), outside(id, "title")),
    ...renderPlannedSteps(steps, output.glyphs),
    blank,
    ...(file === undefined ? [] : [line("wrote ", outside(relative(io.cwd, file), "code"))]),
  ]);
  if (dryRun) return [...lines, line(span("dry run: nothing was written", "warn"))];
  if (first === undefined || second === undefined)
    return [...lines, line(span("next: ", "dim"), span("zanith migrate plan", "accent"))];
  return [
    ...lines,
    line(
      span("next: ", "dim"),
      outside(commandLine`zanith migrate up --to ${first.id}`, "accent"),
      span("; then let the new version of the application take over", "dim"),
    ),
    line(span("      ", "dim"), span("zanith migrate up", "accent"), span(" when no old version runs any more", "dim")),
  ];
}

async function askRename({ io }: Call, candidate: { readonly old: string; readonly new: string }): Promise<boolean> {
  const asked = await askConfirm(
    io,
    `Was ${candidate.old} renamed to ${candidate.new}? No: one is dropped, the other is new`,
  );
  return "answer" in asked && asked.answer;
}
