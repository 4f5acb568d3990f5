/** A plan as lines: per step its object, risk, lock and undo; below, what a reviewer should know, and the gates. */

import { plural } from "../base/text.ts";
import type { GateResult } from "../risk/gates.ts";
import type { Finding, Level } from "../risk/levels.ts";
import { type PlannedStep, worstStep } from "../risk/plan.ts";
import { withoutSecrets } from "../sql/secrets.ts";
import {
  isStronger,
  type LockDuration,
  type LockLevel,
  lockLevels,
  type Segment,
  type Statement,
} from "../sql/statement.ts";
import { alignColumns } from "./columns.ts";
import { renderGates } from "./gates.ts";
import type { Glyphs } from "./glyphs.ts";
import { blank, block, type Line, line, outside, type Span, span } from "./line.ts";
import { objectSpan, riskTag, roleOfLevel } from "./steps.ts";

/** One migration of a plan. */
export interface PlannedMigrationView {
  readonly id: string;
  readonly steps: readonly PlannedStep[];
  readonly gates?: readonly GateResult[];
}

export interface PlanOptions {
  /** every finding, every statement with its lock, and why a step cannot be undone */
  readonly verbose?: boolean;
}

/** The migration's title line, its steps and its gates. */
export function renderMigrationPlan(
  migration: PlannedMigrationView,
  glyphs: Glyphs,
  options: PlanOptions = {},
): Line[] {
  const { id, steps, gates } = migration;
  const worst = worstStep(steps);
  const title = line(
    span(`${glyphs.marker} `, "accent"),
    outside(id, "title"),
    `   ${plural(steps.length, "step")}   worst: `,
    span(`${worst.level} ${worst.score}`, roleOfLevel(worst.level)),
  );
  return [
    title,
    ...renderPlannedSteps(steps, glyphs, options),
    ...(gates === undefined ? [] : [blank, line("  ", span("gates", "title")), ...renderGates(gates, glyphs, 2)]),
  ];
}

/** The steps with index, kind, object, risk, lock and undo in columns; findings and SQL below each. */
export function renderPlannedSteps(steps: readonly PlannedStep[], glyphs: Glyphs, options: PlanOptions = {}): Line[] {
  const rows = steps.map((step) => [
    [span(String(step.index), "dim")],
    [span(step.kind)],
    [objectSpan(step.object, glyphs)],
    [riskTag(step.level, step.score)],
    [span(lockPhrase(step.segments), "dim")],
    [undoPhrase(step)],
  ]);
  const aligned = alignColumns(rows, [
    { gap: 4, align: "right" },
    { gap: 1 },
    { gap: 2, maxWidth: 44 },
    { gap: 3 },
    { gap: 3 },
    { gap: 3 },
  ]);
  return steps.flatMap((step, position) => [aligned[position] ?? [], ...below(step, glyphs, options.verbose === true)]);
}

function below(step: PlannedStep, glyphs: Glyphs, verbose: boolean): Line[] {
  const findings = verbose ? step.findings : step.findings.filter(isWorthASentence);
  const lines: Line[] = findings.map(({ level, reason, message }) =>
    line(" ".repeat(8), span(reason ?? level, roleOfLevel(level)), span(": ", "dim"), outside(message)),
  );
  if (step.undo.possible && step.undo.loses !== undefined) {
    lines.push(line(" ".repeat(8), span("undo loses: ", "dim"), outside(step.undo.loses, "warn")));
  }
  if (!step.undo.possible) lines.push(line(" ".repeat(8), span("no undo: ", "dim"), outside(step.undo.why, "warn")));
  if (verbose) lines.push(...renderSegments(step.segments, glyphs));
  return lines;
}

function isWorthASentence({ level }: Finding): boolean {
  return quiet.every((name) => name !== level);
}

const quiet: readonly Level[] = ["safe", "low"];

/** The statements of a step with the lock each takes; a transaction of several is bracketed by begin and commit. */
export function renderSegments(segments: readonly Segment[], glyphs: Glyphs): Line[] {
  const lines: Line[] = [];
  for (const { mode, statements } of segments) {
    const bracketed = mode === "transaction" && statements.length > 1;
    if (bracketed) lines.push(line(" ".repeat(8), span("begin;", "dim")));
    for (const statement of statements) {
      lines.push(...block(`${withoutSecrets(statement.sql)};`, "sql", 8));
      lines.push(line(" ".repeat(10), span(`${glyphs.arrow} `, "dim"), outside(statementLock(statement), "dim")));
    }
    if (bracketed) lines.push(line(" ".repeat(8), span("commit;", "dim")));
  }
  return lines;
}

function statementLock({ lock, on, duration }: Statement): string {
  if (lock === "none") return "no lock";
  return `${lock}${on.length > 0 ? ` on ${on.join(", ")}` : ""}, ${duration}`;
}

const durations: readonly LockDuration[] = ["instant", "scan", "rewrite"];

/** The strongest lock of a step and how long it is held, in kind; ` + scan` when a weaker lock is held longer than that. */
export function lockPhrase(segments: readonly Segment[]): string {
  let lock: LockLevel = lockLevels[0];
  let duration: LockDuration = "instant";
  let longest: LockDuration = "instant";
  for (const statement of segments.flatMap(({ statements }) => statements)) {
    if (isLonger(statement.duration, longest)) longest = statement.duration;
    if (isStronger(statement.lock, lock)) {
      lock = statement.lock;
      duration = statement.duration;
    } else if (statement.lock === lock && isLonger(statement.duration, duration)) {
      duration = statement.duration;
    }
  }
  if (lock === "none") return "no lock";
  return `${lock}, ${duration}${isLonger(longest, duration) ? ` + ${longest}` : ""}`;
}

function isLonger(a: LockDuration, b: LockDuration): boolean {
  return durations.indexOf(a) > durations.indexOf(b);
}

function undoPhrase({ undo }: PlannedStep): Span {
  if (!undo.possible) return span("no undo", "warn");
  const kinds = [...new Set(undo.kinds)];
  if (kinds.length === 0) return span("undo: nothing to do", "dim");
  const shown = kinds.length > 2 ? [...kinds.slice(0, 1), `${kinds.length - 1} more`] : kinds;
  return span(`undo: ${shown.join(", ")}`, "dim");
}
