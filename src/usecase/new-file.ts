/** Opens a file that was not there before, named after what is in it. Never overwrites; knows no terminal. */
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { toolError } from "../base/errors.ts";

/** Files of the same name that one folder takes, told apart by a number. */
const mostCopies = 100;

/** Letters of a name that go into the name of a file. */
const wordLength = 60;

export interface NewFile {
  /** its name in the folder */
  readonly name: string;
  write(text: string): void;
  close(): void;
  /** removes the file: a part of it must not pass for the whole */
  discard(): void;
}

/**
 * Opens `<stem>.<extension>` in a folder, or `<stem>-2.<extension>` where there is one, for its owner alone.
 * @throws ToolError file_exists, file_unreadable
 */
export function openNewFile(folder: string, stem: string, extension: string): NewFile {
  for (let copy = 1; copy <= mostCopies; copy++) {
    const name = copy === 1 ? `${stem}.${extension}` : `${stem}-${copy}.${extension}`;
    const path = join(folder, name);
    try {
      const file = openSync(path, "wx", 0o600);
      return {
        name,
        write(text) {
          const bytes = Buffer.from(text);
          for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
        },
        close: () => closeSync(file),
        discard: () => unlinkSync(path),
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(name, folder, error);
    }
  }
  throw toolError({
    code: "file_exists",
    what: `there are ${mostCopies} files named ${stem}.${extension} already`,
    state: "nothing was written",
    next: "move some of them away",
  });
}

/** What is left of a name that may hold anything: letters, digits and a few signs that every file system takes. */
export function fileWord(name: string): string {
  const word = name.replaceAll(/[^A-Za-z0-9_.-]+/g, "_").replace(/^[.-]+/, "");
  return word.slice(0, wordLength) || "unnamed";
}

function unwritable(name: string, folder: string, error: unknown): Error {
  return toolError({
    code: "file_unreadable",
    what: `${name} cannot be written in ${folder}`,
    why: error instanceof Error ? error.message : String(error),
    state: "nothing was written",
    next: "start zanith in a folder that can be written to",
  });
}
