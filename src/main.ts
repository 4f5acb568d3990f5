/** The process: arguments and environment in, signals, exit code out. The only place that sets process.exitCode. */
import { exitCode } from "./base/errors.ts";
import { type Io, streamSink } from "./cli/io.ts";
import { runProgram } from "./cli/program.ts";
import { renderError, shownError } from "./render/error.ts";
import { linesText } from "./render/line.ts";

/** How long a process in an unknown state may take to close its sessions before it ends itself. */
const lastResortMs = 5_000;

const stop = new AbortController();
const cancel = new AbortController();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const stdout = streamSink(process.stdout);
const stderr = streamSink(process.stderr);
let leavesAtOnce = false;
/** who answers signals and bugs instead, while it holds the terminal */
let guard: ((ending: (typeof signals)[number] | "bug") => void) | undefined;
let hasBug = false;

const io: Io = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdout,
  stderr,
  terminal: { input: process.stdin, output: process.stderr },
  signals: {
    stop: stop.signal,
    cancel: cancel.signal,
    leaveAtOnce() {
      leavesAtOnce = true;
    },
  },
  async openUi(request) {
    // Loaded only when it is asked for: every other command starts without it.
    const { openUi } = await import("./tui/open-ui.ts");
    return openUi(request, {
      input: process.stdin,
      output: process.stdout,
      takeOver(listener) {
        guard = listener;
        return () => {
          guard = undefined;
        };
      },
    });
  },
};

for (const signal of signals) process.on(signal, () => onSignal(signal));
process.on("uncaughtException", onBug);
process.on("unhandledRejection", onBug);

// Until the program says otherwise, an end is an unexpected one.
process.exitCode = exitCode.unexpected;
const code = await runProgram(io);
process.exitCode = hasBug ? exitCode.unexpected : code;

function onSignal(signal: (typeof signals)[number]): void {
  if (guard !== undefined) guard(signal);
  else if (leavesAtOnce || cancel.signal.aborted) {
    endBy(signal);
  } else if (stop.signal.aborted) {
    stderr.write("cancelling the statement; once more ends zanith at once\n");
    cancel.abort();
  } else {
    stderr.write("stopping after the current statement; once more cancels it\n");
    stop.abort();
  }
}

/** Ends as the signal would have ended a process without handlers, so that a shell sees which one it was. */
function endBy(signal: (typeof signals)[number]): void {
  for (const name of signals) process.removeAllListeners(name);
  process.kill(process.pid, signal);
}

function onBug(error: unknown): void {
  hasBug = true;
  process.exitCode = exitCode.unexpected;
  guard?.("bug");
  stderr.write(linesText(renderError(shownError(error))));
  stop.abort();
  cancel.abort();
  setTimeout(() => endBy("SIGTERM"), lastResortMs).unref();
}
