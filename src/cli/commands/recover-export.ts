/** `zanith recover export`: the rows of an artifact as CSV or JSON, to a file or stdout, while progress goes to stderr. */
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { exitCode, toolError } from "../../base/errors.ts";
import { safeLines } from "../../base/text.ts";
import { exportFormats } from "../../recovery/export.ts";
import { line, outside, span } from "../../render/line.ts";
import { exportArtifact } from "../../usecase/recover/export.ts";
import { type Call, defineCommand } from "../command.ts";
import { choice, flag, text } from "../options.ts";
import { artifactArgument } from "./recover.ts";

/** How often progress is told where no line can be rewritten, in milliseconds. */
const mentionEveryMs = 10_000;

export const recoverExport = defineCommand({
  path: "recover export",
  summary: "the rows of what was set aside as CSV or JSON",
  details: [
    "Works on what was tampered with, too: a restore refuses that, an export shows it. An empty text is quoted, NULL is not.",
    "A column comes with what tells its rows apart: the primary key, or without one a digest of the row (_zanith_row).",
  ],
  args: [artifactArgument],
  options: {
    format: choice("--format <form>", "one line per row, or one JSON array (default csv)", exportFormats),
    output: text("--output <path>", "write to this file (default: stdout)"),
    force: flag("--force", "overwrite the file"),
  },
  examples: [
    { command: "zanith recover export users.legacy_code > codes.csv", says: "id and value of every row" },
    {
      command: "zanith recover export sessions --format jsonl --output sessions.jsonl",
      says: "a whole table, an object a line",
    },
  ],
  exitCodes: { 3: "its rows are gone", 5: "the database could not be reached", 130: "stopped" },
  async run(call) {
    const [what = ""] = call.args;
    const { format = "csv", output: path, force } = call.options;
    const { output } = call;
    const target = path === undefined ? undefined : openNew(resolve(call.io.cwd, path), force === true);
    let result: Awaited<ReturnType<typeof exportArtifact>>;
    try {
      result = await exportArtifact(
        await call.workspace(),
        {
          what,
          format,
          write: target === undefined ? stdoutWriter(call) : async (piece) => target.write(piece),
          onProgress: progressOf(call),
        },
        call.run,
      );
    } catch (error) {
      target?.discard();
      throw error;
    } finally {
      output.live(undefined);
      target?.close();
    }
    const { artifact, rows, bytes } = result;
    const note = line(outside(artifact.id, "title"), span(`   ${rows} row(s), ${bytes} byte(s)`, "dim"));
    if (path === undefined) output.note([note]);
    else if (output.json) output.result({ artifact: artifact.id, rows, bytes, file: path, format });
    else output.print([line("wrote ", outside(path, "code")), note]);
    return exitCode.done;
  },
});

/** What is not made for a terminal to obey is made safe where one shows it. */
function stdoutWriter({ io }: Call): (piece: string) => Promise<void> {
  return async (piece) => {
    io.stdout.write(io.stdout.isTerminal ? safeLines(piece).join("\n") : piece);
    await io.stdout.flushed();
  };
}

function progressOf({ output }: Call): (progress: { readonly rows: number; readonly total: number | null }) => void {
  let mentioned = performance.now();
  return ({ rows, total }) => {
    const share = total === null || total === 0 ? "" : ` of ${total} (${Math.floor((rows / total) * 100)} %)`;
    const shown = line(span(`exported ${rows}${share} row(s)`, "dim"));
    output.live(shown);
    if (output.isLive || performance.now() - mentioned < mentionEveryMs) return;
    mentioned = performance.now();
    output.note([shown]);
  };
}

interface Target {
  write(piece: string): void;
  close(): void;
  /** removes the file: half an export must not pass for a whole one */
  discard(): void;
}

/** Rows may be secret: the file is its owner's alone. */
function openNew(path: string, overwrite: boolean): Target {
  try {
    const file = openSync(path, overwrite ? "w" : "wx", 0o600);
    return {
      write: (piece) => {
        const bytes = Buffer.from(piece);
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      },
      close: () => closeSync(file),
      discard: () => unlinkSync(path),
    };
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw toolError({
      code: exists ? "file_exists" : "file_unreadable",
      what: `cannot write ${path}`,
      why: exists ? "there is a file of that name already" : error instanceof Error ? error.message : String(error),
      state: "nothing was written",
      next: exists ? "name another with --output, or overwrite it with --force" : "name another with --output",
    });
  }
}
