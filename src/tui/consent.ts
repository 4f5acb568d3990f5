/** The questions that are answered by typing: they show what is consented to and name the text that means yes. */

import { riskTag } from "../render/steps.ts";
import type { GateName } from "../risk/gates.ts";
import type { PlannedMigration, PlanResult } from "../usecase/plan.ts";
import type { Dialog } from "./state.ts";
import type { UiLine } from "./text.ts";
import { ui } from "./widgets/panes.ts";

/** What has to be typed to consent to drops. */
const destroyWord = "destroy";

/** Steps that a question lists; the rest is counted. */
const listed = 12;

type Row = PlannedMigration["steps"][number];

function stepLines(steps: readonly Row[]): UiLine[] {
  const lines = steps
    .slice(0, listed)
    .map(
      ({ index, kind, object, level, score }): UiLine => [
        ui(`  ${index} ${kind}  `),
        ui(object.replaceAll("\n", " "), "code"),
        ui("  "),
        riskTag(level, score),
      ],
    );
  return steps.length > listed ? [...lines, [ui(`  and ${steps.length - listed} more`, "dim")]] : lines;
}

function openSteps(migrations: readonly PlannedMigration[]): Row[] {
  return migrations.flatMap(({ steps, applied }) => steps.filter(({ index }) => !applied.includes(index)));
}

/** Consent to a higher ceiling, or to drops, for this session. */
export function consentDialog(gate: GateName, migrations: readonly PlannedMigration[]): Dialog {
  const steps = openSteps(migrations);
  if (gate === "allow-destructive") {
    const drops = steps.filter(({ findings }) => findings.some(({ level }) => level === "destructive"));
    return {
      kind: "typed",
      purpose: "destructive",
      title: "Consent to what cannot be brought back",
      lines: [
        [ui("these steps destroy data or objects:")],
        ...stepLines(drops),
        [],
        [ui("the consent is for this session only", "dim")],
      ],
      expected: destroyWord,
      typed: "",
      top: 0,
    };
  }
  const maxRisk = steps.reduce((most, { score }) => Math.max(most, score), 0);
  return {
    kind: "typed",
    purpose: "ceiling",
    title: `Raise the ceiling to ${maxRisk}`,
    lines: [
      [ui("the steps with the highest score:")],
      ...stepLines(steps.filter(({ score }) => score === maxRisk)),
      [],
      [ui("the higher ceiling is for this session only", "dim")],
    ],
    expected: String(maxRisk),
    typed: "",
    top: 0,
    maxRisk,
  };
}

/** The last question before a run, about exactly the plan the run has made: the database's name. */
export function applyDialog(plan: PlanResult, database: string): Dialog {
  const steps = openSteps(plan.migrations);
  return {
    kind: "typed",
    purpose: "apply",
    title: `Apply ${plan.migrations.length} migration${plan.migrations.length === 1 ? "" : "s"} to ${database}?`,
    lines: [
      ...plan.migrations.map(({ id }): UiLine => [ui(`  ${id}`, "title")]),
      ...stepLines(steps),
      [],
      [ui(`${plan.mode}: all gates have passed but this one`, "dim")],
    ],
    expected: database,
    typed: "",
    top: 0,
  };
}
