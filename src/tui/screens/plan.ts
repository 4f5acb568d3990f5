/** Plan: the operations in order with their risk; beside them what the one under the cursor does; below the seven gates. */

import { plural } from "../../base/text.ts";
import { renderDiff } from "../../render/diff.ts";
import { roleOfLevel } from "../../render/steps.ts";
import type { GateResult } from "../../risk/gates.ts";
import { describeRows } from "../../risk/gates.ts";
import type { PlannedStep } from "../../risk/plan.ts";
import { withoutSecrets } from "../../sql/secrets.ts";
import type { Statement } from "../../sql/statement.ts";
import type { PlannedMigration } from "../../usecase/plan.ts";
import { cursorOf, type PlanRow, planRows, selectedGate, selectedMigration, selectedPlanRow } from "../lists.ts";
import { known, type State } from "../state.ts";
import { type StepEffect, stepKey } from "../step-effects.ts";
import { fit, selectedLine, type UiLine, wrapAll } from "../text.ts";
import { listLines } from "../widgets/list.ts";
import { type Area, beside, rule, scrolled, ui } from "../widgets/panes.ts";
import { type Look, leftWidth, notThere, riskWord } from "./screen.ts";

/** The plan screen. */
export function planView(state: State, area: Area, look: Look): UiLine[] {
  const missing = notThere(state.readings.plan, "the plan", area, look);
  if (missing !== undefined) return missing;
  const rows = planRows(state);
  if (rows.length === 0) {
    return [[], [ui("  nothing is pending: the ledger holds every migration of the folder", "ok")]];
  }
  const migration = selectedMigration(state);
  const gates = migration === undefined ? [] : gateLines(state, migration.gates, area, look);
  const height = Math.max(3, area.height - gates.length);
  const left = leftWidth(area, 0.56);
  const list = listLines({
    length: rows.length,
    cursor: cursorOf(state, "plan", rows.length),
    width: left,
    height,
    chrome: look.chrome,
    isFocused: !state.isGatesFocused,
    row: (at) => planLine(rows[at] as PlanRow, left, look),
  });
  const right = area.width - left - 3;
  const details = wrapAll(detailLines(state, look), right, look.chrome);
  return [
    ...beside(list, scrolled(details, state.detailTop, height), { width: area.width, height }, left, look.chrome),
    ...gates,
  ];
}

function planLine(row: PlanRow, width: number, { glyphs, chrome }: Look): UiLine {
  if (row.type === "migration") {
    const { id, steps, worst } = row.migration;
    const risk = riskWord(worst, width);
    const name = [ui(`${glyphs.marker} `, "accent"), ui(id, "title"), ui(`  ${plural(steps.length, "step")}`, "dim")];
    return [...fit(name, Math.max(10, width - risk.length - 1), chrome), ui(" "), ui(risk, roleOfLevel(worst.level))];
  }
  const { step, done } = row;
  const score = riskWord(step, width);
  const name: UiLine = fit(
    [
      ui(done ? ` ${glyphs.applied}` : "  ", "ok"),
      ui(` ${String(step.index).padStart(2)} `, "dim"),
      ui(`${step.kind.padEnd(15)} `),
      ui(step.object.replaceAll("\n", " "), "code"),
    ],
    Math.max(10, width - score.length - 1),
    chrome,
  );
  return [...name, ui(" "), ui(score, roleOfLevel(step.level))];
}

function detailLines(state: State, look: Look): UiLine[] {
  const gate = selectedGate(state);
  if (gate !== undefined) return gateDetail(gate, look);
  const row = selectedPlanRow(state);
  if (row === undefined) return [];
  return row.type === "step"
    ? stepDetail(state, row.migration.id, row.step, look)
    : migrationDetail(state, row.migration, look);
}

/** What a step does: risk and reasons, before and after, who depends on it, SQL with locks, probes, undo. */
function stepDetail(state: State, migration: string, step: PlannedStep, look: Look): UiLine[] {
  const { glyphs } = look;
  const lines: UiLine[] = [
    [ui(step.kind, "title"), ui("  "), ui(step.object.replaceAll("\n", " "), "code")],
    [ui(`${step.level} ${step.score}`, roleOfLevel(step.level)), ui(`   ${reasonsOf(step)}`, "dim")],
    [],
    ...step.findings.map(({ level, message }): UiLine => [ui(`${glyphs.marker} `, roleOfLevel(level)), ui(message)]),
    ...effectLines(known(state.readings.effects)?.get(stepKey(migration, step.index)), look),
    [],
  ];
  let number = 1;
  for (const { mode, statements } of step.segments) {
    if (mode === "transaction" && statements.length > 1) lines.push([ui("in one transaction:", "dim")]);
    for (const statement of statements) lines.push(...statementLines(number++, statement));
  }
  lines.push([], undoLine(step));
  if (step.undo.possible && step.undo.loses !== undefined) {
    lines.push([ui("undo loses ", "dim"), ui(step.undo.loses, "warn")]);
  }
  const asks = step.probes.map((probe): UiLine => [ui(`  ${probe.name}: `, "dim"), ui(probe.question)]);
  return asks.length === 0 ? lines : [...lines, [], [ui("asked of the live rows before it runs", "dim")], ...asks];
}

/** Dependents that are named; the rest is counted. */
const namedDependents = 6;

function effectLines(effect: StepEffect | undefined, { glyphs }: Look): UiLine[] {
  if (effect === undefined) return [];
  const { changes, dependents } = effect;
  // A new table repeats what the statement below says.
  const isPlainCreation = changes.every(({ type }) => type === "create");
  const lines: UiLine[] = changes.length === 0 || isPlainCreation ? [] : [[], ...renderDiff(changes, glyphs)];
  if (dependents.length === 0) return lines;
  const rest = dependents.length - namedDependents;
  return [
    ...lines,
    [],
    [ui(dependents.length === 1 ? "1 object refers to it:" : `${dependents.length} objects refer to it:`, "warn")],
    ...dependents.slice(0, namedDependents).map((name): UiLine => [ui(`  ${name}`)]),
    ...(rest > 0 ? [[ui(`  and ${rest} more`, "dim")]] : []),
  ];
}

function reasonsOf({ findings }: PlannedStep): string {
  return [...new Set(findings.flatMap(({ reason }) => (reason === undefined ? [] : [reason])))].join(", ");
}

function statementLines(number: number, { sql, lock, on, duration }: Statement): UiLine[] {
  const held = lock === "none" ? "no lock" : `${lock}${on.length > 0 ? ` on ${on.join(", ")}` : ""}, ${duration}`;
  const text = `${withoutSecrets(sql)};`.split("\n");
  return [
    ...text.map((content, at): UiLine => [ui(at === 0 ? `${number} ` : "  ", "dim"), ui(content, "sql")]),
    [ui("  "), ui(held, lock === "access exclusive" || duration === "rewrite" ? "warn" : "dim")],
  ];
}

function undoLine({ undo }: PlannedStep): UiLine {
  if (!undo.possible) return [ui("no undo: ", "warn"), ui(undo.why)];
  return [ui("undo: ", "dim"), ui(undo.kinds.length === 0 ? "nothing to do" : [...new Set(undo.kinds)].join(", "))];
}

function migrationDetail(state: State, migration: PlannedMigration, { glyphs }: Look): UiLine[] {
  const plan = known(state.readings.plan);
  const byLevel = new Map<string, number>();
  for (const { level } of migration.steps) byLevel.set(level, (byLevel.get(level) ?? 0) + 1);
  const lines: UiLine[] = [
    [ui(migration.id, "title")],
    [ui(`${plural(migration.steps.length, "step")}, ${migration.applied.length} applied`)],
    [],
    ...[...byLevel].map(
      ([level, count]): UiLine => [ui(`${String(count).padStart(3)}  `), ui(level, roleOfLevel(level))],
    ),
  ];
  const notKnown = plan?.notKnown ?? [];
  if (notKnown.length > 0) lines.push([], ...notKnown.map((text): UiLine => [ui(`${glyphs.open} ${text}`, "dim")]));
  const unmodelled = plan?.unmodelled.length ?? 0;
  if (unmodelled > 0) {
    lines.push([], [ui(`${plural(unmodelled, "object")} of the live schema not modelled: left alone`, "dim")]);
  }
  return lines;
}

/** The checklist: two columns where there is room; the gate under the cursor marked. */
function gateLines(state: State, gates: readonly GateResult[], { width, height }: Area, look: Look): UiLine[] {
  const { glyphs, chrome } = look;
  const columns = height < 34 && (width >= 140 || (width >= 100 && height < 24)) ? 2 : 1;
  const cell = Math.floor((width - 2) / columns);
  const cursor = state.isGatesFocused ? cursorOf(state, "gates", gates.length) : -1;
  const shown = gates.map((gate, at): UiLine => {
    const content = fit(gateLine(gate, glyphs), cell - 1, chrome);
    return at === cursor ? selectedLine(content) : content;
  });
  const perColumn = Math.ceil(shown.length / columns);
  const lines = Array.from(
    { length: perColumn },
    (_, at): UiLine => [
      ui(" "),
      ...(shown[at] ?? []),
      ...(columns === 2 ? [ui(" "), ...(shown[at + perColumn] ?? [])] : []),
    ],
  );
  return [rule(width, chrome, [ui("gates", "title")]), ...lines];
}

function gateLine({ gate, status, why }: GateResult, glyphs: Look["glyphs"]): UiLine {
  const signs = {
    passed: ui(glyphs.applied, "ok"),
    failed: ui(glyphs.failed, "bad"),
    off: ui(glyphs.open, "dim"),
    pending: ui(glyphs.open, "accent"),
  } as const;
  return [
    signs[status],
    ui(` ${gate.padEnd(17)} `, status === "failed" ? "bad" : "plain"),
    ui(why.replaceAll("\n", " "), status === "passed" || status === "off" ? "dim" : "plain"),
  ];
}

function gateDetail({ gate, status, why, how, offending }: GateResult, { glyphs }: Look): UiLine[] {
  const lines: UiLine[] = [
    [ui(`gate ${gate}`, "title"), ui(`   ${status}`, status === "failed" ? "bad" : "dim")],
    [],
    ...(offending === undefined ? why.split("\n").map((text): UiLine => [ui(text)]) : []),
  ];
  for (const found of offending ?? []) {
    lines.push([ui(`step ${found.step} ${found.probe}: `, "bad"), ui(found.question)], [ui(describeRows(found))]);
    lines.push([ui(`${glyphs.arrow} `, "dim"), ui(found.advice, "accent")]);
  }
  if (how !== undefined && offending === undefined) lines.push([], [ui("what passes it: ", "dim"), ui(how, "accent")]);
  const here = hereOf(gate, status);
  return here === undefined ? lines : [...lines, [ui("here: ", "dim"), ui("Enter", "key"), ui(` ${here}`)]];
}

/** What Enter on a gate does. */
export function hereOf(gate: GateResult["gate"], status: GateResult["status"]): string | undefined {
  if (status !== "failed") return undefined;
  switch (gate) {
    case "max-risk":
      return "asks for the higher ceiling to be typed, for this session";
    case "allow-destructive":
      return "shows what is destroyed and asks for consent to be typed";
    case "verified":
      return "proves the migrations on a shadow";
    case "drift":
      return "compares the last snapshot with the live schema";
    case "fail-on":
    case "preflight":
    case "confirm":
      return undefined;
  }
}
