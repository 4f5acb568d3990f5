/** Help texts as lines, made from the commands' own data. */
import { exitCode } from "../base/errors.ts";
import { alignColumns } from "../render/columns.ts";
import { blank, type Line, line, span } from "../render/line.ts";
import type { AnyCommand, ArgumentSpec, CommandGroup } from "./command.ts";
import { globalOptions } from "./global-options.ts";
import type { OptionSpec } from "./options.ts";

const title = (words: string): Line => line(span(words, "title"));

/** What `zanith` and `zanith --help` print. */
export function renderOverview(commands: readonly AnyCommand[], version: string): Line[] {
  return [
    line(
      span(`zanith ${version}`, "title"),
      span("   guided Postgres schema changes: generate, plan, verify, apply, audit", "dim"),
    ),
    blank,
    title("Usage"),
    line("  zanith <command> [options]"),
    blank,
    title("Commands"),
    ...commandLines(commands),
    blank,
    title("Global options, before or after the command"),
    ...optionLines(Object.values(globalOptions)),
    blank,
    title("More"),
    ...alignColumns(
      [
        [[span("zanith help <command>")], [span("what a command takes, with examples", "dim")]],
        [[span("zanith help ops")], [span("operation kinds, levels, reason codes, gates and modes", "dim")]],
      ],
      [{ gap: 2 }, { gap: 3 }],
    ),
    blank,
    ...exitCodeLines(),
  ];
}

/** What `zanith migrate` and `zanith migrate --help` print. */
export function renderGroupHelp(group: CommandGroup, commands: readonly AnyCommand[]): Line[] {
  return [
    line(span(`zanith ${group.name}`, "title"), span(`   ${group.summary}`, "dim")),
    blank,
    title("Commands"),
    ...commandLines(commands),
    blank,
    line(span(`zanith help ${group.name} <command> tells more`, "dim")),
  ];
}

/** What `zanith <command> --help` prints. */
export function renderCommandHelp(command: AnyCommand): Line[] {
  const { path, summary, details = [], args = [], examples, exitCodes } = command;
  const options = Object.values(command.options);
  const usage = ["zanith", path, ...args.map(argumentUsage), ...(options.length > 0 ? ["[options]"] : [])].join(" ");
  return [
    line(span(`zanith ${path}`, "title"), span(`   ${summary}`, "dim")),
    ...(details.length > 0 ? [blank, ...details.map((sentence) => line(sentence))] : []),
    blank,
    title("Usage"),
    line(`  ${usage}`),
    ...(args.length > 0 ? [blank, title("Arguments"), ...argumentLines(args)] : []),
    ...(options.length > 0 ? [blank, title("Options"), ...optionLines(options)] : []),
    blank,
    title("Examples"),
    ...examples.flatMap(({ command: words, says }) => [
      line(span(`  ${words}`, "accent")),
      line(span(`      ${says}`, "dim")),
    ]),
    ...(exitCodes === undefined
      ? []
      : [
          blank,
          title("Exit codes of its own"),
          ...alignColumns(
            Object.entries(exitCodes).map(([code, means]) => [[span(code)], [span(means, "dim")]]),
            [{ gap: 2, align: "right" }, { gap: 2 }],
          ),
        ]),
    blank,
    line(span("Global options: zanith --help", "dim")),
  ];
}

function argumentUsage({ name, optional }: ArgumentSpec): string {
  return optional ? `[${name}]` : `<${name}>`;
}

function commandLines(commands: readonly AnyCommand[]): Line[] {
  return alignColumns(
    commands.map(({ path, args = [], summary }) => [
      [span([path, ...args.map(argumentUsage)].join(" "))],
      [span(summary, "dim")],
    ]),
    [{ gap: 2 }, { gap: 3 }],
  );
}

function argumentLines(args: readonly ArgumentSpec[]): Line[] {
  return alignColumns(
    args.map((argument) => [[span(argumentUsage(argument))], [span(argument.description, "dim")]]),
    [{ gap: 2 }, { gap: 3 }],
  );
}

function optionLines(options: readonly OptionSpec<unknown>[]): Line[] {
  const indent = options.some(({ flags }) => !flags.startsWith("--")) ? "    " : "";
  return alignColumns(
    options.map(({ flags, description }) => [
      [span(flags.startsWith("--") ? indent + flags : flags)],
      [span(description, "dim")],
    ]),
    [{ gap: 2 }, { gap: 3 }],
  );
}

const exitCodeWords: Readonly<Record<keyof typeof exitCode, string>> = {
  done: "done",
  unexpected: "unexpected error",
  difference: "a difference was found",
  refused: "refused by a gate",
  stepFailed: "a step failed; a re-run resumes",
  unreachable: "database or shadow unreachable",
  locked: "another runner holds the lock",
  usage: "wrong usage",
  interrupted: "interrupted; a re-run resumes",
};

function exitCodeLines(): Line[] {
  const names = Object.keys(exitCode) as (keyof typeof exitCode)[];
  return [
    title("Exit codes"),
    ...alignColumns(
      names.map((name) => [[span(String(exitCode[name]))], [span(exitCodeWords[name], "dim")]]),
      [{ gap: 2, align: "right" }, { gap: 2 }],
    ),
  ];
}
