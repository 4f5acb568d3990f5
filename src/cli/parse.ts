/** Arguments to a command with typed options, by way of commander. Prints nothing and runs nothing. */
import { Command, CommanderError, Option } from "commander";
import type { AnyCommand, CommandGroup } from "./command.ts";
import { type GlobalValues, globalOptions } from "./global-options.ts";
import { type OptionSpecs, type OptionValues, usageError } from "./options.ts";

/** A command that was named, with what it was given. */
export interface ParsedCommand {
  readonly command: AnyCommand;
  readonly options: OptionValues<OptionSpecs>;
  readonly globals: GlobalValues;
  readonly args: readonly string[];
}

/**
 * The command that the arguments name.
 * @throws ToolError usage, with the nearest known name where one is near
 */
export function parseArguments(
  argv: readonly string[],
  commands: readonly AnyCommand[],
  groups: readonly CommandGroup[],
): ParsedCommand {
  let parsed: ParsedCommand | undefined;
  const program = silent(new Command("zanith"));
  addOptions(program, globalOptions);
  const parents = new Map(groups.map(({ name }) => [name, silent(program.command(name))]));
  for (const command of commands) {
    const [first = "", second] = command.path.split(" ");
    const parent = second === undefined ? program : parents.get(first);
    if (parent === undefined) throw new Error(`internal: ${command.path} belongs to no group`);
    const leaf = silent(parent.command(second ?? first));
    for (const { name, optional } of command.args ?? []) leaf.argument(optional ? `[${name}]` : `<${name}>`);
    const names = addOptions(leaf, command.options);
    leaf.action(() => {
      parsed = {
        command,
        options: valuesOf(leaf, names),
        globals: valuesOf(program, globalNames),
        args: leaf.args,
      };
    });
  }
  const globalNames = namesOf(globalOptions);
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw usageErrorOf(error);
  }
  if (parsed === undefined) throw usageError("no command was named");
  return parsed;
}

/** Commander's own help, output and exit are not used: errors are thrown, help is ours. */
function silent(command: Command): Command {
  return command
    .helpOption(false)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .allowExcessArguments(false);
}

/** By our name of each option, the name under which commander keeps it. */
type OptionNames = ReadonlyMap<string, string>;

function namesOf(specs: OptionSpecs): OptionNames {
  return new Map(Object.entries(specs).map(([name, { flags }]) => [name, optionOf(flags).attributeName()]));
}

function addOptions(command: Command, specs: OptionSpecs): OptionNames {
  for (const spec of Object.values(specs)) {
    const option = optionOf(spec.flags);
    if (!spec.isFlag) option.argParser((value: string, previous: unknown) => spec.parse(value, previous));
    command.addOption(option);
  }
  return namesOf(specs);
}

/** `--no-input` is a flag like any other here, not the negation of an option `--input`. */
function optionOf(flags: string): Option {
  const option = new Option(flags);
  option.negate = false;
  return option;
}

function valuesOf<V>(command: Command, names: OptionNames): V {
  const found: Record<string, unknown> = command.opts();
  const values: Record<string, unknown> = {};
  for (const [name, attribute] of names) if (found[attribute] !== undefined) values[name] = found[attribute];
  return values as V;
}

function usageErrorOf(error: CommanderError): Error {
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const near = /^\(Did you mean (.+)\?\)$/.exec(rest.join(" "))?.[1];
  return usageError(
    first.replaceAll("'", "").replace(/\.$/, ""),
    near === undefined ? undefined : `did you mean ${near}?`,
  );
}
