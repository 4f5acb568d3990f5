/**
 * Runs a TypeScript file of the user's: a schema module or a configuration. That is code with the user's rights, so only
 * a named file is run, and only when nobody else could have written it. Makes `import … from "zanith"` work there.
 */
import { dirname } from "node:path";
import { plugin } from "bun";
import { defined } from "../base/assert.ts";
import { isToolError, type ToolError, toolError, withContext } from "../base/errors.ts";
import { firstLine } from "../base/text.ts";
import * as builder from "./builder/index.ts";
import { type CodeFile, type Runner, trustedFiles } from "./trusted-files.ts";

/** What a module exports, and the files that ran: the module itself, then what it imports. */
export interface UserModule {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly files: readonly CodeFile[];
}

let provided = false;

/**
 * Imports the module at an absolute path. What it prints on the console goes to stderr: stdout carries results.
 * @throws ToolError file_missing, file_unreadable; schema_module_failed with the user's file and line when it cannot be
 * trusted, read or run
 */
export async function importUserModule(
  path: string,
  shown: string,
  runner: Runner = { userId: process.getuid?.() },
): Promise<UserModule> {
  const files = await trustedFiles(path, shown, runner);
  const real = defined(files[0], "a module has at least its own file").path;
  provideBuilder();
  const restore = redirectConsole();
  try {
    return { exports: (await import(real)) as Readonly<Record<string, unknown>>, files };
  } catch (error) {
    throw moduleError(error, real, shown);
  } finally {
    restore();
  }
}

/** A compiled binary has no node_modules: the builder inside it is what `zanith` means. */
function provideBuilder(): void {
  if (provided) return;
  provided = true;
  plugin({
    name: "zanith",
    setup(build) {
      build.module("zanith", () => ({ exports: { ...builder }, loader: "object" }));
    },
  });
}

const consoleMethods = ["log", "info", "debug", "table", "dir"] as const;

function redirectConsole(): () => void {
  const kept = consoleMethods.map((method) => [method, console[method]] as const);
  for (const method of consoleMethods) {
    console[method] = (...values: unknown[]) => {
      console.error(...values);
    };
  }
  return () => {
    for (const [method, original] of kept) Object.assign(console, { [method]: original });
  };
}

function moduleError(error: unknown, path: string, shown: string): ToolError {
  const place = errorPlace(error, path);
  const at = place === undefined ? shown : place.replace(path, () => shown);
  if (isToolError(error)) return withContext(error, { what: `${at}: ${error.what}`, details: { file: shown } });
  return toolError({
    code: "schema_module_failed",
    what: `${at} failed`,
    why: firstLine(messageOf(error), 500),
    state: "nothing was changed",
    next: `correct ${at}`,
    details: { file: shown },
    cause: error,
  });
}

/** `file:line:column` of a syntax error, an unresolved import, or the topmost frame that is not ours. */
function errorPlace(error: unknown, path: string): string | undefined {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (typeof first !== "object" || first === null) return undefined;
  if ("position" in first && typeof first.position === "object" && first.position !== null) {
    const { file, line, column } = first.position as { file?: unknown; line?: unknown; column?: unknown };
    return `${typeof file === "string" && file !== "" ? file : path}:${String(line)}:${String(column)}`;
  }
  const stack = "stack" in first && typeof first.stack === "string" ? first.stack : "";
  const frames = [...stack.matchAll(/\(?((?:\/|[A-Z]:\\)[^\n()]*?):(\d+):(\d+)\)?$/gm)];
  const folder = dirname(path);
  const own = frames.find(([, file = ""]) => file === path) ?? frames.find(([, file = ""]) => file.startsWith(folder));
  return own && `${own[1]}:${own[2]}:${own[3]}`;
}

function messageOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (typeof first !== "object" || first === null || !("message" in first)) return String(first);
  // Bun's own messages about a file carry a position or a specifier, and a name that says nothing.
  const plain = !(first instanceof Error) || "position" in first || "specifier" in first;
  return plain ? String(first.message) : `${first.name}: ${first.message}`;
}
