/** Aligned columns of spans, and the table with a head that results of questions are shown in. */
import { padText, textWidth } from "../base/text.ts";
import { type Line, lineWidth, outside, type Span, span } from "./line.ts";

/** One cell; its text is already safe. */
export type Cell = Line;

export interface ColumnLayout {
  /** spaces before the column */
  readonly gap: number;
  readonly align?: "left" | "right";
  /** cells the column takes even when its content is narrower: for lines that are shown one by one */
  readonly minWidth?: number;
  /** wider cells do not widen the column */
  readonly maxWidth?: number;
}

/**
 * Rows of cells as lines whose columns begin at the same place; trailing empty cells and empty columns take no space.
 * The gap of the first column is the indent.
 */
export function alignColumns(rows: readonly (readonly Cell[])[], layout: readonly ColumnLayout[]): Line[] {
  const widths = layout.map(({ minWidth = 0, maxWidth = Number.POSITIVE_INFINITY }, column) =>
    Math.min(
      maxWidth,
      rows.reduce((width, row) => Math.max(width, lineWidth(row[column] ?? [])), minWidth),
    ),
  );
  return rows.map((row) => {
    const spans: Span[] = [];
    const last = row.findLastIndex((cell) => lineWidth(cell) > 0);
    for (let column = 0; column <= last; column++) {
      const width = widths[column] ?? 0;
      if (width === 0) continue;
      const cell = row[column] ?? [];
      const fill = " ".repeat(Math.max(0, width - lineWidth(cell)));
      const right = layout[column]?.align === "right";
      spans.push(span(" ".repeat(layout[column]?.gap ?? 0)));
      if (right && fill !== "") spans.push(span(fill));
      spans.push(...cell);
      if (!right && fill !== "" && column < last) spans.push(span(fill));
    }
    return spans;
  });
}

/** What a question answered: names of columns and rows of text. */
export interface TextTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A table with its head, numbers to the right; line breaks within a value are shown as a space. */
export function renderTable({ columns, rows }: TextTable): Line[] {
  const numeric = columns.map(
    (_, column) =>
      rows.length > 0 && rows.every((row) => row[column] === null || /^-?\d+(\.\d+)?$/.test(row[column] ?? "")),
  );
  const head = columns.map((name) => [outside(name, "title")]);
  const rule = columns.map((name, column) => {
    const width = rows.reduce(
      (most, row) => Math.max(most, textWidth(oneLine(row[column] ?? null).text)),
      textWidth(name),
    );
    return [span(padText("", width).replaceAll(" ", "-"), "dim")];
  });
  const body = rows.map((row) => columns.map((_, column) => [oneLine(row[column] ?? null)]));
  return alignColumns(
    [head, rule, ...body],
    columns.map((_, column) => ({ gap: column === 0 ? 0 : 2, align: numeric[column] ? "right" : "left" })),
  );
}

function oneLine(value: string | null): Span {
  return value === null ? span("") : outside(value.replaceAll(/\s*\n\s*/g, " "));
}
