/**
 * The terminal on every way out: signals, sleep and bugs give it back before anything else happens. Owns the window
 * title; decides nothing about a run but how it is asked to end.
 */
import { exitCode } from "../base/errors.ts";
import { safeText } from "../base/text.ts";
import type { App } from "./app.ts";

/** What ends or interrupts the process from outside. */
export type Ending = "SIGINT" | "SIGTERM" | "SIGHUP" | "bug";

export interface TerminalInput {
  readonly app: App;
  readonly output: { write(text: string): unknown };
  /** hands the endings of the process over to a listener; returns how to give them back */
  readonly takeOver: (listener: (ending: Ending) => void) => () => void;
}

/** Answers signals for the app until it is done; returns how to stop that. */
export function guardTerminal({ app, takeOver }: TerminalInput): () => void {
  const giveBack = takeOver((ending) => {
    switch (ending) {
      case "SIGINT":
        app.press({ name: "C-c", text: undefined });
        return;
      case "SIGTERM":
        app.stop("stop", exitCode.interrupted, "zanith was ended (SIGTERM)");
        return;
      case "SIGHUP":
        app.stop("stop", exitCode.interrupted, "the terminal was closed (SIGHUP)");
        return;
      case "bug":
        app.stop("cancel", exitCode.unexpected);
        return;
    }
  });
  const onStop = (): void => sleep(app);
  const onContinue = (): void => wake(app);
  process.on("SIGTSTP", onStop);
  process.on("SIGCONT", onContinue);
  return () => {
    giveBack();
    process.off("SIGTSTP", onStop);
    process.off("SIGCONT", onContinue);
  };
}

/** Back to the shell until SIGCONT. Not during a run: its locks would be held by a process that does nothing. */
export function sleep(app: App): void {
  if (app.state.apply.phase === "running" || app.state.recovery.phase === "running") return;
  app.surface.leave();
  process.kill(process.pid, "SIGSTOP");
}

function wake(app: App): void {
  app.surface.enter();
  app.dispatch({ type: "resize", columns: app.surface.columns, rows: app.surface.rows });
}

/** Names the window after what is open, and remembers its name (xterm's title stack). */
export function setTitle(output: { write(text: string): unknown }, name: string): void {
  // Everything but printable ASCII goes: the title is part of an escape sequence.
  const clean = safeText(name)
    .replace(/[^ -~]/g, "?")
    .slice(0, 80);
  output.write(`\u001b[22;2t\u001b]2;${clean}\u0007`);
}

/** The name the window had. */
export function restoreTitle(output: { write(text: string): unknown }): void {
  output.write("\u001b[23;2t");
}
