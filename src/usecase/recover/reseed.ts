/** reseed: fills a column that is there from an archive of it, and says beforehand how many rows that concerns. */

import { toolError } from "../../base/errors.ts";
import { commandLine } from "../../base/shell.ts";
import { getObject } from "../../model/graph.ts";
import { columnId } from "../../model/kinds.ts";
import type { Column } from "../../model/object.ts";
import { operation } from "../../operation/define.ts";
import { kindOf } from "../../operation/registry.ts";
import { columnArchive, type RowMembers } from "../../operation/set-aside-column.ts";
import { archivedRows } from "../../operation/sql/archived-rows.ts";
import type { Session } from "../../pg/session.ts";
import type { Artifact } from "../../recovery/artifact.ts";
import { findArtifact } from "../../recovery/find.ts";
import { readNotes } from "../../recovery/notes.ts";
import type { PlannedStep } from "../../risk/plan.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { noProgress } from "../step-progress.ts";
import type { Run, Workspace } from "../workspace.ts";
import { targetOf } from "./artifacts.ts";
import { commandId, planCommanded, runCommanded, tagOf, unfinishedRun, withRecovery } from "./commanded-run.ts";
import { verifyArchive } from "./verify-archive.ts";

export interface ReseedInput {
  readonly what: string;
  /** also replace values that are there; only empty rows are filled otherwise */
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly confirmed?: boolean;
  readonly confirm?: (planned: ReseedPlanned) => Promise<boolean>;
  readonly lockTimeoutMs?: number;
}

/** Rows by what a reseed finds. */
export interface ReseedCounts {
  /** archived values that are not NULL */
  readonly archived: number;
  /** of these, values whose row is there */
  readonly matched: number;
  /** and values whose row is gone */
  readonly missing: number;
  /** matched rows that hold another value: replaced only on request */
  readonly conflicting: number;
  /** rows that get a value */
  readonly filled: number;
}

export interface ReseedPlanned {
  readonly artifact: Artifact;
  readonly id: string;
  readonly steps: readonly PlannedStep[];
  readonly counts: ReseedCounts;
}

export type ReseedResult = {
  readonly status: "nothing to do" | "planned" | "refused" | "reseeded";
  readonly why?: string;
} & ReseedPlanned;

/**
 * Fills a column again from its archive.
 * @throws ToolError archive_mismatch before anything is written; not_supported; locked, step_failed, interrupted
 */
export async function reseed(workspace: Workspace, input: ReseedInput, run: Run): Promise<ReseedResult> {
  return withRecovery(workspace, "reseed", run, async (context) => {
    const artifact = findArtifact(context.artifacts, input.what, "column");
    if (artifact.type !== "archive_column") throw notArchived(artifact);
    const { schema, table, column: name = "" } = targetOf(artifact);
    const column = getObject(context.state.live, "column", columnId(schema, table, name));
    if (column === undefined) throw noColumn(artifact);
    await verifyArchive(context.sessions.work, artifact);
    const rows = rowMembersOfNotes(artifact);
    const unfinished = unfinishedRun(context.state, "reseed", artifact);
    const id = unfinished?.id ?? commandId(workspace, context.state, "reseed", artifact);
    const op = operation("reseedColumn", {
      schema,
      table,
      name,
      id: tagOf(artifact.physical),
      type: column.type,
      ...rows,
      ...(input.all ? { all: true as const } : {}),
    });
    const steps = await planCommanded(context, [op], 0);
    const counts = await countRows(context.sessions.work, column, op.id, rows, input.all === true);
    const planned = { artifact, id, steps, counts };
    if (counts.filled === 0 && unfinished === undefined) return { status: "nothing to do", ...planned };
    if (input.dryRun) return { status: "planned", ...planned };
    const isConfirmed =
      workspace.config.mode === "development" || input.confirmed || ((await input.confirm?.(planned)) ?? false);
    if (!isConfirmed) return { status: "refused", why: "nobody confirmed it", ...planned };
    context.run.emit({ type: "run.started", database: context.sessions.work.server.database, migrations: [id] });
    await runCommanded(
      workspace,
      context,
      { id, steps, progress: unfinished?.progress ?? noProgress },
      {
        ...(input.lockTimeoutMs === undefined ? {} : { lockTimeoutMs: input.lockTimeoutMs }),
        again: commandLine`zanith recover reseed ${artifact.id}`,
      },
    );
    return { status: "reseeded", ...planned };
  });
}

/** How the rows of the archive are told apart, as its notes say. */
function rowMembersOfNotes(artifact: Artifact): RowMembers {
  const restore = readNotes(artifact).operations.find(({ kind }) => kind === "restoreColumn");
  if (restore === undefined) throw notArchived(artifact);
  kindOf(restore.kind);
  const { key, witness, asText } = restore as unknown as RowMembers;
  return {
    ...(key === undefined ? {} : { key }),
    ...(witness === undefined ? {} : { witness }),
    ...(asText === undefined ? {} : { asText }),
  };
}

async function countRows(
  session: Session,
  column: Column,
  id: string,
  members: RowMembers,
  all: boolean,
): Promise<ReseedCounts> {
  const { schema, table, name } = column;
  const place = { schema, table, name };
  const here = qualified(schema, table);
  const archived = `a.${quoteIdent(name)}`;
  const rows = archivedRows(place, members);
  const value = members.asText ? archived : `${archived}::pg_catalog.text`;
  const [row = []] = await session.rows(
    `select count(*)::text, count(x._zanith_at)::text,
       count(*) filter (where t.value is not null and t.value is distinct from ${value})::text,
       count(x._zanith_at) filter (where t.value is null${all ? ` or t.value is distinct from ${value}` : ""})::text
     from ${rows.fromArchive(here, columnArchive(place, id))}
     left join lateral (select t.${quoteIdent(name)}::pg_catalog.text as value from ${here} t
       where t.ctid = x._zanith_at and t.tableoid = x._zanith_of) t on true
     where ${archived} is not null`,
  );
  const [total, matched, conflicting, filled] = row.map(Number) as [number, number, number, number];
  return { archived: total, matched, missing: total - matched, conflicting, filled };
}

function notArchived({ id }: Artifact): Error {
  return toolError({
    code: "not_supported",
    what: `${id} is no archive of a column's values`,
    why: "only what archiveColumn left can fill a column again",
    state: "nothing was changed",
    next: "zanith recover list",
  });
}

function noColumn({ id, table, column }: Artifact): Error {
  return toolError({
    code: "name_unknown",
    what: `there is no column ${table}.${column}`,
    why: "a reseed fills a column that is there",
    state: "nothing was changed",
    next: commandLine`bring it back: zanith recover restore-column ${id}`,
  });
}
