/** Runs a program on a pseudo terminal and reads its screen, for what only a real terminal shows: keys, resize, exit. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import xterm from "@xterm/headless";
import { cliCommand, cliEnvironment } from "./run-cli.ts";
import { frameOf } from "./virtual-terminal.ts";

export interface PtyOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Value of TERM; `xterm-256color` when absent. */
  readonly term?: string;
}

export interface Pty {
  readonly pid: number;
  /** What the screen shows now. */
  frame(): string;
  /** Every byte written so far, escape sequences included. */
  raw(): string;
  /** Waits until the screen contains `text`; throws with the frame when it never does. */
  until(text: string, limitMs?: number): Promise<void>;
  write(keys: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: NodeJS.Signals): void;
  /** Closes the terminal as a lost connection does: the program gets SIGHUP and can neither read nor write any more. */
  hangUp(): void;
  /** Exit code, or 128 plus the signal's number, once the program ended and all its output was read. */
  readonly exited: Promise<number>;
  /** Kills the program when it still runs. */
  [Symbol.asyncDispose](): Promise<void>;
}

const UNTIL_LIMIT_MS = 15_000;
const POLL_MS = 10;

/** Starts `command` on a terminal of its own. */
export function spawnPty(command: readonly string[], options: PtyOptions = {}): Pty {
  const { columns = 80, rows = 24, term = "xterm-256color" } = options;
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const home = mkdtempSync(join(tmpdir(), "zanith-home-"));
  const decoder = new TextDecoder();
  let raw = "";
  const program = Bun.spawn([...command], {
    cwd: options.cwd ?? home,
    env: cliEnvironment(home, { TERM: term, ...options.env }),
    terminal: {
      cols: columns,
      rows,
      name: term,
      data(_terminal, chunk) {
        raw += decoder.decode(chunk, { stream: true });
        screen.write(chunk);
      },
    },
  });
  const terminal = program.terminal;
  if (terminal === undefined) throw new Error("this system gave no pseudo terminal");

  async function finish(): Promise<number> {
    const code = await program.exited;
    await new Promise<void>((resolve) => screen.write("", resolve));
    rmSync(home, { recursive: true, force: true });
    return code;
  }
  const exited = finish();

  return {
    pid: program.pid,
    frame: () => frameOf(screen),
    raw: () => raw,
    async until(text, limitMs = UNTIL_LIMIT_MS) {
      const end = performance.now() + limitMs;
      while (!frameOf(screen).includes(text)) {
        if (performance.now() > end) {
          throw new Error(`the screen never showed ${JSON.stringify(text)}:\n${frameOf(screen)}`);
        }
        await Bun.sleep(POLL_MS);
      }
    },
    write: (keys) => {
      terminal.write(keys);
    },
    resize(newColumns, newRows) {
      terminal.resize(newColumns, newRows);
      screen.resize(newColumns, newRows);
    },
    kill: (signal) => program.kill(signal),
    hangUp: () => terminal.close(),
    exited,
    async [Symbol.asyncDispose]() {
      if (program.exitCode === null && program.signalCode === null) program.kill("SIGKILL");
      await exited;
      terminal.close();
    },
  };
}

/** Starts the tool itself on a terminal: from source, or the binary named by ZANITH_TEST_BINARY. */
export function spawnCliPty(args: readonly string[], options: PtyOptions = {}): Pty {
  return spawnPty([...cliCommand(), ...args], options);
}
