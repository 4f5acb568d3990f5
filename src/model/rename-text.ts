/** Names in texts that Postgres prints: where one is mentioned, and how the text reads when it is another. */
import { quoteIdent } from "../sql/identifier.ts";

/** A literal, a name or a single character. */
const token =
  /\b[eE]'(?:[^'\\]|\\.|'')*'|(?:\b[bBxXnN]|\b[uU]&)?'(?:[^']|'')*'|"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*|[\s\S]/gu;

/** The pieces of a printed text. */
export function tokensOf(text: string): readonly string[] {
  return text.match(token) ?? [];
}

/** Whether a piece of text is a name, quoted or not. */
export function isName(text: string, name: string): boolean {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') === name : text === name;
}

/**
 * A printed text after a rename. `after` is how the object reads in the schema that is wanted: where it is the old text
 * with some mentions renamed it is taken as it is, for a name may also stand for something else. Otherwise every mention
 * of the name is renamed.
 */
export function renamedText(before: string, after: string | undefined, from: string, to: string): string {
  const old = tokensOf(before);
  if (after !== undefined) {
    const now = tokensOf(after);
    const same = (part: string, at: number): boolean => {
      const other = now[at] ?? "";
      return part === other || (isName(part, from) && isName(other, to));
    };
    if (old.length === now.length && old.every(same)) return after;
  }
  return old.map((part) => (isName(part, from) ? quoteIdent(to) : part)).join("");
}
