/** `zanith recover restore-table | restore-column`: brings back what was set aside, and says first what cannot come back. */
import { exitCode } from "../../base/errors.ts";
import { commandLine } from "../../base/shell.ts";
import { type Line, line, outside, span } from "../../render/line.ts";
import { renderPlannedSteps } from "../../render/plan.ts";
import { idsMeant } from "../../usecase/recover/artifacts.ts";
import { type RestorePlanned, type RestoreResult, restore } from "../../usecase/recover/restore.ts";
import { type Call, defineCommand } from "../command.ts";
import { flag, text } from "../options.ts";
import type { Output } from "../output.ts";
import { askTyped, canAsk } from "../prompts.ts";
import { artifactArgument } from "./recover.ts";
import { runOptions } from "./shared.ts";

const exitCodes = {
  3: "refused: the archive was changed, something is in the way, or nobody confirmed",
  4: "a step failed; the same command goes on from there",
  5: "the database could not be reached",
  6: "another runner holds the lock",
  130: "stopped; the same command goes on from there",
} as const;

const common = {
  as: text("--as <name>", "come back under another name"),
  partial: flag("--partial", "go on although some of what hung on it cannot come back"),
  ...runOptions,
};

const details = [
  "The checksum is compared before anything is written. What hung on it (keys, indexes, foreign keys both ways, policies,",
  "comments) is made again. It is recorded as a migration of its own; a second restore changes nothing.",
];

export const restoreTable = defineCommand({
  path: "recover restore-table",
  summary: "bring back a table that was archived or renamed out of the way",
  details,
  args: [artifactArgument],
  options: common,
  examples: [
    { command: "zanith recover restore-table sessions", says: "the table as it was, with all that hung on it" },
    { command: "zanith recover restore-table sessions --as old_sessions", says: "beside a new table of that name" },
  ],
  exitCodes,
  streams: true,
  run: (call) => run(call as unknown as RestoreCall, "table"),
});

export const restoreColumn = defineCommand({
  path: "recover restore-column",
  summary: "bring back a column that was archived or renamed out of the way",
  details: [...details, "Rows that came since get the default; without one they stay empty."],
  args: [artifactArgument],
  options: { ...common, nullable: flag("--nullable", "leave it nullable: rows came since that have no value for it") },
  examples: [
    { command: "zanith recover restore-column users.legacy_code", says: "each value to its row, by primary key" },
    { command: "zanith recover restore-column users.legacy_code --dry-run", says: "the steps, and what is in the way" },
  ],
  exitCodes,
  streams: true,
  run: (call) => run(call as unknown as RestoreCall, "column"),
});

/** What a use case says of a plan that nobody agreed to. */
const unconfirmed = "nobody confirmed it";

type RestoreCall = Call<typeof common & { readonly nullable: ReturnType<typeof flag> }>;

async function run(call: RestoreCall, wanted: "table" | "column") {
  const { args, options, output, io, globals } = call;
  const [what = ""] = args;
  const { as, partial, nullable, dryRun, yes, lockTimeout } = options;
  const workspace = await call.workspace();
  const confirm = async (planned: RestorePlanned): Promise<boolean> => {
    output.note(planLines(planned, output));
    const name = workspace.connection().database;
    const asked = await askTyped(io, `Type ${name} to restore it`, name);
    return "answer" in asked && asked.answer;
  };
  // By the id of a migration all that it left is meant; each is restored by a migration of its own.
  const meant = as === undefined ? await idsMeant(workspace, what, wanted) : [what];
  for (const one of meant) {
    const result = await restore(
      workspace,
      {
        what: one,
        wanted,
        ...(as === undefined ? {} : { as }),
        ...(partial ? { partial } : {}),
        ...(nullable ? { nullable } : {}),
        ...(dryRun ? { dryRun } : {}),
        ...(yes ? { confirmed: true } : {}),
        ...(lockTimeout === undefined ? {} : { lockTimeoutMs: lockTimeout }),
        ...(canAsk(io, globals) ? { confirm } : {}),
      },
      call.run,
    );
    const again = [
      commandLine`zanith recover restore-${wanted} ${meant.length === 1 ? what : one}`,
      ...(as === undefined ? [] : [commandLine`--as ${as}`]),
      ...(partial ? ["--partial"] : []),
      ...(nullable ? ["--nullable"] : []),
    ].join(" ");
    show(result, output, again);
    if (result.status === "refused") return exitCode.refused;
  }
  return exitCode.done;
}

function show(result: RestoreResult, output: Output, again: string): void {
  if (output.json) {
    const { recoverySql: _, ...artifact } = result.artifact;
    output.event({ type: "result", ...result, artifact });
    return;
  }
  switch (result.status) {
    case "nothing to do":
      output.print([
        line(outside(result.artifact.id, "title"), span(" is restored already; nothing was changed", "ok")),
      ]);
      return;
    case "refused":
      output.complain([
        ...(result.blocked.length > 0 ? [] : planLines({ ...result, lost: [] }, output)),
        line(outside(result.artifact.id, "bad"), span(` was not restored: ${result.why}`)),
        ...reasonLines(result),
        line("  ", span("nothing was changed", "dim")),
        line("  ", outside(wayOut(result, again), "accent")),
      ]);
      return;
    case "planned":
      output.print([
        ...planLines(result, output),
        line(span("dry run: nothing was changed", "warn")),
        line(span("next: ", "dim"), outside(again, "accent")),
      ]);
      return;
    case "restored":
      output.print([
        ...reasonLines(result),
        line(outside(result.artifact.id, "title"), span(" is restored", "ok")),
        line(
          span("next: ", "dim"),
          span("put it back in the declared schema, or the next generate drops it again", "dim"),
        ),
      ]);
  }
}

function planLines(planned: RestorePlanned, output: Output): Line[] {
  return [
    line(span(`${output.glyphs.marker} `, "accent"), outside(planned.id, "title")),
    ...renderPlannedSteps(planned.steps, output.glyphs),
    ...reasonLines(planned),
  ];
}

function reasonLines({ blocked, lost }: RestorePlanned): Line[] {
  return [
    ...blocked.map(({ object, why }) => line("  ", span("in the way: ", "bad"), outside(`${object}: ${why}`))),
    ...lost.map(({ object, why }) => line("  ", span("does not come back: ", "warn"), outside(`${object}: ${why}`))),
  ];
}

/** `again` is the command as it was given. */
function wayOut({ blocked, lost, why }: RestorePlanned & { readonly why?: string }, again: string): string {
  if (blocked.length > 0) return `rename or drop what is in the way, or bring it back beside it: ${again} --as NEWNAME`;
  return lost.length > 0 && why !== unconfirmed ? `the rest comes back with: ${again} --partial` : `${again} --yes`;
}
