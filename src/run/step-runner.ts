/**
 * Runs one step: its segments in order, each transaction with its audit row where Postgres allows that. After a crash
 * it looks at the catalog, from the last segment back, for what has already taken effect.
 */
import { isToolError, toolError } from "../base/errors.ts";
import type { Session } from "../pg/session.ts";
import type { PlannedStep } from "../risk/plan.ts";
import type { CatalogQuestion, Segment } from "../sql/statement.ts";
import { whileWatching } from "./blockers.ts";
import type { Emit } from "./events.ts";
import type { Ledger } from "./ledger.ts";
import { lockSchedule, withLockRetries } from "./lock-retry.ts";

/** The sessions of a run: one does the work and holds the lock, the other writes what must survive a rollback. */
export interface RunSessions {
  readonly work: Session;
  readonly audit: Session;
}

export interface StepRun {
  readonly sessions: RunSessions;
  readonly ledger: Ledger;
  readonly migration: string;
  readonly step: PlannedStep;
  /** an earlier attempt began: some of it may be there */
  readonly resumed: boolean;
  readonly lockTimeoutMs: number;
  readonly emit: Emit;
  /** given between statements: stop before the next one */
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** status of the attempt in the ledger when all is done */
  readonly outcome: "applied" | "rolled_back";
}

/** A transaction of ours never sits idle for longer: the server ends it and its locks with it. */
const idleInTransaction = "10s";

/**
 * Runs the step whose intent row is `startedAt` and records its outcome.
 * @throws ToolError interrupted between segments when the signal was given; what a statement failed with
 */
export async function runStep(run: StepRun, startedAt: string): Promise<void> {
  const { segments } = run.step;
  const finish = (session: Session): Promise<void> =>
    run.ledger.finish(session, run.migration, run.step.index, startedAt, run.outcome);
  const from = run.resumed ? await firstUnfinished(run, segments) : 0;
  let recorded = false;
  for (let at = from; at < segments.length; at++) {
    const segment = segments[at] as Segment;
    stopIfAsked(run);
    if (run.resumed) await removeLeftover(run, segment);
    const last = at === segments.length - 1;
    if (segment.mode === "transaction") {
      await runTransaction(run, segment, last ? finish : undefined);
      recorded ||= last;
    } else await runAlone(run, segment);
  }
  if (!recorded) await finish(run.sessions.audit);
}

/** The first segment that has not taken effect: the one after the last that says it has. */
async function firstUnfinished(run: StepRun, segments: readonly Segment[]): Promise<number> {
  for (let at = segments.length - 1; at >= 0; at--) {
    const done = segments[at]?.done;
    if (done !== undefined && (await ask(run.sessions.work, done))) {
      note(
        run,
        at === segments.length - 1
          ? "found finished by an earlier attempt"
          : `continues after part ${at + 1} of ${segments.length}`,
      );
      return at + 1;
    }
  }
  return 0;
}

async function removeLeftover(run: StepRun, segment: Segment): Promise<void> {
  if (segment.leftover === undefined || !(await ask(run.sessions.work, segment.leftover.found))) return;
  note(run, "removing what an unfinished attempt left behind");
  for (const remove of segment.leftover.remove) {
    if (remove.mode === "transaction") await runTransaction(run, remove, undefined);
    else await runAlone(run, remove);
  }
}

async function runTransaction(
  run: StepRun,
  segment: Segment,
  record: ((session: Session) => Promise<void>) | undefined,
): Promise<void> {
  await retrying(run, (lockTimeoutMs) =>
    run.sessions.work.transaction(
      {
        settings: {
          lock_timeout: `${lockTimeoutMs}ms`,
          statement_timeout: "0",
          idle_in_transaction_session_timeout: idleInTransaction,
        },
      },
      async (tx) => {
        for (const { sql } of segment.statements) {
          stopIfAsked(run);
          await send(run, tx, sql);
        }
        if (record !== undefined) await record(tx);
      },
    ),
  );
}

/**
 * Statements that Postgres refuses in a transaction. No lock_timeout: it would also fire in the waits of CONCURRENTLY
 * for older snapshots and leave an invalid index behind after hours of work.
 */
async function runAlone(run: StepRun, segment: Segment): Promise<void> {
  const { work } = run.sessions;
  await work.rows(
    "select pg_catalog.set_config('lock_timeout', '0', false), pg_catalog.set_config('statement_timeout', '0', false)",
  );
  for (const { sql } of segment.statements) {
    stopIfAsked(run);
    try {
      await watched(run, 1, 1, () => send(run, work, sql));
    } catch (error) {
      if (segment.leftover !== undefined && isToolError(error) && error.code !== "connection_lost")
        await tidy(run, segment);
      throw error;
    }
  }
  if (segment.done !== undefined && !(await ask(work, segment.done))) {
    throw toolError({
      code: "statement_failed",
      what: `${run.step.kind} ${run.step.object} ended without an error and without its effect`,
      why: "the catalog does not show what the statement should have made",
      state: "the step is recorded as failed",
      next: "zanith migrate status",
    });
  }
}

/** Removes an invalid remainder of the statement that just failed, so that the failure leaves nothing behind. */
async function tidy(run: StepRun, segment: Segment): Promise<void> {
  if (segment.leftover === undefined) return;
  try {
    if (!(await ask(run.sessions.work, segment.leftover.found))) return;
    note(run, "removing what the failed statement left behind");
    for (const remove of segment.leftover.remove) {
      for (const { sql } of remove.statements) await send(run, run.sessions.work, sql);
    }
  } catch (error) {
    note(
      run,
      `could not remove what the failed statement left behind: ${isToolError(error) ? (error.why ?? error.what) : "unknown"}`,
    );
  }
}

async function retrying<T>(run: StepRun, body: (lockTimeoutMs: number) => Promise<T>): Promise<T> {
  let attempt = 1;
  const schedule = lockSchedule(run.lockTimeoutMs);
  return withLockRetries(
    schedule,
    {
      random: run.random,
      signal: run.signal,
      onRetry: (failed, attempts, why, pauseMs) => {
        attempt = failed + 1;
        note(run, `try ${failed} of ${attempts}: ${why}; next try in ${(pauseMs / 1000).toFixed(1)} s`);
      },
    },
    ({ lockTimeoutMs }) => watched(run, attempt, schedule.length, () => body(lockTimeoutMs)),
  );
}

/** Says who blocks while the body waits. */
function watched<T>(run: StepRun, attempt: number, attempts: number, body: () => Promise<T>): Promise<T> {
  const { emit, migration, step } = run;
  return whileWatching(
    run.sessions.audit,
    run.sessions.work.pid,
    (blockers, waitedMs) =>
      emit({ type: "lock.waited", migration, step: step.index, attempt, attempts, waitedMs, blockers }),
    body,
  );
}

async function send(run: StepRun, session: Session, sql: string): Promise<void> {
  const place = { migration: run.migration, step: run.step.index };
  run.emit({ type: "statement.sent", ...place, sql });
  const started = performance.now();
  await session.execute(sql);
  run.emit({ type: "statement.finished", ...place, durationMs: Math.round(performance.now() - started) });
}

async function ask(session: Session, question: CatalogQuestion): Promise<boolean> {
  const [row] = await session.rows(question.sql, [...question.params]);
  return row?.[0] === "t";
}

function note(run: StepRun, message: string): void {
  run.emit({ type: "step.noted", migration: run.migration, step: run.step.index, message });
}

function stopIfAsked(run: StepRun): void {
  if (!run.signal.aborted) return;
  throw toolError({
    code: "interrupted",
    what: `stopped in step ${run.step.index} ${run.step.kind} ${run.step.object}`,
    why: "the run was asked to stop",
    state: "what was committed stays; an open transaction was rolled back",
    next: "zanith migrate up",
  });
}
