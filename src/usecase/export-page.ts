/** Writes a comparison of two schemas as one HTML page. Never overwrites a file; knows no terminal. */
import { diffGraphs } from "../diff/graph-diff.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { compare } from "../snapshot/compared.ts";
import { htmlPage } from "../snapshot/html.ts";
import { fileWord, openNewFile } from "./new-file.ts";
import type { Workspace } from "./workspace.ts";

export interface PageInput {
  readonly before: SchemaGraph;
  readonly after: SchemaGraph;
  /** what the two sides are called */
  readonly names: { readonly before: string; readonly after: string };
}

/**
 * Writes the page into the folder the tool was started in; returns the name of the file.
 * @throws ToolError file_exists, file_unreadable
 */
export function exportPage({ cwd }: Workspace, { before, after, names }: PageInput): string {
  const page = htmlPage(compare(before, after, diffGraphs(before, after)), names);
  const word = (name: string): string => fileWord(name.replace(/\.json(\.gz)?$/, ""));
  const file = openNewFile(cwd, `${word(names.before)}-to-${word(names.after)}`, "html");
  try {
    file.write(page);
  } finally {
    file.close();
  }
  return file.name;
}
