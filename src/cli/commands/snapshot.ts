/** `zanith snapshot list | show | verify | diff`: the stored schemas, and exported ones without a database. */
import { resolve } from "node:path";
import { exitCode } from "../../base/errors.ts";
import { shortHash } from "../../base/hash.ts";
import { graphHash, graphToJson } from "../../model/json.ts";
import { graphSize } from "../../model/lined-graph.ts";
import { line, outside, span } from "../../render/line.ts";
import { graphvizText, mermaidText, renderRelations } from "../../render/relations.ts";
import { renderChain, renderSchema, renderSnapshots } from "../../render/snapshot.ts";
import { diffSnapshots, listSnapshots, showSnapshot } from "../../usecase/snapshots.ts";
import { verifySnapshots } from "../../usecase/verify-snapshots.ts";
import { defineCommand } from "../command.ts";
import { choice, text, usageError, wholeNumber } from "../options.ts";
import { diffOptions, showDiff } from "./diff.ts";
import { scopeFlags } from "./shared.ts";

const unreachable = { 5: "the database could not be reached" };

export const snapshotList = defineCommand({
  path: "snapshot list",
  summary: "stored snapshots, or the exported ones of a folder, with their size",
  args: [{ name: "folder", description: "folder of exported snapshots: needs no database", optional: true }],
  options: {},
  examples: [
    { command: "zanith snapshot list", says: "one line per snapshot, oldest first" },
    { command: "zanith snapshot list exports/", says: "the same for exported files" },
  ],
  exitCodes: unreachable,
  readsOnly: true,
  async run({ args, output, io, run, workspace }) {
    const [folder] = args;
    const input = folder === undefined ? {} : { folder: resolve(io.cwd, folder), shown: folder };
    const result = await listSnapshots(await workspace(), input, run);
    if (output.json) output.result(result);
    else output.print(renderSnapshots(result.snapshots));
    return exitCode.done;
  },
});

export const snapshotShow = defineCommand({
  path: "snapshot show",
  summary: "what a stored schema holds, or the relations of one of its models",
  details: ["A migration id instead of a model shows that migration's snapshot."],
  args: [{ name: "model", description: "table as in SQL, schema.table (default: the whole schema)", optional: true }],
  options: {
    at: text("--at <id|time|source>", "migration id, moment (2026-04-02), exported file or any source"),
    relations: wholeNumber("--relations <depth>", "follow relations this far (default 1)", 1, 100),
    format: choice("--format <form>", "how relations are written", ["text", "graphviz", "mermaid"]),
  },
  examples: [
    { command: "zanith snapshot show --at 2026-04-02", says: "the schema as it was at the end of that day" },
    { command: "zanith snapshot show public.users --relations 2", says: "what it refers to, what refers to it" },
    {
      command: "zanith snapshot show users --at before.json --format mermaid",
      says: "a diagram from an exported file, without a database",
    },
  ],
  exitCodes: unreachable,
  readsOnly: true,
  async run({ args, options, output, run, workspace }) {
    const [named] = args;
    const isId = named !== undefined && /^\d{8}_\d{6}_/.test(named);
    if (isId && options.at !== undefined)
      throw usageError("a migration id and --at name two snapshots", undefined, "zanith help snapshot show");
    const at = isId ? named : options.at;
    const model = isId ? undefined : named;
    const { graph, source, relations } = await showSnapshot(
      await workspace(),
      {
        ...(at === undefined ? {} : { at }),
        ...(model === undefined ? {} : { model }),
        ...(options.relations === undefined ? {} : { depth: options.relations }),
      },
      run,
    );
    if (relations === undefined) {
      const { models, relations: edges } = graphSize(graph);
      if (output.json) output.document(graphToJson(graph));
      else {
        const title = line(
          outside(source, "title"),
          span(`   ${models} model(s), ${edges} relation(s)`),
          span(`   ${shortHash(graphHash(graph))}`, "dim"),
        );
        output.print([title, ...renderSchema(graph)]);
      }
      return exitCode.done;
    }
    if (options.format === "graphviz") output.document(graphvizText(relations));
    else if (options.format === "mermaid") output.document(mermaidText(relations));
    else if (output.json) output.result(relations);
    else output.print([line(outside(relations.model.slice("table:".length), "title")), ...renderRelations(relations)]);
    return exitCode.done;
  },
});

export const snapshotVerify = defineCommand({
  path: "snapshot verify",
  summary: "whether the stored history holds together; names the first link that does not",
  details: ["Replays each migration's operations on the snapshot before it. Exit 2 when a link is broken."],
  options: {},
  examples: [{ command: "zanith snapshot verify", says: "one line per link" }],
  exitCodes: { 2: "a link does not hold", ...unreachable },
  readsOnly: true,
  async run({ output, run, workspace }) {
    const result = await verifySnapshots(await workspace(), {}, run);
    if (output.json) output.result(result);
    else output.print(renderChain(result.links, output.glyphs));
    return result.firstBroken === undefined ? exitCode.done : exitCode.difference;
  },
});

export const snapshotDiff = defineCommand({
  path: "snapshot diff",
  summary: "what differs between two snapshots",
  details: [
    "A and B are migration ids, moments, live, exported .json files, or any other source; two files need no database.",
  ],
  args: [
    { name: "A", description: "migration id or source to start from" },
    { name: "B", description: "migration id or source to lead to" },
  ],
  options: diffOptions,
  examples: [
    { command: "zanith snapshot diff before.json after.json", says: "two exported files, grouped by model" },
    {
      command: "zanith snapshot diff before.json after.json --html > changes.html",
      says: "a page to search and share",
    },
    {
      command: "zanith snapshot diff 20260402_103000_drop_legacy_code live --sql",
      says: "from a migration to the live schema",
    },
  ],
  exitCodes: { 2: "a difference was found, with --exit-code", ...unreachable },
  async run(call) {
    const [a = "", b = ""] = call.args;
    const renames = call.options.rename;
    const input = { a, b, ...(renames ? { renames } : {}), ...scopeFlags(call.options) };
    const result = await diffSnapshots(await call.workspace(), input, call.run);
    return showDiff(call, call.options, result, { before: a, after: b });
  },
});
