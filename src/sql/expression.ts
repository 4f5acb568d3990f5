/**
 * Expressions as Postgres prints them, and as they have to be written so that it prints the same again. Knows the two
 * places where reading a printed expression gives another parsed form (the same in 14 to 18).
 */
import { castPattern } from "./cast.ts";

interface Group {
  readonly start: number;
  readonly array: boolean;
  /** what joins its parts, if they are joined by AND or OR */
  joined?: "AND" | "OR";
}

/**
 * The text to write so that Postgres prints `printed` for it.
 *
 * A list compared with a varchar column is printed as `(ARRAY['a'::character varying])::text[]`; read again, the cast moves
 * into the elements. A cast of the array to its own element type keeps the outer one where it is.
 *
 * BETWEEN and comparisons of rows are printed as `((a) AND (b))`; at the start of another AND they become a part of it when
 * read again. A cast to boolean, which leaves no trace, keeps them apart.
 */
export function asInput(printed: string): string {
  const insertions: (readonly [at: number, text: string])[] = [];
  const open: Group[] = [];
  for (let at = 0; at < printed.length; at++) {
    const character = printed[at];
    if (character === "'" || character === '"') at = endOfQuoted(printed, at);
    else if (character === "(" || character === "[") {
      open.push({ start: at, array: character === "[" && printed.startsWith("(ARRAY[", at - 6) });
    } else if (character === ")" || character === "]") {
      const group = open.pop();
      const cast = group && (group.array ? arrayCast(printed, group, at) : booleanCast(printed, group, at, open));
      if (cast !== undefined) insertions.push([at + 1, cast]);
    } else if (character === " ") {
      const group = open[open.length - 1];
      const word = /^ (AND|OR) /.exec(printed.slice(at, at + 5))?.[1];
      if (group && word !== undefined) group.joined = word as "AND" | "OR";
    }
  }
  return insertions.reduceRight((text, [at, added]) => text.slice(0, at) + added + text.slice(at), printed);
}

function booleanCast(text: string, group: Group, end: number, outer: readonly Group[]): string | undefined {
  const isFirst = outer[outer.length - 1]?.start === group.start - 1;
  const goesOn = group.joined !== undefined && text.startsWith(` ${group.joined} `, end + 1);
  return isFirst && goesOn ? "::boolean" : undefined;
}

function arrayCast(text: string, { start }: Group, end: number): string | undefined {
  if (!text.startsWith(")::", end + 1)) return undefined;
  const element = elementType(text.slice(start + 1, end));
  return element === undefined ? undefined : `::${element}[]`;
}

/** The type that every element of a list is cast to, if there is one. */
function elementType(list: string): string | undefined {
  const types = new Set<string | undefined>();
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= list.length; at++) {
    const character = list[at];
    if (character === "'" || character === '"') at = endOfQuoted(list, at);
    else if (character === "(" || character === "[") depth++;
    else if (character === ")" || character === "]") depth--;
    else if (at === list.length || (character === "," && depth === 0)) {
      types.add(lastCast(list.slice(start, at)));
      start = at + 1;
    }
  }
  const [type] = types;
  return types.size === 1 ? type : undefined;
}

/** The type of the cast that an expression ends with. */
function lastCast(element: string): string | undefined {
  const casts = [...element.matchAll(castPattern)];
  const last = casts[casts.length - 1];
  return last !== undefined && last.index + last[0].length === element.length ? last[0].slice(2).trim() : undefined;
}

/** The place of the closing quote of a literal or name that opens at `at`; backslashes mean something after E only. */
function endOfQuoted(text: string, at: number): number {
  const quote = text[at];
  const escapes = quote === "'" && /(?:^|[^\w$])[eE]$/.test(text.slice(Math.max(0, at - 2), at));
  for (let index = at + 1; index < text.length; index++) {
    if (escapes && text[index] === "\\") index++;
    else if (text[index] === quote) {
      if (text[index + 1] !== quote) return index;
      index++;
    }
  }
  return text.length;
}
