/** The few signs that are not ASCII, with what stands for them on a terminal that cannot show them. */

export interface Glyphs {
  readonly applied: string;
  readonly failed: string;
  readonly unfinished: string;
  /** nothing was decided: off or pending */
  readonly open: string;
  readonly marker: string;
  readonly added: string;
  readonly removed: string;
  readonly altered: string;
  readonly arrow: string;
  readonly ellipsis: string;
  readonly dash: string;
  readonly atMost: string;
}

export const unicodeGlyphs: Glyphs = {
  applied: "✓",
  failed: "✗",
  unfinished: "↻",
  open: "–",
  marker: "▸",
  added: "+",
  removed: "−",
  altered: "~",
  arrow: "→",
  ellipsis: "…",
  dash: "—",
  atMost: "≤",
};

export const asciiGlyphs: Glyphs = {
  applied: "+",
  failed: "x",
  unfinished: "~",
  open: "-",
  marker: ">",
  added: "+",
  removed: "-",
  altered: "~",
  arrow: "->",
  ellipsis: "...",
  dash: "-",
  atMost: "<=",
};

const asciiBySign = new Map<string, string>(
  (Object.keys(unicodeGlyphs) as (keyof Glyphs)[]).map((name) => [unicodeGlyphs[name], asciiGlyphs[name]]),
);

/**
 * The text in ASCII alone: the tool's own signs become their fallbacks, everything else that is not ASCII a visible
 * escape, so that two different names never look the same.
 */
export function asciiText(text: string): string {
  return text.replace(/[^\n\u0020-\u007e]/gu, (character) => {
    const sign = asciiBySign.get(character);
    return sign ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
