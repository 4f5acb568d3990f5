/** Places in a text file as people count them, for error messages. */

/** A place in a text: line and column from 1 (columns in characters), and the line itself without its end. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** The place of an offset in UTF-16 units. */
export function placeAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  const end = text.indexOf("\n", offset);
  return {
    line: before.split("\n").length,
    column: [...before.slice(start)].length + 1,
    text: text.slice(start, end < 0 ? undefined : end).replace(/\r$/, ""),
  };
}
