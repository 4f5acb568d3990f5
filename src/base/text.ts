/**
 * Text that is safe on a terminal. Everything that came from a database, a file or the environment passes through
 * `safeText` at the render boundary; nothing else in the tool strips or measures text.
 */

// C0 without newline handling, DEL, C1, line/paragraph separators, bidi controls, zero-width characters, tag characters.
const hostile =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be shown, not matched by accident
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** The text with every character that could move a cursor, reorder or hide text shown as a visible escape. */
export function safeText(text: string): string {
  return text.replace(hostile, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
    return `\\u{${code.toString(16)}}`;
  });
}

/** Like safeText, but keeps line breaks: for SQL and other multi-line texts. Tabs become two spaces. */
export function safeLines(text: string): string[] {
  return text.replaceAll("\r\n", "\n").replaceAll("\t", "  ").split("\n").map(safeText);
}

/** The number of terminal cells a text takes. */
export function textWidth(text: string): number {
  return Bun.stringWidth(text);
}

/** Cuts a text to at most `cells` cells, by grapheme, ending in `…` (or `~` in ASCII) when something was cut. */
export function cutText(text: string, cells: number, ellipsis = "…"): string {
  if (textWidth(text) <= cells) return text;
  if (cells <= 0) return "";
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = textWidth(segment);
    if (width + next > cells - textWidth(ellipsis)) break;
    kept += segment;
    width += next;
  }
  return kept + ellipsis;
}

/** Pads a text with spaces to `cells` cells; longer texts are left alone. */
export function padText(text: string, cells: number, side: "left" | "right" = "right"): string {
  const missing = cells - textWidth(text);
  if (missing <= 0) return text;
  return side === "right" ? text + " ".repeat(missing) : " ".repeat(missing) + text;
}

/** The first line of a text, cut to a number of cells. */
export function firstLine(text: string, cells = 120): string {
  return cutText(safeText(text.trimStart().split("\n", 1)[0] ?? ""), cells);
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** `1 row`, `2 rows`: counts in messages. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US").replaceAll(",", " ")} ${count === 1 ? one : many}`;
}
