/** Placing blocks of lines: beside each other, cut to a height, scrolled. */
import { type Chrome, fit, type UiLine, type UiSpan } from "../text.ts";

export interface Area {
  readonly width: number;
  readonly height: number;
}

/** A span of the screens' own. */
export function ui(text: string, role: UiSpan["role"] = "plain"): UiSpan {
  return { text, role };
}

export const emptyLine: UiLine = [];

/** Two blocks with a wall between them; the left one takes `left` cells. */
export function beside(
  leftLines: readonly UiLine[],
  rightLines: readonly UiLine[],
  area: Area,
  left: number,
  chrome: Chrome,
): UiLine[] {
  const right = area.width - left - 3;
  return Array.from({ length: area.height }, (_, at) => [
    ...fit(leftLines[at] ?? [], left, chrome),
    ui(` ${chrome.wall} `, "border"),
    ...fit(rightLines[at] ?? [], right, chrome),
  ]);
}

/** The lines that fit below a scroll position; the last one says how many more there are. */
export function scrolled(lines: readonly UiLine[], top: number, height: number): UiLine[] {
  if (lines.length <= height) return [...lines];
  const from = Math.min(top, lines.length - height);
  const shown = lines.slice(from, from + height);
  const below = lines.length - from - height;
  if (below > 0) shown[height - 1] = [ui(`  ${below + 1} more lines below `, "dim"), ui("PgDn", "key")];
  if (from > 0) shown[0] = [ui(`  ${from + 1} more lines above `, "dim"), ui("PgUp", "key")];
  return shown;
}

/** A rule as wide as the area, with a title in it. */
export function rule(width: number, chrome: Chrome, title: UiLine = []): UiLine {
  if (title.length === 0) return [ui(chrome.rule.repeat(width), "border")];
  const used = title.reduce((sum, { text }) => sum + Bun.stringWidth(text), 0);
  return [
    ui(`${chrome.rule} `, "border"),
    ...title,
    ui(` ${chrome.rule.repeat(Math.max(0, width - used - 3))}`, "border"),
  ];
}
