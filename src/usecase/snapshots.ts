/** snapshot list, show, export and diff: the stored graphs, as data. */

import { toolError } from "../base/errors.ts";
import { commandLine } from "../base/shell.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { graphToJson } from "../model/json.ts";
import type { ObjectId } from "../model/kinds.ts";
import { graphSize } from "../model/lined-graph.ts";
import { findModels, indexRelations, type ModelRelations, relationsOf } from "../model/relations.ts";
import type { Session } from "../pg/session.ts";
import { type Ledger, ledgerIn, type SnapshotRecord } from "../run/ledger.ts";
import { readTimeline, type TimelineEntry } from "../snapshot/timeline.ts";
import { compareGraphs, type DiffInput, type DiffResult, scoped } from "./diff.ts";
import { readNamedSource } from "./sources.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

export interface SnapshotListResult {
  /** absent for a folder of exported files */
  readonly database?: string;
  readonly snapshots: readonly (SnapshotRecord | TimelineEntry)[];
}

/** All stored snapshots, or the exported ones of a folder, oldest first. */
export async function listSnapshots(
  workspace: Workspace,
  input: { readonly folder?: string; readonly shown?: string },
  _run: Run,
): Promise<SnapshotListResult> {
  if (input.folder !== undefined) {
    return { snapshots: await readTimeline(input.folder, input.shown ?? input.folder) };
  }
  return withSession(workspace, "snapshot list", async (session) => {
    const ledger = ledgerIn(workspace.config.auditSchema);
    const snapshots = (await ledger.exists(session)) ? await ledger.snapshots(session) : [];
    return { database: session.server.database, snapshots };
  });
}

export interface ExportResult {
  /** the canonical JSON, with migration id, time, hash and format */
  readonly document: string;
  readonly migration: string;
  readonly models: number;
  readonly relations: number;
}

/** A stored snapshot as a document that can be read anywhere; the newest one when no id is given. */
export async function exportSnapshot(
  workspace: Workspace,
  input: { readonly id?: string },
  _run: Run,
): Promise<ExportResult> {
  return withSession(workspace, "snapshot export", (session) =>
    exportFrom(session, ledgerIn(workspace.config.auditSchema), input.id),
  );
}

/** Every stored snapshot, oldest first, handed over one at a time so that only one is in memory. */
export async function exportAllSnapshots(
  workspace: Workspace,
  input: { readonly take: (result: ExportResult & { readonly phase: string }) => void },
  _run: Run,
): Promise<number> {
  return withSession(workspace, "snapshot export", async (session) => {
    const ledger = ledgerIn(workspace.config.auditSchema);
    const all = (await ledger.exists(session)) ? await ledger.snapshots(session) : [];
    for (const { migration, phase } of all) input.take({ ...(await exportFrom(session, ledger, migration)), phase });
    return all.length;
  });
}

async function exportFrom(session: Session, ledger: Ledger, id: string | undefined): Promise<ExportResult> {
  const found = (await ledger.exists(session)) ? await ledger.snapshot(session, id) : undefined;
  if (found === undefined) {
    throw toolError({
      code: "name_unknown",
      what: id === undefined ? "there is no snapshot yet" : `there is no snapshot of ${id}`,
      state: "nothing was written",
      next: "zanith snapshot list",
    });
  }
  const origin = { ...found.origin, migration: found.migration, capturedAt: found.capturedAt };
  return { document: graphToJson(found.graph, origin), migration: found.migration, ...graphSize(found.graph) };
}

const migrationId = /^\d{8}_\d{6}_[a-z0-9_]+$/;
const moment = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * A graph by migration id, moment (the snapshot that was the newest then), `live`, file or any other source. Connects
 * only where the source needs it.
 */
export async function readSnapshotSource(workspace: Workspace, text: string): Promise<SchemaGraph> {
  if (moment.test(text)) return readSnapshotAt(workspace, text);
  return readNamedSource(workspace, migrationId.test(text) ? `snapshot:${text}` : text);
}

async function readSnapshotAt(workspace: Workspace, text: string): Promise<SchemaGraph> {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : text.length > 10 ? `${text}Z` : `${text}T23:59:59.999999Z`;
  return withSession(workspace, "snapshot", async (session) => {
    const ledger = ledgerIn(workspace.config.auditSchema);
    const found = (await ledger.exists(session)) ? await ledger.snapshotAt(session, zoned) : undefined;
    if (found !== undefined) return found.graph;
    throw toolError({
      code: "name_unknown",
      what: `there is no snapshot from ${text} or before`,
      why: "snapshots are kept per applied migration, and one for each baseline",
      state: "nothing was changed",
      next: "zanith snapshot list",
    });
  });
}

/** Compares two snapshots; connects only where a side needs it. */
export async function diffSnapshots(workspace: Workspace, input: DiffInput, _run: Run): Promise<DiffResult> {
  const before = await readSnapshotSource(workspace, input.a);
  const after = await readSnapshotSource(workspace, input.b);
  return compareGraphs(before, scoped(workspace, input, before, after), input.renames ?? []);
}

export interface ShowResult {
  readonly graph: SchemaGraph;
  /** what it is, as it was asked for */
  readonly source: string;
  /** with a model: its relations up to the depth */
  readonly relations?: ModelRelations;
}

/** A stored or exported schema, and the relations of one of its models where one is named. */
export async function showSnapshot(
  workspace: Workspace,
  input: { readonly at?: string; readonly model?: string; readonly depth?: number },
  run: Run,
): Promise<ShowResult> {
  const graph =
    input.at === undefined
      ? await readSnapshotSource(workspace, (await exportSnapshot(workspace, {}, run)).migration)
      : await readSnapshotSource(workspace, input.at);
  const source = input.at ?? "the newest snapshot";
  if (input.model === undefined) return { graph, source };
  const model = oneModel(graph, input.model);
  return { graph, source, relations: relationsOf(indexRelations(graph), model, input.depth ?? 1) };
}

function oneModel(graph: SchemaGraph, name: string): ObjectId {
  const [first, ...more] = findModels(graph, name);
  if (first !== undefined && more.length === 0) return first;
  throw toolError({
    code: "name_unknown",
    what: first === undefined ? `there is no model ${name} in it` : `${name} is the name of ${more.length + 1} models`,
    why: first === undefined ? "a model is a table, named as in SQL: schema.table" : "they are in different schemas",
    state: "nothing was changed",
    next:
      first === undefined ? "zanith snapshot show" : commandLine`zanith snapshot show ${first.slice("table:".length)}`,
  });
}
