/** Questions to a person, on stderr: the only place that knows @clack/prompts. Never asks where nobody can answer. */
import { confirm, intro, isCancel, outro, spinner, text } from "@clack/prompts";
import { safeText } from "../base/text.ts";
import type { GlobalValues } from "./global-options.ts";
import type { Io } from "./io.ts";

/** What was answered; `cancelled` when the person pressed Ctrl-C or Escape. */
export type Answer<T> = { readonly answer: T } | { readonly cancelled: true };

/**
 * Whether a person is there to answer: a terminal on both ends, no CI, and no flag that says otherwise. A prompt at the
 * end of its input never settles and keeps a core busy, so this is asked before every prompt.
 */
export function canAsk(io: Io, globals: GlobalValues): boolean {
  return (
    io.terminal.input.isTTY === true &&
    io.stderr.isTerminal &&
    !isContinuousIntegration(io.env) &&
    io.env["TERM"] !== "dumb" &&
    globals.json !== true &&
    globals.noInput !== true
  );
}

function isContinuousIntegration(env: Io["env"]): boolean {
  const value = env["CI"];
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}

/** Asks for one certain text to be typed, such as a database's name; true when it was. */
export async function askTyped(io: Io, message: string, expected: string): Promise<Answer<boolean>> {
  const typed = await text({
    message: safeText(message),
    validate: (value) => (value === expected ? undefined : `type ${safeText(expected)} to go on, or press Escape`),
    ...streams(io),
  });
  return isCancel(typed) ? { cancelled: true } : { answer: typed === expected };
}

/** Asks a question with yes and no; no is the answer that Enter gives, unless `usual` says otherwise. */
export async function askConfirm(io: Io, message: string, usual = false): Promise<Answer<boolean>> {
  const answer = await confirm({ message: safeText(message), initialValue: usual, ...streams(io) });
  return isCancel(answer) ? { cancelled: true } : { answer };
}

/** The line a conversation begins with. */
export function showIntro(io: Io, title: string): void {
  intro(safeText(title), { output: io.terminal.output });
}

/** The line it ends with. */
export function showOutro(io: Io, words: string): void {
  outro(safeText(words), { output: io.terminal.output });
}

/** Turns a spinner while some work goes on; says so when it is done. Only where `canAsk`. */
export async function whileSpinning<T>(io: Io, message: string, work: () => Promise<T>): Promise<T> {
  const turning = spinner({ output: io.terminal.output, signal: io.signals.stop });
  turning.start(safeText(message));
  try {
    const result = await work();
    turning.stop(safeText(message));
    return result;
  } catch (error) {
    turning.error(safeText(`${message}: failed`));
    throw error;
  }
}

function streams(io: Io) {
  return { input: io.terminal.input, output: io.terminal.output, signal: io.signals.stop };
}
