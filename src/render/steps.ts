/** Steps of a migration as one aligned line each, and what is said below a step that did not go through. */
import { unreachable } from "../base/assert.ts";
import { cutText, safeText } from "../base/text.ts";
import { levels } from "../risk/levels.ts";
import { alignColumns, type ColumnLayout } from "./columns.ts";
import type { Glyphs } from "./glyphs.ts";
import { block, type Line, outside, type Role, type Span, span } from "./line.ts";
import { formatDuration } from "./time.ts";

/** How far a step is; the ledger's words, and `pending` for one that was never tried. */
export type ShownStatus = "pending" | "running" | "applied" | "failed" | "refused" | "interrupted" | "rolled_back";

/** A step as it is shown in `up` and `history`. */
export interface ShownStep {
  readonly index: number;
  readonly kind: string;
  readonly object: string;
  readonly status: ShownStatus;
  /** one of the six; a word the ledger holds and this version does not know is shown plain */
  readonly level: string;
  readonly score: number;
  readonly durationMs?: number | null;
  readonly error?: string | null;
}

/** The sign of a status: done, failed or refused, not finished and to run again, never tried. */
export function sigilOf(status: ShownStatus, glyphs: Glyphs): Span {
  switch (status) {
    case "applied":
      return span(glyphs.applied, "ok");
    case "failed":
    case "refused":
      return span(glyphs.failed, "bad");
    case "running":
    case "interrupted":
    case "rolled_back":
      return span(glyphs.unfinished, "warn");
    case "pending":
      return span(glyphs.open, "dim");
    default:
      return unreachable(status);
  }
}

/** The role a level is shown in. */
export function roleOfLevel(level: string): Role {
  const known = levels.find((name) => name === level);
  return known === undefined ? "plain" : `level-${known}`;
}

/** `[medium 35]`, in the level's role. */
export function riskTag(level: string, score: number): Span {
  return outside(`[${level} ${score}]`, roleOfLevel(level));
}

/** Longest name of an object that is shown; a raw statement can be of any length. */
const maxObjectCells = 60;

/** The object of a step, cut where it is too long for a line. */
export function objectSpan(object: string, glyphs: Glyphs): Span {
  return span(cutText(safeText(object), maxObjectCells, glyphs.ellipsis), "code");
}

/** Cells that columns take even when their content is narrower. */
export interface StepWidths {
  readonly index: number;
  readonly kind: number;
  readonly object: number;
  readonly risk: number;
}

/** Columns that fit most steps of a migration: for steps that are shown one by one, before the others are known. */
export function lonelyStepWidths(steps: number): StepWidths {
  return { index: String(Math.max(0, steps - 1)).length, kind: 19, object: 40, risk: 16 };
}

/** The lines of some steps, aligned with each other; errors stand below their step. */
export function renderSteps(
  steps: readonly ShownStep[],
  glyphs: Glyphs,
  options: { readonly indent?: number; readonly widths?: StepWidths } = {},
): Line[] {
  const { indent = 2, widths } = options;
  const rows = steps.map(({ index, kind, object, status, level, score, durationMs }) => [
    [sigilOf(status, glyphs)],
    [span(String(index), "dim")],
    [outside(kind)],
    [objectSpan(object, glyphs)],
    [riskTag(level, score)],
    [span(hasDuration(status) && durationMs != null ? formatDuration(durationMs) : "", "dim")],
  ]);
  const layout: ColumnLayout[] = [
    { gap: indent },
    { gap: 1, align: "right", ...atLeast(widths?.index) },
    { gap: 1, ...atLeast(widths?.kind) },
    { gap: 2, ...atLeast(widths?.object) },
    { gap: 3, ...atLeast(widths?.risk) },
    { gap: 3, align: "right" },
  ];
  const aligned = alignColumns(rows, layout);
  return steps.flatMap(({ status, error }, position) => [
    aligned[position] ?? [],
    ...(error === null || error === undefined
      ? []
      : block(error, status === "applied" ? "dim" : roleOfError(status), indent + 4)),
  ]);
}

/** A refusal takes no time worth telling. */
function hasDuration(status: ShownStatus): boolean {
  return status !== "refused" && status !== "pending";
}

function atLeast(width: number | undefined): { readonly minWidth?: number } {
  return width === undefined ? {} : { minWidth: width };
}

function roleOfError(status: ShownStatus): Role {
  return status === "failed" || status === "refused" ? "bad" : "warn";
}
