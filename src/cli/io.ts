/** What the command line is given from outside: arguments, environment, streams. Only main.ts makes one from the process. */
import type { Readable, Writable } from "node:stream";
import type { ExitCode } from "../base/errors.ts";
import type { Workspace } from "../usecase/workspace.ts";

/** An output stream. Writing never throws and never blocks; what cannot be written any more is dropped. */
export interface Sink {
  readonly isTerminal: boolean;
  /** cells per line, where it is a terminal */
  readonly columns: number | undefined;
  write(text: string): void;
  /** resolves when everything written so far has left this process, or never will */
  flushed(): Promise<void>;
}

export interface Io {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** the streams a prompt talks to */
  readonly terminal: { readonly input: Readable & { readonly isTTY?: boolean }; readonly output: Writable };
  readonly signals: Signals;
  /** opens the full-screen UI and returns how it ended; absent where there is none */
  readonly openUi?: (request: UiRequest) => Promise<ExitCode>;
}

/** What the full-screen UI is opened with. */
export interface UiRequest {
  readonly workspace: Workspace;
  /** sources of snapshots to browse; undefined starts at home */
  readonly browse?: readonly string[];
  readonly ascii: boolean;
  readonly color: boolean;
  readonly env: Io["env"];
}

/** How a person stops a run: first after the current statement, then the statement itself. */
export interface Signals {
  readonly stop: AbortSignal;
  readonly cancel: AbortSignal;
  /** the first signal ends the process at once from now on: for commands that change nothing */
  leaveAtOnce(): void;
}

/** A sink on a process stream; a reader that went away (EPIPE, EIO after a hangup) is no error of ours. */
export function streamSink(stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }): Sink {
  let gone = false;
  stream.on("error", () => {
    gone = true;
  });
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
    write(text) {
      if (!gone) stream.write(text);
    },
    flushed() {
      if (gone || stream.writableLength === 0) return Promise.resolve();
      return new Promise((resolve) => {
        stream.once("error", () => resolve());
        stream.write("", () => resolve());
      });
    },
  };
}
