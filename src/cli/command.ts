/** A command as data: its path, what it takes, what its help says, and the function that runs it. */
import type { ExitCode } from "../base/errors.ts";
import type { Run, Workspace } from "../usecase/workspace.ts";
import type { GlobalValues } from "./global-options.ts";
import type { Io } from "./io.ts";
import type { OptionSpecs, OptionValues } from "./options.ts";
import type { Output } from "./output.ts";
import type { ConfigOverrides } from "./workspace.ts";

export interface ArgumentSpec {
  readonly name: string;
  readonly description: string;
  /** arguments after an optional one are optional too */
  readonly optional?: true;
}

export interface CommandExample {
  readonly command: string;
  readonly says: string;
}

/** What a running command is given. */
export interface Call<S extends OptionSpecs = OptionSpecs> {
  readonly options: OptionValues<S>;
  readonly globals: GlobalValues;
  /** arguments in order; as many as were given */
  readonly args: readonly string[];
  readonly io: Io;
  readonly output: Output;
  /** the configuration and connection, with what the command itself overrides; read once, on demand */
  workspace(overrides?: ConfigOverrides): Promise<Workspace>;
  /** what a use case says and hears; its events are shown as progress */
  readonly run: Run;
}

export interface CommandSpec<S extends OptionSpecs = OptionSpecs> {
  /** words that name it, separated by a space: `migrate up` */
  readonly path: string;
  readonly summary: string;
  /** further sentences of its help */
  readonly details?: readonly string[];
  readonly args?: readonly ArgumentSpec[];
  readonly options: S;
  readonly examples: readonly CommandExample[];
  /** exit codes of its own beside 0, 1 and 64 */
  readonly exitCodes?: Readonly<Partial<Record<ExitCode, string>>>;
  /** it writes nothing anywhere and leaves nothing to clean up: the first Ctrl-C ends it at once */
  readonly readsOnly?: true;
  /** with --json it prints one event per line and the result as the last line */
  readonly streams?: true;
  readonly run: (call: Call<S>) => Promise<ExitCode>;
}

/** A command with the types of its options erased: what the list of commands holds. */
export type AnyCommand = Omit<CommandSpec, "run"> & { readonly run: (call: Call) => Promise<ExitCode> };

/** Defines a command; its options are typed by their specs inside `run`. */
export function defineCommand<const S extends OptionSpecs>(spec: CommandSpec<S>): AnyCommand {
  return spec as unknown as AnyCommand;
}

/** A group of commands: the first word of their paths. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
}
