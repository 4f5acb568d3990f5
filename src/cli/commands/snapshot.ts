/** `zanith snapshot list | show | export | diff`: the stored schemas, and exported ones without a database. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { exitCode, toolError } from "../../base/errors.ts";
import { shortHash } from "../../base/hash.ts";
import { graphFromJson } from "../../model/json.ts";
import { line, outside, span } from "../../render/line.ts";
import { renderSchema, renderSnapshots } from "../../render/snapshot.ts";
import { diffSnapshots, exportSnapshot, listSnapshots } from "../../usecase/snapshots.ts";
import { defineCommand } from "../command.ts";
import { flag, text } from "../options.ts";
import { diffOptions, showDiff } from "./diff.ts";

const unreachable = { 5: "the database could not be reached" };
const idArgument = { name: "id", description: "migration id (default: the newest snapshot)", optional: true } as const;

export const snapshotList = defineCommand({
  path: "snapshot list",
  summary: "stored snapshots with their size",
  options: {},
  examples: [{ command: "zanith snapshot list", says: "one line per snapshot, oldest first" }],
  exitCodes: unreachable,
  readsOnly: true,
  async run({ output, run, workspace }) {
    const result = await listSnapshots(await workspace(), {}, run);
    if (output.json) output.result(result);
    else output.print(renderSnapshots(result.snapshots));
    return exitCode.done;
  },
});

export const snapshotShow = defineCommand({
  path: "snapshot show",
  summary: "what a stored schema holds",
  args: [idArgument],
  options: {},
  examples: [
    { command: "zanith snapshot show 20260402_103000_drop_legacy_code", says: "its objects by kind and its models" },
  ],
  exitCodes: unreachable,
  readsOnly: true,
  async run({ args, output, run, workspace }) {
    const [id] = args;
    const { document, migration, models, relations } = await exportSnapshot(
      await workspace(),
      id === undefined ? {} : { id },
      run,
    );
    if (output.json) {
      output.document(document);
      return exitCode.done;
    }
    const { graph, hash } = graphFromJson(document, migration);
    output.print([
      line(
        outside(migration, "title"),
        span(`   ${models} model(s), ${relations} relation(s)`),
        span(`   ${shortHash(hash)}`, "dim"),
      ),
      ...renderSchema(graph),
    ]);
    return exitCode.done;
  },
});

export const snapshotExport = defineCommand({
  path: "snapshot export",
  summary: "a stored schema as JSON that can be read anywhere",
  args: [idArgument],
  options: {
    output: text("--output <file>", "write to this file (default: stdout)"),
    force: flag("--force", "overwrite the file"),
  },
  examples: [
    { command: "zanith snapshot export > after.json", says: "the newest snapshot" },
    {
      command: "zanith snapshot export 20260402_103000_drop_legacy_code --output before.json",
      says: "one migration's, to a file",
    },
  ],
  exitCodes: unreachable,
  async run({ args, options, output, io, run, workspace }) {
    const [id] = args;
    const result = await exportSnapshot(await workspace(), id === undefined ? {} : { id }, run);
    const { document, ...about } = result;
    if (options.output === undefined) {
      output.document(document);
      return exitCode.done;
    }
    const path = resolve(io.cwd, options.output);
    writeNew(path, document, options.force === true);
    if (output.json) output.result({ ...about, file: path });
    else
      output.print([
        line(
          "wrote ",
          outside(options.output, "code"),
          span(`   ${about.models} model(s), ${about.relations} relation(s)`, "dim"),
        ),
      ]);
    return exitCode.done;
  },
});

export const snapshotDiff = defineCommand({
  path: "snapshot diff",
  summary: "what differs between two snapshots",
  details: ["A and B are migration ids, exported .json files, or any other source; two files need no database."],
  args: [
    { name: "A", description: "migration id or source to start from" },
    { name: "B", description: "migration id or source to lead to" },
  ],
  options: diffOptions,
  examples: [
    { command: "zanith snapshot diff before.json after.json", says: "two exported files, grouped by model" },
    {
      command: "zanith snapshot diff 20260402_103000_drop_legacy_code postgres:///shop --sql",
      says: "from a migration to a database",
    },
  ],
  exitCodes: { 2: "a difference was found, with --exit-code", ...unreachable },
  async run(call) {
    const [a = "", b = ""] = call.args;
    const renames = call.options.rename;
    const result = await diffSnapshots(await call.workspace(), { a, b, ...(renames ? { renames } : {}) }, call.run);
    return showDiff(call, call.options, result);
  },
});

function writeNew(path: string, document: string, overwrite: boolean): void {
  try {
    writeFileSync(path, document, { flag: overwrite ? "w" : "wx" });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw toolError({
      code: exists ? "file_exists" : "file_unreadable",
      what: `cannot write ${path}`,
      why: exists ? "there is a file of that name already" : error instanceof Error ? error.message : String(error),
      state: "nothing was written",
      next: exists
        ? "name another with --output, or overwrite it with --force"
        : "check the folder, or name another with --output",
    });
  }
}
