/** `zanith snapshot export`: stored schemas as files that can be read anywhere. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { exitCode, toolError } from "../../base/errors.ts";
import { graphFromJson } from "../../model/json.ts";
import { line, outside, span } from "../../render/line.ts";
import { graphScript } from "../../usecase/graph-script.ts";
import { type ExportResult, exportAllSnapshots, exportSnapshot } from "../../usecase/snapshots.ts";
import { type Call, defineCommand } from "../command.ts";
import { choice, flag, type OptionValues, text, usageError } from "../options.ts";

const options = {
  output: text("--output <path>", "write to this file, or with --all to this folder (default: stdout)"),
  all: flag("--all", "every snapshot, one file each: together a timeline"),
  gzip: flag("--gzip", "packed with gzip"),
  format: choice("--format <form>", "the graph as JSON, or the SQL that makes it from nothing", ["json", "sql"]),
  force: flag("--force", "overwrite files"),
};

export const snapshotExport = defineCommand({
  path: "snapshot export",
  summary: "stored schemas as JSON that can be read anywhere, or as SQL",
  args: [{ name: "id", description: "migration id (default: the newest snapshot)", optional: true }],
  options,
  examples: [
    { command: "zanith snapshot export > after.json", says: "the newest snapshot" },
    { command: "zanith snapshot export --all --gzip --output exports/", says: "the whole timeline" },
    {
      command: "zanith snapshot export 20260402_103000_drop_legacy_code --format sql",
      says: "the SQL that rebuilds it",
    },
  ],
  exitCodes: { 5: "the database could not be reached" },
  async run(call) {
    const { args, options: given, output, run, workspace } = call;
    const [id] = args;
    if (given.all) {
      if (id !== undefined)
        throw usageError("an id and --all exclude each other", undefined, "zanith help snapshot export");
      if (given.output === undefined)
        throw usageError(
          "--all writes a file per snapshot",
          "the folder is named by --output",
          "zanith snapshot export --all --output exports/",
        );
      return exportAll(call, given, given.output);
    }
    const result = await exportSnapshot(await workspace(), id === undefined ? {} : { id }, run);
    const bytes = contentOf(result, given);
    if (given.output === undefined) {
      if (given.gzip)
        throw usageError(
          "--gzip needs a file",
          "packed bytes are nothing for a terminal",
          "zanith snapshot export --gzip --output after.json.gz",
        );
      output.document(bytes.toString());
      return exitCode.done;
    }
    writeNew(resolve(call.io.cwd, given.output), bytes, given.force === true);
    const { document: _, ...about } = result;
    if (output.json) output.result({ ...about, file: given.output });
    else output.print([wrote(given.output, about)]);
    return exitCode.done;
  },
});

async function exportAll(
  call: Call,
  given: OptionValues<typeof options>,
  folder: string,
): Promise<typeof exitCode.done> {
  const { output, io, run, workspace } = call;
  const files: string[] = [];
  mkdirSync(resolve(io.cwd, folder), { recursive: true });
  await exportAllSnapshots(
    await workspace(),
    {
      take: (result) => {
        const file = join(folder, `${result.migration}.${given.format ?? "json"}${given.gzip ? ".gz" : ""}`);
        writeNew(resolve(io.cwd, file), contentOf(result, given), given.force === true);
        files.push(file);
        if (!output.json) output.print([wrote(file, result)]);
      },
    },
    run,
  );
  if (output.json) output.result({ files });
  return exitCode.done;
}

function wrote(file: string, { models, relations }: { readonly models: number; readonly relations: number }) {
  return line("wrote ", outside(file, "code"), span(`   ${models} model(s), ${relations} relation(s)`, "dim"));
}

function contentOf({ document, migration }: ExportResult, given: OptionValues<typeof options>): Buffer {
  const content = given.format === "sql" ? graphScript(graphFromJson(document, migration).graph) : document;
  return given.gzip ? gzipSync(content, { level: 9 }) : Buffer.from(content);
}

function writeNew(path: string, content: Buffer, overwrite: boolean): void {
  try {
    writeFileSync(path, content, { flag: overwrite ? "w" : "wx" });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw toolError({
      code: exists ? "file_exists" : "file_unreadable",
      what: `cannot write ${path}`,
      why: exists ? "there is a file of that name already" : error instanceof Error ? error.message : String(error),
      state: "nothing more was written",
      next: exists
        ? "name another with --output, or overwrite it with --force"
        : "check the folder, or name another with --output",
    });
  }
}
