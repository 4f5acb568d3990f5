/**
 * A terminal in this process: a program draws on `output` and reads `input`, a test presses keys and reads the frame
 * as text. For programs in a process of their own see pty.ts.
 */
import { PassThrough, Writable } from "node:stream";
import xterm from "@xterm/headless";

/** A readable that passes for a terminal. */
export interface TerminalInput extends PassThrough {
  isTTY: true;
  isRaw: boolean;
  setRawMode(raw: boolean): TerminalInput;
}

/** A writable that passes for a terminal. */
export interface TerminalOutput extends Writable {
  isTTY: true;
  columns: number;
  rows: number;
}

export interface VirtualTerminal {
  readonly terminal: xterm.Terminal;
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  /** What the screen shows: lines without trailing blanks, no attributes. */
  frame(): string;
  /** Waits until everything written so far is on the screen. */
  settle(): Promise<void>;
  /** Sends keys as the terminal would and waits for the screen. */
  press(keys: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
}

const TICK_MS = 5;
const SETTLE_LIMIT_MS = 5_000;

/** A new empty screen. */
export function virtualTerminal(columns = 80, rows = 24): VirtualTerminal {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  let pending = 0;
  const output: TerminalOutput = Object.assign(
    new Writable({
      write(chunk: Uint8Array | string, _encoding, done) {
        pending++;
        terminal.write(chunk, () => {
          pending--;
          done();
        });
      },
    }),
    { columns, rows, isTTY: true as const },
  );
  const input: TerminalInput = Object.assign(new PassThrough(), {
    isTTY: true as const,
    isRaw: false,
    setRawMode(raw: boolean) {
      input.isRaw = raw;
      return input;
    },
  });

  async function settle(): Promise<void> {
    const end = performance.now() + SETTLE_LIMIT_MS;
    do {
      if (performance.now() > end) throw new Error(`the screen did not settle within ${SETTLE_LIMIT_MS} ms`);
      await Bun.sleep(TICK_MS);
    } while (pending > 0 || output.writableLength > 0);
  }

  return {
    terminal,
    input,
    output,
    frame: () => frameOf(terminal),
    settle,
    async press(keys) {
      input.write(keys);
      await settle();
    },
    async resize(newColumns, newRows) {
      terminal.resize(newColumns, newRows);
      output.columns = newColumns;
      output.rows = newRows;
      output.emit("resize");
      await settle();
    },
  };
}

/** The visible part of a terminal's active buffer as text. */
export function frameOf(terminal: xterm.Terminal): string {
  const buffer = terminal.buffer.active;
  const lines = Array.from(
    { length: terminal.rows },
    (_, y) => buffer.getLine(buffer.viewportY + y)?.translateToString(true) ?? "",
  );
  return lines.join("\n").trimEnd();
}
