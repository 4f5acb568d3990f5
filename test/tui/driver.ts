// Drives the screens in this process on a virtual terminal: press keys, wait until nothing is busy, read the frame.
import { afterEach } from "bun:test";
import { type App, type AppInput, startApp } from "../../src/tui/app.ts";
import type { Workspace } from "../../src/usecase/workspace.ts";
import { type VirtualTerminal, virtualTerminal } from "../support/virtual-terminal.ts";
import { waitFor } from "../support/wait-for.ts";

export interface Driver {
  readonly app: App;
  readonly terminal: VirtualTerminal;
  /** Sends keys as a terminal would, one after the other, and waits until the screens have settled. */
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  settled(): Promise<void>;
  /** What the terminal shows. */
  frame(): string;
  /** Waits until the frame contains a text: for runs that go on by themselves. */
  until(text: string, limitMs?: number): Promise<void>;
  /** Text of the rows that are shown inverse. */
  selected(): string;
}

const keys: Readonly<Record<string, string>> = {
  enter: "\r",
  escape: "\u001b",
  tab: "\t",
  space: " ",
  up: "\u001b[A",
  down: "\u001b[B",
  pagedown: "\u001b[6~",
  backspace: "\u007f",
  "ctrl-c": "\u0003",
  "ctrl-r": "\u0012",
  home: "\u001b[H",
};

/** Starts the screens; they are closed after the test. */
export function startDriver(
  given: Partial<Omit<AppInput, "input" | "output">> & { readonly workspace: Workspace },
  size: { readonly columns: number; readonly rows: number } = { columns: 100, rows: 30 },
): Driver {
  const terminal = virtualTerminal(size.columns, size.rows);
  const app = startApp({
    input: terminal.input,
    output: terminal.output,
    theme: "dark",
    ascii: false,
    ...given,
  });
  running.add(app);
  const settled = async (): Promise<void> => {
    await app.idle();
    await terminal.settle();
  };
  return {
    app,
    terminal,
    settled,
    async press(...pressed) {
      for (const key of pressed) {
        // The screens listened first: when this listener hears the key, they have.
        const heard = new Promise((resolve) => terminal.input.once("data", resolve));
        terminal.input.write(keys[key] ?? key);
        await heard;
        await settled();
      }
    },
    async resize(columns, rows) {
      await terminal.resize(columns, rows);
      await settled();
    },
    frame: () => terminal.frame(),
    async until(text, limitMs) {
      const isShown = async (): Promise<boolean> => {
        await terminal.settle();
        return terminal.frame().includes(text);
      };
      try {
        await waitFor(`the screen to show ${JSON.stringify(text)}`, isShown, limitMs);
      } catch (error) {
        throw new Error(`${String(error)}:\n${terminal.frame()}`);
      }
    },
    selected() {
      const { buffer, rows, cols } = terminal.terminal;
      const lines: string[] = [];
      for (let y = 0; y < rows; y++) {
        const line = buffer.active.getLine(buffer.active.viewportY + y);
        let text = "";
        for (let x = 0; x < cols; x++) {
          const cell = line?.getCell(x);
          if (cell !== undefined && cell.isInverse() !== 0) text += cell.getChars() || " ";
        }
        if (text.trim() !== "") lines.push(text.trimEnd());
      }
      return lines.join("\n");
    },
  };
}

const running = new Set<App>();

afterEach(async () => {
  for (const app of running) {
    app.stop("cancel", 0);
    await app.done;
  }
  running.clear();
});
