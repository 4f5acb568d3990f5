/** restore-table and restore-column: checks what was set aside, says what cannot come back, then brings it back. */

import { toolError } from "../../base/errors.ts";
import { shellWord } from "../../base/shell.ts";
import { operationDigest } from "../../migration/migration.ts";
import { editGraph } from "../../model/graph.ts";
import { type Operation, operation } from "../../operation/define.ts";
import { isCommanded } from "../../operation/registry.ts";
import type { Artifact } from "../../recovery/artifact.ts";
import { fillsInBatches } from "../../recovery/batching.ts";
import { findArtifact } from "../../recovery/find.ts";
import { readNotes } from "../../recovery/notes.ts";
import { withoutOrphans } from "../../recovery/orphans.ts";
import { planRemainder, planRestore, type RestoreChoices } from "../../recovery/restore-plan.ts";
import { type NotRestorable, type Target, targetId } from "../../recovery/what-hung.ts";
import type { PlannedStep } from "../../risk/plan.ts";
import { recordedOperation } from "../../run/ledger.ts";
import { noProgress } from "../step-progress.ts";
import type { Run, Workspace } from "../workspace.ts";
import { targetOf } from "./artifacts.ts";
import {
  type CommandContext,
  commandId,
  planCommanded,
  runCommanded,
  type UnfinishedRun,
  unfinishedRun,
  withRecovery,
} from "./commanded-run.ts";
import { verifyArchive } from "./verify-archive.ts";

export interface RestoreInput extends RestoreChoices {
  readonly what: string;
  readonly wanted: "table" | "column";
  /** go on although some of what hung on it cannot come back */
  readonly partial?: boolean;
  readonly dryRun?: boolean;
  readonly confirmed?: boolean;
  readonly confirm?: (plan: RestorePlanned) => Promise<boolean>;
  readonly lockTimeoutMs?: number;
}

/** What a restore is about to do. */
export interface RestorePlanned {
  readonly artifact: Artifact;
  readonly id: string;
  readonly steps: readonly PlannedStep[];
  readonly lost: readonly NotRestorable[];
  readonly blocked: readonly NotRestorable[];
}

export type RestoreResult =
  | { readonly status: "nothing to do"; readonly artifact: Artifact }
  | ({ readonly status: "planned" | "restored" | "refused"; readonly why?: string } & RestorePlanned);

/**
 * Restores what an artifact holds.
 * @throws ToolError archive_mismatch before anything is written; locked, step_failed, interrupted
 */
export async function restore(workspace: Workspace, input: RestoreInput, run: Run): Promise<RestoreResult> {
  return withRecovery(workspace, "restore", run, async (context) => {
    const artifact = findArtifact(context.artifacts, input.what, input.wanted);
    const target = targetOf(artifact);
    if (artifact.status === "purged") throw purged(artifact);
    const unfinished = unfinishedRun(context.state, "restore", artifact);
    const there = context.state.live.objects.has(targetId(named(target, input)));
    if (artifact.status === "restored" && unfinished === undefined) {
      if (there) return { status: "nothing to do", artifact };
      if (artifact.type !== "archive_column") throw givenBack(artifact);
    }
    const planned = await plan(workspace, context, artifact, target, input, unfinished);
    const { blocked, lost } = planned;
    if (blocked.length > 0) return { status: "refused", why: "it cannot come back", ...planned };
    if (input.dryRun) return { status: "planned", ...planned };
    if (lost.length > 0 && !input.partial)
      return { status: "refused", why: "some of what hung on it cannot come back", ...planned };
    if (!(await isConfirmed(workspace, input, planned)))
      return { status: "refused", why: "nobody confirmed it", ...planned };
    context.run.emit({
      type: "run.started",
      database: context.sessions.work.server.database,
      migrations: [planned.id],
    });
    const again = `zanith recover restore-${input.wanted} ${shellWord(artifact.id)}${input.as === undefined ? "" : ` --as ${shellWord(input.as)}`}`;
    const progress = unfinished?.progress ?? noProgress;
    await runCommanded(workspace, context, { ...planned, progress }, { ...lockTimeout(input), again });
    return { status: "restored", ...planned };
  });
}

function lockTimeout({ lockTimeoutMs }: RestoreInput): { readonly lockTimeoutMs?: number } {
  return lockTimeoutMs === undefined ? {} : { lockTimeoutMs };
}

async function isConfirmed(workspace: Workspace, input: RestoreInput, planned: RestorePlanned): Promise<boolean> {
  if (workspace.config.mode === "development" || input.confirmed) return true;
  return (await input.confirm?.(planned)) ?? false;
}

function named(target: Target, { as }: RestoreChoices): Target {
  if (as === undefined) return target;
  return target.column === undefined ? { ...target, table: as } : { ...target, column: as };
}

async function plan(
  workspace: Workspace,
  context: CommandContext,
  artifact: Artifact,
  target: Target,
  input: RestoreInput,
  unfinished: UnfinishedRun | undefined,
): Promise<RestorePlanned> {
  const { state, sessions } = context;
  const notes = readNotes(artifact);
  const server = sessions.work.server.versionNum;
  const id = unfinished?.id ?? commandId(workspace, state, "restore", artifact);
  const rest = extrasOf(notes.extras, context, unfinished, input);
  const begun = begunRestore(context, unfinished);
  const isDone = artifact.status === "restored" && unfinished !== undefined && begun === undefined;
  if (isDone) {
    const remainder =
      input.as === undefined
        ? planRemainder(state.live, notes, server)
        : { operations: [] as readonly Operation[], lost: [], blocked: [] };
    const checked = await withoutOrphans(sessions.work, remainder.operations, target, undefined);
    const steps = await planCommanded(context, [...checked.operations, ...rest], unfinished.next);
    return { artifact, id, steps, lost: [...remainder.lost, ...checked.lost], blocked: [] };
  }
  await verifyArchive(sessions.work, artifact);
  // A column that an earlier attempt added and did not fill is not in its own way.
  const now = begun === undefined ? state.live : editGraph(state.live, [{ drop: targetId(named(target, input)) }]);
  const batches = await fillsInBatches(sessions.work, artifact, target, notes.operations);
  const { operations, lost, blocked } = planRestore(now, notes, target, { ...input, batches }, server);
  // A column that is there and empty says nothing about its values yet.
  const checked =
    begun === undefined
      ? await withoutOrphans(sessions.work, operations, target, artifact.physical)
      : { operations, lost: [] };
  const all = [...checked.operations, ...(blocked.length === 0 ? rest : [])];
  const own = all.findIndex((op) => isCommanded(op.kind));
  const from = begun === undefined ? (unfinished?.next ?? 0) : begun - own;
  return { artifact, id, steps: await planCommanded(context, all, from), lost: [...lost, ...checked.lost], blocked };
}

/** The index of a restoring step that was begun and did not end. */
function begunRestore({ state }: CommandContext, unfinished: UnfinishedRun | undefined): number | undefined {
  if (unfinished === undefined) return undefined;
  const own = state.attempts.filter(({ migration, kind }) => migration === unfinished.id && isCommanded(kind));
  return own.map(({ index }) => index).find((index) => unfinished.progress.begun.has(index));
}

/** What the graph does not model, as statements of its own; what an earlier attempt ran is left out. */
function extrasOf(
  extras: readonly string[],
  { state }: CommandContext,
  unfinished: UnfinishedRun | undefined,
  { as }: RestoreChoices,
): Operation[] {
  if (as !== undefined) return [];
  const done = new Set(
    state.attempts
      .filter(({ migration, status }) => migration === unfinished?.id && status === "applied")
      .map(({ sql }) => recordedOperation(sql).digest),
  );
  return extras
    .map((sql) => operation("rawSql", { sql, description: `what hung on it: ${sql}` }))
    .filter((op) => !done.has(operationDigest(op)));
}

function purged({ id }: Artifact): Error {
  return toolError({
    code: "archive_mismatch",
    what: `${id} was purged`,
    why: "its rows are gone for good",
    state: "nothing was changed",
    next: "zanith recover list",
  });
}

function givenBack({ id, table }: Artifact): Error {
  return toolError({
    code: "archive_mismatch",
    what: `${id} was given back already`,
    why: `${table} took its rows along; where it went since is in the history`,
    state: "nothing was changed",
    next: "zanith migrate history",
  });
}
