/** The flags that every command takes, before or after its name, and a first look at them before anything is parsed. */
import { modes } from "../risk/modes.ts";
import { choice, flag, longFlag, type OptionSpec, type OptionValues, text } from "./options.ts";
import type { OutputFlags } from "./output.ts";

/** Options that end the run by themselves; main looks for them before a command is parsed. */
const inquiries = {
  help: flag("-h, --help", "help for a command; --help ops lists the operation kinds"),
  version: flag("-V, --version", "version and commit"),
};

export const globalOptions = {
  url: text("--url <url>", "database: postgres://…; else ZANITH_DATABASE_URL, DATABASE_URL, PGHOST …"),
  directUrl: text("--direct-url <url>", "connect here instead, where --url is a pooler; else ZANITH_DIRECT_URL"),
  dir: text("--dir <folder>", "migrations folder (default migrations)"),
  config: text("--config <file>", "configuration (default zanith.config.json or .ts)"),
  mode: choice("--mode <mode>", "safety mode", modes),
  auditSchema: text("--audit-schema <name>", "schema of the five audit tables (default public)"),
  json: flag("--json", "JSON on stdout, errors too"),
  noInput: flag("--no-input", "never ask"),
  quiet: flag("--quiet", "results and errors only"),
  ascii: flag("--ascii", "signs in ASCII"),
  noColor: flag("--no-color", "no colours; NO_COLOR does the same"),
  ...inquiries,
} as const satisfies Readonly<Record<string, OptionSpec<unknown>>>;

export type GlobalValues = OptionValues<typeof globalOptions>;

/** The long names of global options without and with a value; the word after one with a value is no command. */
const flags: ReadonlySet<string> = new Set(
  Object.values(globalOptions)
    .filter(({ isFlag }) => isFlag)
    .map((option) => longFlag(option.flags)),
);
const valued: ReadonlySet<string> = new Set(
  Object.values(globalOptions)
    .filter(({ isFlag }) => !isFlag)
    .map((option) => longFlag(option.flags)),
);

/** What can be said of arguments before they are parsed: how to talk, and the words that may name a command. */
export interface FirstLook {
  readonly output: OutputFlags;
  readonly wantsHelp: boolean;
  readonly wantsVersion: boolean;
  readonly words: readonly string[];
  /** nothing but known flags: no command was meant */
  readonly isBare: boolean;
}

/** Looks at arguments without judging them, so that even a usage error is told in the form that was asked for. */
export function lookAt(argv: readonly string[]): FirstLook {
  const end = argv.indexOf("--");
  const seen = end < 0 ? argv : argv.slice(0, end);
  const has = (name: string): boolean => seen.includes(name);
  const words = seen.filter((word, index) => !word.startsWith("-") && !valued.has(seen[index - 1] ?? ""));
  return {
    output: { json: has("--json"), quiet: has("--quiet"), ascii: has("--ascii"), color: !has("--no-color") },
    wantsHelp: has("--help") || has("-h") || words[0] === "help",
    wantsVersion: has("--version") || has("-V"),
    words: words[0] === "help" ? words.slice(1) : words,
    isBare: argv.every((word) => flags.has(word)),
  };
}
