/** The few members of blessed 0.1.81 that the surface uses; the package has no types of its own for these paths. */

declare module "blessed/lib/tput.js" {
  const Tput: {
    readonly prototype: {
      parseTerminfo(data: Uint8Array, file: string): unknown;
      readTerminfo: (this: { parseTerminfo(data: Uint8Array, file: string): unknown }) => unknown;
      detectBrokenACS: () => boolean;
    };
  };
  export default Tput;
}

declare module "blessed/lib/program.js" {
  const Program: { _bound?: boolean; _exitHandler?: () => void };
  export default Program;
}

declare module "blessed/lib/widgets/screen.js" {
  import type { Readable, Writable } from "node:stream";

  /** A cell: attributes packed as flags << 18 | foreground << 9 | background, and the text it shows. */
  export type BlessedCell = [attributes: number, text: string];
  export type BlessedRow = BlessedCell[] & { dirty?: boolean };
  export interface BlessedKey {
    readonly name?: string;
    readonly full?: string;
    readonly sequence?: string;
    readonly ctrl?: boolean;
    readonly meta?: boolean;
    readonly shift?: boolean;
  }
  export interface BlessedMouse {
    readonly action: string;
    readonly x: number;
    readonly y: number;
  }
  export interface BlessedProgram {
    on(event: "keypress", listener: (text: string | undefined, key: BlessedKey | undefined) => void): void;
    on(event: "mouse", listener: (mouse: BlessedMouse) => void): void;
    on(event: "resize", listener: () => void): void;
    enableMouse(): void;
    disableMouse(): void;
    flush(): void;
  }
  export default class Screen {
    static _bound?: boolean;
    static _exceptionHandler?: () => void;
    static _sigtermHandler?: () => void;
    static _sigintHandler?: () => void;
    static _sigquitHandler?: () => void;
    static _exitHandler?: () => void;
    constructor(options: {
      input: Readable;
      output: Writable;
      terminal: string;
      forceUnicode: boolean;
      fullUnicode: boolean;
      resizeTimeout: number;
    });
    readonly program: BlessedProgram;
    readonly lines: BlessedRow[];
    readonly olines: BlessedRow[];
    readonly cols: number;
    readonly rows: number;
    render: () => void;
    draw(from: number, to: number): void;
    enter(): void;
    leave(): void;
    destroy(): void;
    alloc(): void;
  }
}

declare module "blessed/usr/xterm-256color" {
  const path: string;
  export default path;
}
