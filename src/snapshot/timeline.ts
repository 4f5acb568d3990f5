/** Exported snapshots in a folder as a timeline: what each is of, oldest first. Needs no database. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { toolError } from "../base/errors.ts";
import { compareText } from "../base/ordered.ts";
import type { GraphDocument } from "../model/json.ts";
import { graphSize } from "../model/lined-graph.ts";
import { readGraphFile } from "../source/json-source.ts";

export interface TimelineEntry {
  readonly file: string;
  readonly migration: string;
  readonly phase: "baseline" | "after";
  readonly capturedAt: string;
  readonly hash: string;
  readonly models: number;
  readonly relations: number;
  /** false when the recorded hash is not the content's: edited by hand */
  readonly intact: boolean;
}

/** More files than this in one folder are not a timeline. */
const maxFiles = 10_000;

/**
 * The exported snapshots of a folder, by the time they were captured. Files of other kinds are passed over; a file that
 * looks like one and is not is an error, so that a gap in history is never silent.
 */
export async function readTimeline(folder: string, shown: string): Promise<TimelineEntry[]> {
  const files = snapshotFiles(folder, shown);
  const entries: TimelineEntry[] = [];
  for (const file of files) entries.push(entryOf(file, await readGraphFile(join(folder, file), join(shown, file))));
  return entries.sort((a, b) => compareText(a.capturedAt, b.capturedAt) || compareText(a.file, b.file));
}

/** Names of the files that may be exported snapshots. */
export function snapshotFiles(folder: string, shown: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw toolError({
      code: missing ? "file_missing" : "file_unreadable",
      what: `cannot read the folder ${shown}`,
      why: error instanceof Error ? error.message : String(error),
      state: "nothing was changed",
      next: "name a folder of exported snapshots",
    });
  }
  const files = names.filter((name) => /\.json(\.gz)?$/.test(name) && !name.startsWith(".")).sort(compareText);
  if (files.length <= maxFiles) return files;
  throw toolError({
    code: "file_invalid",
    what: `the folder ${shown} holds ${files.length} JSON files`,
    why: `a timeline has at most ${maxFiles}`,
    state: "nothing was read",
    next: "name a folder that holds exported snapshots only",
  });
}

function entryOf(file: string, { graph, origin, hash, intact }: GraphDocument): TimelineEntry {
  return {
    file,
    migration: origin.migration ?? file,
    phase: origin.phase ?? "after",
    capturedAt: origin.capturedAt ?? "",
    hash,
    ...graphSize(graph),
    intact,
  };
}
