/** The kinds of options a command can have, as data: flags, help text, and how a value is read. */
import { readDuration } from "../base/duration.ts";
import { toolError } from "../base/errors.ts";

/** An option whose value is V; absent options read undefined. */
export interface OptionSpec<V> {
  readonly flags: string;
  readonly description: string;
  readonly isFlag: boolean;
  /** the value of one occurrence; `previous` is what earlier occurrences gave */
  parse(text: string, previous: V | undefined): V;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;

/** The values of some options by name. */
export type OptionValues<S extends OptionSpecs> = {
  readonly [N in keyof S]?: S[N] extends OptionSpec<infer V> ? V : never;
};

/** Most entries of one list option: more is a mistake of a script. */
const maxListEntries = 1_000;

/** The long name of an option: `--fail-on`. */
export function longFlag(flags: string): string {
  return /--[a-z][a-z-]*/.exec(flags)?.[0] ?? flags;
}

/** An error about what was typed: nothing was done. */
export function usageError(what: string, why?: string, next = "zanith --help"): Error {
  return toolError({ code: "usage", what, why, state: "nothing was done", next });
}

function invalidValue(flags: string, text: string, expected: string): Error {
  return usageError(`${longFlag(flags)} takes ${expected}, not ${JSON.stringify(text)}`);
}

/** An option without a value. */
export function flag(flags: string, description: string): OptionSpec<true> {
  return { flags, description, isFlag: true, parse: () => true };
}

/** An option with a text. */
export function text(flags: string, description: string): OptionSpec<string> {
  return option(flags, description, (value) => {
    if (value === "") throw invalidValue(flags, value, "a text");
    return value;
  });
}

/** An option with a whole number from `min` to `max`. */
export function wholeNumber(flags: string, description: string, min: number, max: number): OptionSpec<number> {
  return option(flags, description, (value) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) throw invalidValue(flags, value, `a whole number from ${min} to ${max}`);
    return number;
  });
}

/** An option with one of a few words. */
export function choice<const W extends readonly string[]>(
  flags: string,
  description: string,
  words: W,
): OptionSpec<W[number]> {
  return option(flags, `${description} (${words.join(", ")})`, (value) => {
    const word = words.find((one) => one === value);
    if (word === undefined) throw invalidValue(flags, value, `one of ${words.join(", ")}`);
    return word;
  });
}

/** An option that may be given several times, each time with one or more entries between commas. */
export function list(
  flags: string,
  description: string,
  check: (entry: string) => boolean,
  expected: string,
): OptionSpec<readonly string[]> {
  return listOf(flags, description, (value) => value.split(",").map((entry) => entry.trim()), check, expected);
}

/** An option that may be given several times, with one entry each time. */
export function repeated(
  flags: string,
  description: string,
  check: (entry: string) => boolean,
  expected: string,
): OptionSpec<readonly string[]> {
  return listOf(flags, description, (value) => [value], check, expected);
}

function listOf(
  flags: string,
  description: string,
  split: (value: string) => readonly string[],
  check: (entry: string) => boolean,
  expected: string,
): OptionSpec<readonly string[]> {
  const parse = (value: string, previous: readonly string[] = []): readonly string[] => {
    const entries = split(value);
    for (const entry of entries) if (!check(entry)) throw invalidValue(flags, entry, expected);
    const all = [...previous, ...entries];
    if (all.length > maxListEntries) throw usageError(`${longFlag(flags)} has more than ${maxListEntries} entries`);
    return all;
  };
  return { flags, description, isFlag: false, parse };
}

/** An option with a length of time in milliseconds: `500ms`, `5s`, `2min`, `1h`, `7d`. */
export function duration(flags: string, description: string): OptionSpec<number> {
  return option(flags, description, (value) => {
    const milliseconds = readDuration(value);
    if (milliseconds === undefined) throw invalidValue(flags, value, "a time such as 500ms, 5s, 2min, 1h or 7d");
    return milliseconds;
  });
}

/** An option with a moment: a date, a date and time (UTC without a zone), or a length of time before now. */
export function moment(flags: string, description: string): OptionSpec<{ readonly before: (now: Date) => Date }> {
  return option(flags, description, (value) => {
    const ago = readDuration(value);
    if (ago !== undefined) return { before: (now) => new Date(now.getTime() - ago) };
    const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?(Z|[+-]\d\d:\d\d)?$/.exec(value);
    const at = iso === null ? Number.NaN : Date.parse(`${iso[1]}T${iso[2] ?? "00:00"}${iso[3] ?? "Z"}`);
    if (Number.isNaN(at)) throw invalidValue(flags, value, "a time such as 7d, or a date such as 2026-04-02");
    return { before: () => new Date(at) };
  });
}

function option<V>(flags: string, description: string, read: (value: string) => V): OptionSpec<V> {
  return { flags, description, isFlag: false, parse: read };
}
