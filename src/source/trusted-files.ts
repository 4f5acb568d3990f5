/**
 * Which files a TypeScript module consists of, and whether somebody else could have written any of them: running one of
 * those would be running that person's code. Runs nothing itself.
 */
import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { type ToolError, toolError } from "../base/errors.ts";
import { readTextFile, statFile } from "./read-file.ts";

/** The largest file of a module that is run, and the most files. */
const moduleLimits = { bytes: 4 * 1024 * 1024, files: 2_000 } as const;

/** Who runs the tool; root is 0. */
export interface Runner {
  readonly userId: number | undefined;
}

/** A file that is about to be run, symbolic links resolved. */
export interface CodeFile {
  readonly path: string;
  /** hex digest of its text */
  readonly sha256: string;
}

const everybody = 0o002;
const sticky = 0o1000;

/**
 * The file at an absolute path, then the files it imports by relative path, and theirs. Packages are not followed.
 * @throws ToolError file_missing, file_unreadable; schema_module_failed for a file that cannot be trusted
 */
export async function trustedFiles(path: string, shown: string, runner: Runner): Promise<readonly CodeFile[]> {
  // Also says so when it is missing, before its real path is asked for.
  await statFile(path, shown);
  const real = await realpath(path);
  const waiting = [{ path: real, shown }];
  const seen = new Set([real]);
  const files: CodeFile[] = [];
  for (let next = waiting.shift(); next !== undefined && files.length < moduleLimits.files; next = waiting.shift()) {
    await requireTrusted(next.path, next.shown, runner);
    const text = await readTextFile(next.path, next.shown, moduleLimits);
    files.push({ path: next.path, sha256: new Bun.CryptoHasher("sha256").update(text).digest("hex") });
    for (const imported of await importsOf(text, next.path)) {
      if (seen.has(imported)) continue;
      seen.add(imported);
      waiting.push({ path: imported, shown: imported });
    }
  }
  if (waiting.length > 0)
    throw untrusted(shown, `it imports more than ${moduleLimits.files} files`, "import fewer files");
  return files;
}

/** Refuses a file that somebody else owns or can write, or can replace because its folder is open to everybody. */
async function requireTrusted(path: string, shown: string, runner: Runner): Promise<void> {
  const file = await statFile(path, shown);
  const folder = await statFile(dirname(path), dirname(shown));
  if ((file.mode & everybody) !== 0) {
    throw untrusted(shown, "everybody may write to it", `chmod o-w ${shown}`);
  }
  if ((folder.mode & everybody) !== 0 && (folder.mode & sticky) === 0) {
    throw untrusted(shown, "everybody may write to its folder", `chmod o-w ${dirname(shown)}`);
  }
  const { userId } = runner;
  if (userId === undefined || file.uid === userId || file.uid === 0) return;
  throw untrusted(shown, `it belongs to user ${file.uid}, not to you`, "make a copy of your own, or run as its owner");
}

/** Real paths of the relative imports of a file. One that leads nowhere is left to the import itself to report. */
async function importsOf(text: string, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of importNames(text, path)) {
    if (!/^(\.{0,2}\/|file:)/.test(name)) continue;
    try {
      found.push(await realpath(Bun.resolveSync(name, dirname(path))));
    } catch {}
  }
  return found;
}

/** What a file imports by name; nothing for one with a syntax error, which the import will report. */
function importNames(text: string, path: string): readonly string[] {
  const loader = path.endsWith(".tsx")
    ? "tsx"
    : /\.[cm]?ts$/.test(path)
      ? "ts"
      : /\.[cm]?jsx?$/.test(path)
        ? "js"
        : undefined;
  if (loader === undefined) return [];
  try {
    return new Bun.Transpiler({ loader }).scanImports(text).map((item) => item.path);
  } catch {
    return [];
  }
}

function untrusted(shown: string, why: string, next: string): ToolError {
  return toolError({
    code: "schema_module_failed",
    what: `${shown} is code, and was not run`,
    why,
    state: "nothing was changed",
    next,
    details: { file: shown },
  });
}
