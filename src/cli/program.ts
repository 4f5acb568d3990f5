/** One run of the command line: looks at the arguments, shows help or runs a command, and turns what happened into an exit code. */
import { type ExitCode, exitCode, isToolError, withContext } from "../base/errors.ts";
import { operationKinds } from "../operation/registry.ts";
import { shownError } from "../render/error.ts";
import { line } from "../render/line.ts";
import { opsEntries, renderOps } from "../render/ops.ts";
import { productKinds } from "../risk/product-kinds.ts";
import type { Run } from "../usecase/workspace.ts";
import type { AnyCommand } from "./command.ts";
import { commandGroups, commands } from "./commands/index.ts";
import { canOpenUi } from "./commands/ui.ts";
import { type FirstLook, type GlobalValues, lookAt } from "./global-options.ts";
import { renderCommandHelp, renderGroupHelp, renderOverview } from "./help.ts";
import type { Io } from "./io.ts";
import { usageError } from "./options.ts";
import { createOutput, type Output } from "./output.ts";
import { type ParsedCommand, parseArguments } from "./parse.ts";
import { createProgress } from "./progress.ts";
import { canAsk } from "./prompts.ts";
import { version } from "./version.ts";
import { type ConfigOverrides, createWorkspace } from "./workspace.ts";

/** Runs what the arguments ask for. Never throws; every error has been shown when it returns. */
export async function runProgram(io: Io): Promise<ExitCode> {
  const look = lookAt(io.argv);
  const output = createOutput(io, look.output);
  try {
    return await dispatch(io, output, look);
  } catch (error) {
    const shown = shownError(error);
    output.error(shown);
    return shown.exitCode;
  } finally {
    await output.flushed();
  }
}

function dispatch(io: Io, output: Output, look: FirstLook): Promise<ExitCode> | ExitCode {
  if (look.wantsVersion) return showVersion(output);
  if (look.wantsHelp) return showHelp(output, look.words);
  const isGroup = look.words.length === 1 && commandGroups.some(({ name }) => name === look.words[0]);
  const flags: GlobalValues = {
    ...(output.json ? { json: true } : {}),
    ...(io.argv.includes("--no-input") ? { noInput: true } : {}),
  };
  if (look.words.length === 0 && !io.argv.includes("--") && canOpenUi(io, flags)) {
    return runCommand(io, output, parse([...io.argv, "ui"], look));
  }
  if (isGroup && look.words[0] === "migrate" && canAsk(io, flags)) {
    return runCommand(io, output, parse([...io.argv, "guide"], look));
  }
  if (isGroup || look.isBare) return showHelp(output, look.words);
  return runCommand(io, output, parse(io.argv, look));
}

/** The command; a usage error points at the help of what was meant. */
function parse(argv: readonly string[], { words }: FirstLook): ParsedCommand {
  try {
    return parseArguments(argv, commands, commandGroups);
  } catch (error) {
    if (!isToolError(error, "usage")) throw error;
    const group = commandGroups.find(({ name }) => name === words[0])?.name;
    const topic = longestCommand(words)?.path ?? group;
    throw topic === undefined ? error : withContext(error, { next: `zanith ${topic} --help` });
  }
}

async function runCommand(io: Io, output: Output, parsed: ParsedCommand): Promise<ExitCode> {
  const { command, globals } = parsed;
  if (command.readsOnly) io.signals.leaveAtOnce();
  output.streaming = output.json && command.streams === true;
  const progress = createProgress(output, command.streams === true);
  const run: Run = { emit: progress.emit, signal: io.signals.stop, cancel: io.signals.cancel };
  try {
    return await command.run({
      ...parsed,
      io,
      output,
      run,
      workspace: (overrides?: ConfigOverrides) => createWorkspace(io, output, globals, overrides),
    });
  } finally {
    progress.stop();
  }
}

function showVersion(output: Output): ExitCode {
  if (output.json) output.result(version);
  else output.print([line(`zanith ${version.version} (${version.commit})`)]);
  return exitCode.done;
}

/** Help is for people and reads the same with --json; only the operation reference has a form as data. */
function showHelp(output: Output, words: readonly string[]): ExitCode {
  const path = words.join(" ");
  if (path === "ops") {
    const entries = opsEntries(productKinds, operationKinds);
    if (output.json) output.result({ kinds: entries });
    else output.print(renderOps(entries));
    return exitCode.done;
  }
  const command = longestCommand(words);
  const group = commandGroups.find(({ name }) => name === words[0]);
  if (command !== undefined) output.help(renderCommandHelp(command));
  else if (group !== undefined && words.length === 1) {
    output.help(
      renderGroupHelp(
        group,
        commands.filter((one) => one.path.startsWith(`${group.name} `)),
      ),
    );
  } else if (words.length === 0) output.help(renderOverview(commands, version.version));
  else throw usageError(`there is no help on ${JSON.stringify(path)}`, undefined, "zanith --help");
  return exitCode.done;
}

/** The command that the first words name: `diff a b --help` is help on diff. */
function longestCommand(words: readonly string[]): AnyCommand | undefined {
  return [2, 1]
    .map((count) => words.slice(0, count).join(" "))
    .map((path) => commands.find((one) => one.path === path))
    .find((one) => one !== undefined);
}
