/** backfill list, status, pause, cancel and resume: checkpoints as they stand, and what another terminal may do about them. */

import {
  type CheckpointRecord,
  type CheckpointStatus,
  forgetCheckpoint,
  readCheckpoints,
  setStatus,
} from "../backfill/checkpoint.ts";
import { differences, identityOf } from "../backfill/position.ts";
import { prepareJob } from "../backfill/prepare.ts";
import { type BackfillProgress, joinBackfill } from "../backfill/runner.ts";
import type { BackfillSettings } from "../backfill/settings.ts";
import { toolError } from "../base/errors.ts";
import { commandLine } from "../base/shell.ts";
import { kindOf } from "../operation/registry.ts";
import { lockHolder } from "../pg/advisory-lock.ts";
import type { Session } from "../pg/session.ts";
import { isolated } from "../run/events.ts";
import { ledgerIn } from "../run/ledger.ts";
import type { BatchJob } from "../sql/statement.ts";
import { readFolder } from "./state.ts";
import { cancellable, type Run, type Workspace, withRunSessions, withSession } from "./workspace.ts";

/** A backfill as it stands. */
export interface BackfillView {
  readonly migration: string;
  readonly step: number;
  /** `interrupted`: it says running and nobody works on it */
  readonly status: CheckpointStatus | "interrupted";
  readonly processed: number;
  readonly total: number | null;
  readonly pass: number;
  readonly key: readonly string[];
  /** keys up to this one are given out */
  readonly upTo: readonly string[] | null;
  /** sessions that work on a range now */
  readonly workers: number;
  readonly updatedAt: string;
}

/** Every backfill the ledger knows, newest first. */
export async function listBackfills(workspace: Workspace): Promise<readonly BackfillView[]> {
  return withSession(workspace, "backfill", async (session) => {
    const { auditSchema } = workspace.config;
    if (!(await ledgerIn(auditSchema).exists(session))) return [];
    const found = await readCheckpoints(session, auditSchema);
    const pids = found.flatMap(({ position }) => Object.values(position.claims).map(({ pid }) => String(pid)));
    const rows = await session.rows(
      "select a.pid::text from pg_catalog.pg_stat_activity a where a.pid = any($1::integer[]) order by a.pid",
      [pids],
    );
    const alive = new Set(rows.map(([pid]) => Number(pid)));
    const held = (await lockHolder(session, auditSchema)) !== undefined;
    return found.map((checkpoint) => viewOf(checkpoint, alive, held));
  });
}

function viewOf(checkpoint: CheckpointRecord, alive: ReadonlySet<number>, held: boolean): BackfillView {
  const { migration, step, position, status, processed, total, updatedAt } = checkpoint;
  const workers = new Set(Object.values(position.claims).flatMap(({ pid }) => (alive.has(pid) ? [pid] : []))).size;
  return {
    migration,
    step,
    status: status === "running" && workers === 0 && !held ? "interrupted" : status,
    processed,
    total,
    pass: position.pass,
    key: position.key.map(({ name }) => name),
    upTo: position.next,
    workers,
    updatedAt,
  };
}

export interface ControlInput {
  readonly verb: "pause" | "cancel" | "resume";
  /** id of the migration; the only unfinished backfill without it */
  readonly migration?: string;
  /** with cancel: gives up the checkpoint too, so that a later run begins anew */
  readonly forget?: boolean;
}

export interface ControlResult {
  readonly migration: string;
  readonly step: number;
  readonly was: CheckpointStatus;
  readonly processed: number;
  readonly total: number | null;
  /** whether a runner is there to obey */
  readonly running: boolean;
  readonly forgotten: boolean;
}

const statusAfter = { pause: "paused", cancel: "failed", resume: "running" } as const;

/**
 * Sets what a running backfill looks at before its next batch. Without a runner, resume changes nothing: the next up goes on.
 * @throws ToolError name_unknown when none is meant or several could be; locked for --forget while a runner is at work
 */
export async function controlBackfill(workspace: Workspace, input: ControlInput): Promise<ControlResult> {
  return withSession(workspace, "backfill", async (session) => {
    const { auditSchema: schema } = workspace.config;
    const checkpoint = await unfinished(session, schema, input.migration);
    const { migration, step, status, processed, total } = checkpoint;
    const place = { schema, migration, step };
    const running = (await lockHolder(session, schema)) !== undefined;
    const forgotten = input.verb === "cancel" && input.forget === true;
    if (forgotten && running) throw stillRunning(migration);
    if (forgotten) await forgetCheckpoint(session, place);
    else if (running || input.verb !== "resume") await setStatus(session, place, statusAfter[input.verb]);
    return { migration, step, was: status, processed, total, running, forgotten };
  });
}

function stillRunning(migration: string): Error {
  return toolError({
    code: "locked",
    what: `the checkpoint of ${migration} cannot be given up now`,
    why: "a runner is at work",
    state: "nothing was changed",
    next: commandLine`zanith backfill cancel ${migration}, then the same command again`,
  });
}

async function unfinished(session: Session, schema: string, migration: string | undefined): Promise<CheckpointRecord> {
  const all = (await ledgerIn(schema).exists(session)) ? await readCheckpoints(session, schema) : [];
  const open = all.filter(({ status, migration: id }) => status !== "done" && (migration ?? id) === id);
  const [first, second] = open;
  if (first !== undefined && second === undefined) return first;
  throw toolError({
    code: "name_unknown",
    what: migration === undefined ? "which backfill is meant is not clear" : `${migration} has no unfinished backfill`,
    why:
      first === undefined
        ? "no backfill is unfinished"
        : `several are unfinished: ${open.map(({ migration: id }) => id).join(", ")}`,
    state: "nothing was changed",
    next: "zanith backfill list",
  });
}

/** Works along on a running backfill from this process until it is done; the runner that began it records the step. */
export async function joinRunning(
  workspace: Workspace,
  input: { readonly migration: string; readonly settings: BackfillSettings },
  given: Run,
): Promise<{ readonly processed: number }> {
  const run: Run = { ...given, emit: isolated(given.emit) };
  return withRunSessions(workspace, "backfill", async ({ work, audit, open }) => {
    const { auditSchema: schema } = workspace.config;
    const checkpoint = await unfinished(work, schema, input.migration);
    const { migration, step, position } = checkpoint;
    const place = { migration, step };
    const source = await jobOf(workspace, work, migration, step);
    const job = await prepareJob(work, source);
    const identity = identityOf(job, position.outcome);
    const changed = differences(position, identity);
    if (changed.length > 0) throw anotherFile(migration, changed);
    let processed = checkpoint.processed;
    const backfill = {
      work,
      monitor: audit,
      open,
      place: { schema, ...place },
      job: source,
      outcome: position.outcome,
      joins: true as const,
      settings: input.settings,
      signal: run.signal,
      random: workspace.random,
      onProgress: (progress: BackfillProgress) => {
        processed = progress.processed;
        run.emit({ type: "backfill.progress", ...place, ...progress });
      },
      note: (message: string) => run.emit({ type: "step.noted", ...place, message }),
    };
    await cancellable(run, work, () => joinBackfill(backfill, job, identity, checkpoint));
    return { processed };
  });
}

async function jobOf(workspace: Workspace, session: Session, migration: string, step: number): Promise<BatchJob> {
  const file = (await readFolder(workspace)).find(({ id }) => id === migration);
  const op = file?.ops[step];
  const context = { server: session.server.versionNum, isFresh: () => false };
  const segments = op === undefined ? [] : kindOf(op.kind).emit(op, context);
  const job = segments.find((segment) => segment.job !== undefined)?.job;
  if (job !== undefined) return job;
  throw anotherFile(migration, [`step ${step} is no backfill in the files of this folder`]);
}

function anotherFile(migration: string, why: readonly string[]): Error {
  return toolError({
    code: "ledger_mismatch",
    what: `this folder's ${migration} is not the one that is being run`,
    why: why.join("; "),
    state: "nothing was changed",
    next: "use the folder the running migration came from (--dir)",
  });
}
