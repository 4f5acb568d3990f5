/**
 * The only file that knows blessed: a surface of cells that keys, the mouse and frames go through. It draws what it is
 * given, changed cells only; it knows no widget of blessed and no state of ours.
 */
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import Program from "blessed/lib/program.js";
import Tput from "blessed/lib/tput.js";
import Screen, { type BlessedKey } from "blessed/lib/widgets/screen.js";
import terminfo from "blessed/usr/xterm-256color" with { type: "file" };

// One embedded entry for every terminal: blessed cannot read today's 256-colour entries and would look for its own copy
// in the folder that the program was built in.
Tput.prototype.readTerminfo = function () {
  return this.parseTerminfo(readFileSync(terminfo), "xterm-256color");
};
// Lines are drawn as UTF-8 or ASCII, never through the alternate character set.
Tput.prototype.detectBrokenACS = () => true;

/** Colours 0-15, or undefined for the terminal's own. */
export interface CellStyle {
  readonly color?: number | undefined;
  readonly bold?: boolean | undefined;
  readonly underline?: boolean | undefined;
  readonly inverse?: boolean | undefined;
}

/** A run of cells with one style; its text is safe and every grapheme of it takes one or two cells. */
export interface StyledRun {
  readonly text: string;
  readonly style: CellStyle;
}

/** A key by name (`up`, `enter`, `C-c`, `S-tab`, `a`) and the text it types, when it types one. */
export interface Key {
  readonly name: string;
  readonly text: string | undefined;
}

export interface Pointer {
  readonly action: "press" | "wheel-up" | "wheel-down";
  readonly column: number;
  readonly row: number;
}

export interface SurfaceInput {
  readonly input: Readable & { setRawMode?(raw: boolean): unknown; readonly isRaw?: boolean };
  readonly output: Writable & { readonly columns?: number; readonly rows?: number };
  readonly onKey: (key: Key) => void;
  readonly onPointer: (pointer: Pointer) => void;
  readonly onResize: () => void;
  /** the cells a grapheme takes: 1 or 2 */
  readonly widthOf: (grapheme: string) => number;
}

export interface Surface {
  readonly columns: number;
  readonly rows: number;
  /** Draws a whole frame; only what differs from the last one is sent. */
  paint(frame: readonly (readonly StyledRun[])[]): void;
  /** Gives the terminal back for a while, as it was before. */
  leave(): void;
  /** Takes it again; the next frame is drawn in full. */
  enter(): void;
  /** Gives the terminal back for good. Can be called again. */
  close(): void;
}

const noColor = 0x1ff;
const mouseModes = "VT200MOUSE=1,SGRMOUSE=1,CELLMOTION=1";
/** Text whose every code unit is a cell: ASCII, and signs, none of which is wide when it gets here. */
const plain = /^[ -~\u2010-\u27bf]*$/;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Takes the terminal: alternate screen, raw keys, mouse. */
export function openSurface(given: SurfaceInput): Surface {
  const screen = makeScreen(given);
  const { program } = screen;
  let held = true;
  let closed = false;
  const pointers: Readonly<Record<string, Pointer["action"]>> = {
    mousedown: "press",
    wheelup: "wheel-up",
    wheeldown: "wheel-down",
  };
  program.on("keypress", (text, key) => {
    // Enter arrives twice: as `return` and as `enter`.
    if (key?.name === "return") return;
    const name = nameOf(text, key);
    if (name !== undefined) given.onKey({ name, text: printable(text) });
  });
  program.on("mouse", ({ action, x, y }) => {
    const kind = pointers[action];
    if (kind !== undefined) given.onPointer({ action: kind, column: x, row: y });
  });
  program.on("resize", given.onResize);
  withEnvironment({ BLESSED_FORCE_MODES: mouseModes }, () => program.enableMouse());
  program.flush();

  const leave = (): void => {
    if (!held) return;
    held = false;
    program.disableMouse();
    screen.leave();
    program.flush();
    unlessGone(() => given.input.setRawMode?.(false));
    given.input.pause();
  };
  return {
    get columns() {
      return screen.cols;
    },
    get rows() {
      return screen.rows;
    },
    paint(frame) {
      if (held) paintOn(screen, frame, given.widthOf);
    },
    leave,
    enter() {
      if (held || closed) return;
      held = true;
      given.input.setRawMode?.(true);
      given.input.resume();
      screen.enter();
      withEnvironment({ BLESSED_FORCE_MODES: mouseModes }, () => program.enableMouse());
      program.flush();
    },
    close() {
      if (closed) return;
      closed = true;
      leave();
      holdBack();
      // It sets the mode of the input as well.
      unlessGone(() => screen.destroy());
    },
  };
}

/** Does something to the terminal that one which was closed under us (EIO) cannot have done any more, and need not. */
function unlessGone(body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof Error) || !/\b(errno: 5|EIO)\b/.test(error.message)) throw error;
  }
}

function makeScreen({ input, output }: SurfaceInput): Screen {
  holdBack();
  // Inside tmux blessed would start `tmux -V` from PATH.
  const screen = withEnvironment(
    { TMUX: undefined },
    () =>
      new Screen({
        input,
        output,
        terminal: "xterm-256color",
        forceUnicode: true,
        fullUnicode: false,
        resizeTimeout: 0,
      }),
  );
  // Frames are drawn by paint alone; blessed would draw an empty one on every resize.
  screen.render = () => {};
  return screen;
}

/** Keeps blessed from installing handlers that end the process: terminal.ts answers signals, main.ts errors. */
function holdBack(): void {
  const nothing = (): void => {};
  Screen._bound = true;
  Program._bound = true;
  Program._exitHandler ??= nothing;
  Screen._exceptionHandler ??= nothing;
  Screen._sigtermHandler ??= nothing;
  Screen._sigintHandler ??= nothing;
  Screen._sigquitHandler ??= nothing;
  Screen._exitHandler ??= nothing;
}

function withEnvironment<T>(values: Readonly<Record<string, string | undefined>>, body: () => T): T {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(values)) set(name, value);
  try {
    return body();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

function paintOn(
  screen: Screen,
  frame: readonly (readonly StyledRun[])[],
  widthOf: (grapheme: string) => number,
): void {
  for (let y = 0; y < screen.rows; y++) {
    const row = screen.lines[y];
    const shown = screen.olines[y];
    if (row === undefined || shown === undefined) continue;
    let x = 0;
    const put = (attributes: number, text: string): void => {
      const cell = row[x];
      if (cell === undefined) return;
      cell[0] = attributes;
      cell[1] = text;
      x++;
    };
    for (const { text, style } of frame[y] ?? []) {
      const attributes = attributesOf(style);
      if (plain.test(text)) {
        for (const character of text) put(attributes, character);
        continue;
      }
      for (const { segment } of graphemes.segment(text)) {
        if (widthOf(segment) < 2) put(attributes, segment);
        else if (x + 1 < row.length) {
          const old = shown[x];
          const follower = shown[x + 1];
          // The second half of a wide character is an empty cell. It is drawn again with the first one, because the
          // cursor stands behind both after that.
          if (follower !== undefined && (old?.[0] !== attributes || old[1] !== segment)) follower[1] = "\0";
          put(attributes, segment);
          put(attributes, "");
        } else put(attributes, " ");
      }
    }
    while (x < row.length) put(attributesOf({}), " ");
    row.dirty = true;
  }
  screen.draw(0, screen.rows - 1);
  screen.program.flush();
}

function attributesOf({ color, bold, underline, inverse }: CellStyle): number {
  const flags = (bold ? 1 : 0) | (underline ? 2 : 0) | (inverse ? 8 : 0);
  return (flags << 18) | ((color ?? noColor) << 9) | noColor;
}

function nameOf(text: string | undefined, key: BlessedKey | undefined): string | undefined {
  const typed = printable(text);
  // Letters keep their case: blessed calls a capital A `S-a`.
  if (typed !== undefined && key?.ctrl !== true && key?.meta !== true) return typed === " " ? "space" : typed;
  return key?.full ?? undefined;
}

function printable(text: string | undefined): string | undefined {
  return text !== undefined && /^[^\p{C}\p{Z}]$|^ $/u.test(text) ? text : undefined;
}
