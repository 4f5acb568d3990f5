/** snapshot list, show, export and diff: the stored graphs, as data. */

import { toolError } from "../base/errors.ts";
import { graphSize, type SchemaGraph } from "../model/graph.ts";
import { graphToJson } from "../model/json.ts";
import { ledgerIn, type SnapshotRecord } from "../run/ledger.ts";
import { compareGraphs, type DiffResult } from "./diff.ts";
import { readNamedSource } from "./sources.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

export interface SnapshotListResult {
  readonly database: string;
  readonly snapshots: readonly SnapshotRecord[];
}

/** All stored snapshots, oldest first. */
export async function listSnapshots(
  workspace: Workspace,
  _input: Record<string, never>,
  _run: Run,
): Promise<SnapshotListResult> {
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
  return withSession(workspace, "snapshot export", async (session) => {
    const ledger = ledgerIn(workspace.config.auditSchema);
    const found = (await ledger.exists(session)) ? await ledger.snapshot(session, input.id) : undefined;
    if (found === undefined) {
      throw toolError({
        code: "name_unknown",
        what: input.id === undefined ? "there is no snapshot yet" : `there is no snapshot of ${input.id}`,
        state: "nothing was written",
        next: "zanith snapshot list",
      });
    }
    const document = graphToJson(found.graph, {
      ...found.origin,
      migration: found.migration,
      capturedAt: found.capturedAt,
    });
    return { document, migration: found.migration, ...graphSize(found.graph) };
  });
}

/** A graph by snapshot id, `live`, file or any other source. A bare migration id means its snapshot. */
export function readSnapshotSource(workspace: Workspace, text: string): Promise<SchemaGraph> {
  return readNamedSource(workspace, /^\d{8}_\d{6}_[a-z0-9_]+$/.test(text) ? `snapshot:${text}` : text);
}

/** Compares two snapshots; connects only where a side needs it. */
export async function diffSnapshots(
  workspace: Workspace,
  input: { readonly a: string; readonly b: string; readonly renames?: readonly string[] },
  _run: Run,
): Promise<DiffResult> {
  const before = await readSnapshotSource(workspace, input.a);
  const after = await readSnapshotSource(workspace, input.b);
  return compareGraphs(before, after, input.renames ?? []);
}
