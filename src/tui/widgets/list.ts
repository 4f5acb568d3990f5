/** A list of any length: only the rows that can be seen are made. Knows neither keys nor state. */
import { type Chrome, fit, selectedLine, type UiLine } from "../text.ts";

export interface ListInput {
  readonly length: number;
  readonly cursor: number;
  readonly width: number;
  readonly height: number;
  readonly chrome: Chrome;
  /** whether the row under the cursor is marked */
  readonly isFocused?: boolean;
  readonly row: (index: number) => UiLine;
}

/** The first row of the window that keeps the cursor in its middle as far as the ends allow. */
export function windowStart(length: number, cursor: number, height: number): number {
  return Math.max(0, Math.min(cursor - (height >> 1), length - height));
}

/** The visible rows, the one under the cursor marked. */
export function listLines({ length, cursor, width, height, chrome, isFocused = true, row }: ListInput): UiLine[] {
  const from = windowStart(length, cursor, height);
  const lines: UiLine[] = [];
  for (let at = from; at < Math.min(length, from + height); at++) {
    const content = fit(row(at), width, chrome).map((one) => ({ ...one, row: at }));
    lines.push(at === cursor && isFocused ? selectedLine(content) : content);
  }
  return lines;
}
