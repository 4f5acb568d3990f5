/** Finds and reads the scripts of a `.sql` source: one file, or the `.sql` files of a folder in the order of their names. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { toolError } from "../base/errors.ts";
import { sortedBy } from "../base/ordered.ts";
import { openError, readTextFile, statFile } from "./read-file.ts";
import type { Script } from "./script.ts";

/** The largest script that is read, and the most scripts of one folder. */
export const scriptLimits = { bytes: 64 * 1024 * 1024, files: 10_000 } as const;

/**
 * The scripts at a path; `shown` is the path as the user wrote it and begins the names of files in messages.
 * @throws ToolError file_missing, file_unreadable, file_invalid
 */
export async function readScripts(path: string, shown: string): Promise<readonly Script[]> {
  const stats = await statFile(path, shown);
  if (!stats.isDirectory()) return [{ file: shown, text: await readTextFile(path, shown, scriptLimits) }];
  const names = await sqlFilesOf(path, shown);
  const scripts: Script[] = [];
  for (const name of names) {
    const file = join(shown, name);
    scripts.push({ file, text: await readTextFile(join(path, name), file, scriptLimits) });
  }
  return scripts;
}

async function sqlFilesOf(path: string, shown: string): Promise<readonly string[]> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    throw openError(error, shown);
  }
  const scripts = sortedBy(
    names.filter((name) => name.toLowerCase().endsWith(".sql") && !name.startsWith(".")),
    (name) => name,
  );
  if (scripts.length > 0 && scripts.length <= scriptLimits.files) return scripts;
  throw toolError({
    code: scripts.length === 0 ? "file_missing" : "file_invalid",
    what: `cannot read a schema from the folder ${shown}`,
    why: scripts.length === 0 ? "there is no .sql file in it" : `it holds more than ${scriptLimits.files} .sql files`,
    state: "nothing was changed",
    next: "name a folder with the .sql files of one schema",
    details: { file: shown },
  });
}
