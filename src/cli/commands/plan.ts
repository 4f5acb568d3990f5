/** `zanith migrate plan`: the pending migrations with their risk, locks, undo and gates. Changes nothing. */
import { type ExitCode, exitCode } from "../../base/errors.ts";
import { safeText } from "../../base/text.ts";
import { blank, type Line, line, outside, span } from "../../render/line.ts";
import { renderNotKnown } from "../../render/notes.ts";
import { renderMigrationPlan } from "../../render/plan.ts";
import type { GateName } from "../../risk/gates.ts";
import { stepSql } from "../../risk/plan.ts";
import { type PlanResult, plan as runPlan } from "../../usecase/plan.ts";
import { defineCommand } from "../command.ts";
import { flag } from "../options.ts";
import type { Output } from "../output.ts";
import { gateFlags, gateOptions, noteUnmodelled, rangeOptions, showScript } from "./shared.ts";

/** Gates that later stages of the spine pass; a plan is not refused for them. */
const laterGates: readonly GateName[] = ["verified", "confirm"];

export const plan = defineCommand({
  path: "migrate plan",
  summary: "pending migrations with risk, locks, undo and gates",
  details: ["Gates are judged as `up` would. Only verify and a confirmation pass the gates verified and confirm."],
  options: {
    ...gateOptions,
    ...rangeOptions,
    offline: flag("--offline", "judge by the files alone, without a database"),
    sql: flag("--sql", "the statements alone, as a script"),
    verbose: flag("--verbose", "every finding and every statement with its lock"),
  },
  examples: [
    { command: "zanith migrate plan", says: "what up would do, and whether the gates let it" },
    {
      command: "zanith migrate plan --fail-on drops_column_with_data,raw_sql --json",
      says: "a check for a pipeline: exit 3 when refused",
    },
    { command: "zanith migrate plan --offline --verbose", says: "review files where no database is in reach" },
  ],
  exitCodes: { 3: "a gate other than verified and confirm refuses", 5: "the database could not be reached" },
  readsOnly: true,
  async run({ options, output, run, workspace }) {
    const { steps, to, offline, sql, verbose } = options;
    const result = await runPlan(
      await workspace(),
      {
        ...gateFlags(options),
        ...(steps === undefined ? {} : { steps }),
        ...(to === undefined ? {} : { to }),
        ...(offline ? { offline } : {}),
      },
      run,
    );
    if (sql) showScript(output, planScript(result));
    else if (output.json) output.result(result);
    else {
      output.print(planLines(result, output, verbose === true));
      output.note(renderNotKnown(result.notKnown));
      noteUnmodelled(output, result.unmodelled);
    }
    return exitOf(result);
  },
});

/** A plan as lines, with the database it is for. */
export function planLines({ database, mode, migrations }: PlanResult, output: Output, verbose: boolean): Line[] {
  const where =
    database === undefined
      ? line(span("offline", "title"), span(`   ${mode}`, "dim"))
      : line(
          outside(database.name, "title"),
          outside(`  pg ${database.version}  role ${database.user}  ${mode}`, "dim"),
        );
  if (migrations.length === 0) return [where, line(span("nothing is pending", "ok"))];
  return [
    where,
    ...migrations.flatMap((migration) => [blank, ...renderMigrationPlan(migration, output.glyphs, { verbose })]),
  ];
}

function planScript({ migrations }: PlanResult): string {
  return migrations
    .flatMap(({ id, steps }) => [
      `-- ${id}`,
      ...steps.map((step) => `-- ${step.index} ${step.kind} ${safeText(step.object)}\n${stepSql(step)}`),
    ])
    .map((part) => `${part}\n`)
    .join("\n");
}

function exitOf({ migrations }: PlanResult): ExitCode {
  const refused = migrations.some(({ gates }) =>
    gates.some(({ gate, status }) => status === "failed" && !laterGates.includes(gate)),
  );
  return refused ? exitCode.refused : exitCode.done;
}
