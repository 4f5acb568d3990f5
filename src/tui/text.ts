/**
 * Text for cells: what terminals disagree about is shown as a visible escape before anything is measured, so that a line
 * never moves what stands behind it. Lines are cut, padded and wrapped here and nowhere else.
 */
import { cutText, safeText, textWidth } from "../base/text.ts";
import { asciiText } from "../render/glyphs.ts";
import type { Role } from "../render/line.ts";

/** Roles of the screens beside those of the renderers. */
export type UiRole = Role | "border" | "key" | "disabled";

export interface UiSpan {
  readonly text: string;
  readonly role: UiRole;
  /** the row under the cursor */
  readonly selected?: boolean;
  /** the row of the list that a click on it means */
  readonly row?: number;
}

export type UiLine = readonly UiSpan[];

/** The signs that screens draw with. */
export interface Chrome {
  readonly ascii: boolean;
  readonly rule: string;
  readonly wall: string;
  readonly path: string;
  readonly ceiling: string;
  readonly bar: string;
  readonly barRest: string;
  readonly dot: string;
  readonly ring: string;
  readonly ellipsis: string;
  readonly up: string;
  readonly down: string;
}

export const unicodeChrome: Chrome = {
  ascii: false,
  rule: "─",
  wall: "│",
  path: "›",
  ceiling: "▲",
  bar: "█",
  barRest: "░",
  dot: "●",
  ring: "○",
  ellipsis: "…",
  up: "↑",
  down: "↓",
};

export const asciiChrome: Chrome = {
  ascii: true,
  rule: "-",
  wall: "|",
  path: ">",
  ceiling: "^",
  bar: "#",
  barRest: ".",
  dot: "*",
  ring: "o",
  ellipsis: "~",
  up: "up",
  down: "down",
};

const plain = /^[ -~]*$/;
/** ASCII and the signs of the screens themselves: one cell each, nothing to look at. */
const own = /^[ -~─│›▲█░●○…↑↓✓✗↻–▸▾−→←—≤·▏×┌┐└┘]*$/;
const eastAsian =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]$/u;
const oneWithMarks = /^[^\p{M}]\p{M}{0,3}$/u;
const variationSelector = /[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/u;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The text as it can be put into cells: one grapheme takes one cell, or two for East Asian characters. Emoji, joined
 * and very decorated characters become escapes, as terminals differ in how wide they draw them.
 */
export function cellText(text: string, ascii: boolean): string {
  if (plain.test(text) || (!ascii && own.test(text))) return text;
  if (ascii) return asciiText(safeText(text));
  let out = "";
  for (const { segment } of graphemes.segment(safeText(text))) out += isSteady(segment) ? segment : escaped(segment);
  return out;
}

function isSteady(grapheme: string): boolean {
  if (plain.test(grapheme)) return true;
  if (!oneWithMarks.test(grapheme) || variationSelector.test(grapheme)) return false;
  const width = textWidth(grapheme);
  return width === 1 || (width === 2 && eastAsian.test(grapheme));
}

function escaped(grapheme: string): string {
  return [...grapheme]
    .map((one) => (plain.test(one) ? one : `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`))
    .join("");
}

/** The line in exactly `width` cells: cut with an ellipsis, or padded. */
export function fit(content: UiLine, width: number, chrome: Chrome): UiLine {
  const spans: UiSpan[] = [];
  let used = 0;
  const selected = content.some((one) => one.selected === true);
  const row = content.find((one) => one.row !== undefined)?.row;
  for (const one of content) {
    const text = cellText(one.text, chrome.ascii);
    const cells = textWidth(text);
    if (used + cells <= width) {
      spans.push({ ...one, text });
      used += cells;
      continue;
    }
    const cut = cutText(text, width - used, chrome.ellipsis);
    used += textWidth(cut);
    spans.push({ ...one, text: cut });
    break;
  }
  if (used < width) {
    const rest = { ...(selected ? { selected } : {}), ...(row === undefined ? {} : { row }) };
    spans.push({ text: " ".repeat(width - used), role: "plain", ...rest });
  }
  return spans;
}

/** The cells a line takes. */
export function cellsOf(content: UiLine, chrome: Chrome): number {
  return content.reduce((sum, { text }) => sum + textWidth(cellText(text, chrome.ascii)), 0);
}

/** The line in lines of at most `width` cells, broken at spaces; what follows the first is indented like it and a bit more. */
export function wrap(content: UiLine, width: number, chrome: Chrome): UiLine[] {
  if (width < 8 || cellsOf(content, chrome) <= width) return [content];
  const first = content.map(({ text }) => text).join("");
  const indent = Math.min((/^ */.exec(first)?.[0].length ?? 0) + 2, width >> 1);
  const lines: UiSpan[][] = [[]];
  let used = 0;
  const push = (text: string, role: UiRole): void => {
    lines.at(-1)?.push({ text, role });
    used += textWidth(text);
  };
  const next = (): void => {
    lines.push([{ text: " ".repeat(indent), role: "plain" }]);
    used = indent;
  };
  for (const { text, role } of content) {
    for (const word of cellText(text, chrome.ascii).match(/ +|[^ ]+/g) ?? []) {
      let rest = word;
      if (used + textWidth(rest) > width) {
        if (rest.startsWith(" ")) continue;
        if (used > indent) next();
        while (textWidth(rest) > width - used) {
          const part = cutText(rest, width - used, "");
          if (part === "") break;
          push(part, role);
          rest = rest.slice(part.length);
          next();
        }
      }
      if (used === indent && lines.length > 1 && rest.startsWith(" ")) continue;
      push(rest, role);
    }
  }
  return lines;
}

/** Several lines, each wrapped. */
export function wrapAll(lines: readonly UiLine[], width: number, chrome: Chrome): UiLine[] {
  return lines.flatMap((content) => wrap(content, width, chrome));
}

/** The line as the one under the cursor. */
export function selectedLine(content: UiLine): UiLine {
  return content.map((one) => ({ ...one, selected: true }));
}
