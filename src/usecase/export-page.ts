/** Writes a comparison of two schemas as one HTML page into a folder. Never overwrites a file; knows no terminal. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolError } from "../base/errors.ts";
import { diffGraphs } from "../diff/graph-diff.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { compare } from "../snapshot/compared.ts";
import { htmlPage } from "../snapshot/html.ts";
import type { Workspace } from "./workspace.ts";

export interface PageInput {
  readonly before: SchemaGraph;
  readonly after: SchemaGraph;
  /** what the two sides are called */
  readonly names: { readonly before: string; readonly after: string };
}

/** Pages of the same two names that one folder takes. */
const mostPages = 100;

/** Letters of a side's name that go into the name of the file. */
const nameLength = 60;

/**
 * Writes the page beside where the tool was started; returns the name of the file.
 * @throws ToolError file_exists, file_unreadable
 */
export function exportPage({ cwd }: Workspace, { before, after, names }: PageInput): string {
  const page = htmlPage(compare(before, after, diffGraphs(before, after)), names);
  const stem = `${fileWord(names.before)}-to-${fileWord(names.after)}`;
  for (let copy = 1; copy <= mostPages; copy++) {
    const name = copy === 1 ? `${stem}.html` : `${stem}-${copy}.html`;
    try {
      writeFileSync(join(cwd, name), page, { flag: "wx" });
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(name, cwd, error);
    }
  }
  throw toolError({
    code: "file_exists",
    what: `there are ${mostPages} pages named ${stem} already`,
    state: "nothing was written",
    next: "move some of them away",
  });
}

/** What is left of a name that may hold anything: letters, digits and a few signs that every file system takes. */
function fileWord(name: string): string {
  const word = name
    .replace(/\.json(\.gz)?$/, "")
    .replaceAll(/[^A-Za-z0-9_.-]+/g, "_")
    .replace(/^[.-]+/, "");
  return word.slice(0, nameLength) || "schema";
}

function unwritable(name: string, cwd: string, error: unknown): Error {
  return toolError({
    code: "file_unreadable",
    what: `${name} cannot be written in ${cwd}`,
    why: error instanceof Error ? error.message : String(error),
    state: "nothing was written",
    next: "start zanith in a folder that can be written to",
  });
}
