/**
 * Runs one step: its segments in order, each transaction with a note of it in the ledger. A resumed step goes on after
 * the last segment that the ledger or the catalog, asked from the last segment back, says has taken effect.
 */

import { chooseKey } from "../backfill/choose-key.ts";
import { runBackfill } from "../backfill/runner.ts";
import { type BackfillSettings, defaultBackfillSettings } from "../backfill/settings.ts";
import { isToolError, toolError } from "../base/errors.ts";
import { withSearchPath } from "../pg/search-path.ts";
import type { Session, TextRow } from "../pg/session.ts";
import type { PlannedStep } from "../risk/plan.ts";
import { withoutSecrets } from "../sql/secrets.ts";
import { type BatchJob, isStronger, type Segment, type Statement } from "../sql/statement.ts";
import type { ArtifactKeeper } from "./artifact-keeper.ts";
import { answerLimitMs, whileWatching } from "./blockers.ts";
import { cancelBlockers } from "./cancel-blockers.ts";
import type { Blocker, Emit } from "./events.ts";
import type { Ledger } from "./ledger.ts";
import {
  type BackOff,
  backedOff,
  givesWayMs,
  lockSchedule,
  outlastsAutovacuumMs,
  withLockRetries,
} from "./lock-retry.ts";
import { holds } from "./remainders.ts";
import { isWritten, writtenOutcome } from "./written-outcome.ts";

/** The sessions of a run: one does the work and holds the lock, the other writes what must survive a rollback. */
export interface RunSessions {
  readonly work: Session;
  readonly audit: Session;
  /** opens a session for another worker of a backfill; without it there is one */
  readonly open?: () => Promise<Session>;
}

export interface StepRun {
  readonly sessions: RunSessions;
  readonly ledger: Ledger;
  readonly migration: string;
  readonly step: PlannedStep;
  /** an earlier attempt began: some of it may be there */
  readonly resumed: boolean;
  /** how many segments an earlier attempt committed, by the ledger */
  readonly parts: number;
  readonly lockTimeoutMs: number;
  readonly emit: Emit;
  /** given between statements: stop before the next one */
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly backOff?: BackOff;
  /** status of the attempt in the ledger when all is done */
  readonly outcome: "applied" | "rolled_back";
  /** told what is set aside and given back */
  readonly artifacts?: ArtifactKeeper;
  /** how hard a backfill may work */
  readonly backfill?: BackfillSettings;
  /** after this long, what is in the way is cancelled; never without it */
  readonly cancelBlockersAfterMs?: number;
  /** how long an answer may be missing that the server has given */
  readonly answerLimitMs?: number;
}

/** A transaction of ours never sits idle for longer: the server ends it and its locks with it. */
export const idleInTransaction = "10s";

/**
 * Runs the step whose intent row is `startedAt` and records its outcome.
 * @throws ToolError interrupted between segments when the signal was given; what a statement failed with
 */
export async function runStep(run: StepRun, startedAt: string): Promise<void> {
  const { segments, index } = run.step;
  const record = (session: Session, parts: number): Promise<void> =>
    parts === segments.length
      ? run.ledger.finish(session, run.migration, index, startedAt, run.outcome)
      : run.ledger.note(session, run.migration, index, startedAt, parts, segments.length);
  const from = run.resumed ? await firstUnfinished(run, segments) : 0;
  // Nothing is begun for a table that cannot be gone over in the end.
  for (const { job } of segments.slice(from)) if (job !== undefined) await chooseKey(run.sessions.work, job);
  for (let at = from; at < segments.length; at++) {
    const segment = segments[at] as Segment;
    stopIfAsked(run);
    if (run.resumed && (await isSettled(run, segment))) {
      await record(run.sessions.audit, at + 1);
      continue;
    }
    if (segment.mode === "transaction") await runTransaction(run, segment, (tx) => record(tx, at + 1));
    else {
      if (segment.job !== undefined) await runBatches(run, segment.job);
      else await runAlone(run, segment);
      await record(run.sessions.audit, at + 1);
    }
  }
  if (segments.length === 0) note(run, "as it was already: nothing is run");
  if (from === segments.length) await record(run.sessions.audit, from);
}

/** The first segment that has not taken effect: the one after the last that says it has, or that was recorded. */
async function firstUnfinished(run: StepRun, segments: readonly Segment[]): Promise<number> {
  let from = segments.length;
  if (from === 0) {
    note(run, "nothing of an earlier attempt is left");
    return from;
  }
  while (from > run.parts && !(await hasTakenEffect(run, segments[from - 1]))) from--;
  if (from === segments.length) note(run, "found finished by an earlier attempt");
  else if (from > 0) note(run, `continues after part ${from} of ${segments.length}`);
  return from;
}

async function hasTakenEffect(run: StepRun, segment: Segment | undefined): Promise<boolean> {
  return segment?.done !== undefined && (await holds(run.sessions.work, segment.done));
}

/** Clears what an earlier attempt left; true when nothing is left to do, as where that brought it to its end. */
async function isSettled(run: StepRun, segment: Segment): Promise<boolean> {
  if (!isWritten(segment)) return (await removeLeftover(run, segment)) && (await hasTakenEffect(run, segment));
  const outcome = await writtenOutcome(run.sessions.work, segment);
  if (outcome.state === "done") note(run, `found finished by an earlier attempt: ${outcome.says}`);
  if (outcome.state !== "remainder") return outcome.state === "done";
  note(run, `removing what an unfinished attempt left behind: ${outcome.what}`);
  for (const remove of outcome.remove) await runAlone(run, { mode: "alone", statements: [remove] });
  return outcome.ends;
}

/** Says whether there was anything to clear. */
async function removeLeftover(run: StepRun, segment: Segment): Promise<boolean> {
  if (segment.leftover === undefined || !(await holds(run.sessions.work, segment.leftover.found))) return false;
  note(run, "removing what an unfinished attempt left behind");
  for (const remove of segment.leftover.remove) {
    if (remove.mode === "transaction") await runTransaction(run, remove, undefined);
    else await runAlone(run, remove);
  }
  return true;
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
          lock_timeout: `${locksSeveral(segment) ? Math.min(lockTimeoutMs, givesWayMs) : lockTimeoutMs}ms`,
          statement_timeout: "0",
          idle_in_transaction_session_timeout: idleInTransaction,
        },
      },
      async (tx) => {
        const { artifact } = segment;
        const place = { migration: run.migration, step: run.step.index };
        let answer: TextRow | undefined;
        if (artifact !== undefined) await run.artifacts?.begin(tx, place, artifact);
        await withSearchPath(tx, segment, async () => {
          for (const { sql } of segment.statements) {
            stopIfAsked(run);
            answer = await send(run, tx, sql);
          }
        });
        if (artifact !== undefined) await run.artifacts?.end(tx, place, artifact, answer);
        if (record !== undefined) await record(tx);
      },
    ),
  );
}

/** Whether a segment waits for a lock that stops writes while it already holds another such lock. */
function locksSeveral({ statements }: Segment): boolean {
  const locked = statements.flatMap(({ lock, on }) => (isStronger(lock, "share update exclusive") ? on : []));
  return new Set(locked).size > 1;
}

/** A statement that is run range by range; where it stands is in its checkpoint. */
async function runBatches(run: StepRun, job: BatchJob): Promise<void> {
  const { sessions, ledger, migration, step, emit, signal, random, outcome } = run;
  const place = { migration, step: step.index };
  await runBackfill(
    {
      work: sessions.work,
      monitor: sessions.audit,
      open: sessions.open,
      place: { schema: ledger.schema, ...place },
      job,
      outcome,
      settings: run.backfill ?? defaultBackfillSettings,
      signal,
      random,
      onProgress: (progress) => emit({ type: "backfill.progress", ...place, ...progress }),
      note: (message) => note(run, message),
      onStatement: (sql) => emit({ type: "statement.sent", ...place, sql: withoutSecrets(sql) }),
      onStatementEnd: (durationMs) => emit({ type: "statement.finished", ...place, durationMs }),
      ...(run.cancelBlockersAfterMs === undefined
        ? {}
        : {
            blockers: {
              afterMs: run.cancelBlockersAfterMs,
              watch: (pid, since, tried, body) => watched(run, { since, ...tried, pid }, body),
            },
          }),
    },
    run.resumed,
  );
}

/** Statements that Postgres refuses in a transaction. */
async function runAlone(run: StepRun, segment: Segment): Promise<void> {
  const { work } = run.sessions;
  for (const statement of segment.statements) {
    stopIfAsked(run);
    try {
      await withSearchPath(work, segment, () => sendAlone(run, statement));
    } catch (error) {
      if (isToolError(error) && error.code !== "connection_lost") await tidy(run, segment);
      throw error;
    }
  }
  if (segment.done !== undefined && !(await holds(work, segment.done))) {
    throw toolError({
      code: "statement_failed",
      what: `${run.step.kind} ${run.step.object} ended without an error and without its effect`,
      why: "the catalog does not show what the statement should have made",
      state: "the step is recorded as failed",
      next: "zanith migrate status",
    });
  }
}

/**
 * What lets reads and writes go on waits for its lock without a limit: a lock_timeout would also fire in the waits of
 * CONCURRENTLY for older snapshots and leave an invalid index behind after hours of work. What stops them does not.
 */
async function sendAlone(run: StepRun, { sql, lock }: Statement): Promise<void> {
  const sendWith = async (lockTimeoutMs: number): Promise<void> => {
    stopIfAsked(run);
    await limitWaits(run, lockTimeoutMs);
    await send(run, run.sessions.work, sql);
  };
  if (isStronger(lock, "share update exclusive")) await retrying(run, sendWith);
  else await watched(run, { since: performance.now(), attempt: 1, attempts: 1 }, () => sendWith(0));
}

/** Sets how long statements outside a transaction wait for a lock; 0 for as long as it takes. */
async function limitWaits(run: StepRun, lockTimeoutMs: number): Promise<void> {
  await run.sessions.work.rows(
    "select pg_catalog.set_config('lock_timeout', $1, false), pg_catalog.set_config('statement_timeout', '0', false)",
    [`${lockTimeoutMs}ms`],
  );
}

/**
 * Removes an invalid remainder of the statement that just failed. Who was in the way of that statement may be in the way of
 * this as well, so it waits no longer than lock_timeout: what cannot be removed now is removed by the next run.
 */
async function tidy(run: StepRun, segment: Segment): Promise<void> {
  try {
    const remainder = await remainderOf(run.sessions.work, segment);
    if (remainder.length === 0) return;
    note(run, "removing what the failed statement left behind");
    await limitWaits(run, run.lockTimeoutMs);
    for (const { sql } of remainder) await send(run, run.sessions.work, sql);
  } catch (error) {
    if (!isToolError(error)) throw error;
    note(
      run,
      `what the failed statement left behind is still there, the next run removes it: ${error.why ?? error.what}`,
    );
  }
}

/** What clears the remainder of a segment that is alone; nothing where there is none. */
async function remainderOf(session: Session, segment: Segment): Promise<readonly Statement[]> {
  const { leftover } = segment;
  if (leftover !== undefined)
    return (await holds(session, leftover.found)) ? leftover.remove.flatMap(({ statements }) => statements) : [];
  if (!isWritten(segment)) return [];
  const outcome = await writtenOutcome(session, segment);
  return outcome.state === "remainder" ? outcome.remove : [];
}

/** Tries again when the lock was not to be had, longer where something without a user, such as autovacuum, is in the way. */
async function retrying<T>(run: StepRun, body: (lockTimeoutMs: number) => Promise<T>): Promise<T> {
  const since = performance.now();
  let attempt = 1;
  let outlast = false;
  const schedule = lockSchedule(run.lockTimeoutMs);
  const onBlockers = (blockers: readonly Blocker[]): void => {
    outlast ||= blockers.some(({ user }) => user === null);
  };
  return withLockRetries(
    schedule,
    {
      random: run.random,
      signal: run.signal,
      onRetry: (failed, attempts, why, pauseMs) => {
        attempt = failed + 1;
        note(run, `try ${failed} of ${attempts}: ${why}; next try in ${(pauseMs / 1000).toFixed(1)} s`);
      },
      onBackOff: (pauseMs) => note(run, `backed off, others go first; next try in ${Math.round(pauseMs / 1000)} s`),
    },
    ({ lockTimeoutMs }) => {
      const timeoutMs = outlast ? Math.max(lockTimeoutMs, outlastsAutovacuumMs) : lockTimeoutMs;
      const tried = (): Promise<T> => backingOff(run, () => body(timeoutMs));
      return watched(run, { since, attempt, attempts: schedule.length, onBlockers }, tried);
    },
  );
}

/** Runs a try; when it is asked to back off meanwhile, its statement is cancelled, and it ends as one that got no lock. */
async function backingOff<T>({ backOff, sessions, signal }: StepRun, body: () => Promise<T>): Promise<T> {
  let asked = false;
  const listens = backOff?.onAsk(() => {
    asked = true;
    sessions.work.cancel().catch(() => {});
  });
  try {
    return await body();
  } catch (error) {
    throw asked && !signal.aborted && isToolError(error, "interrupted") ? backedOff() : error;
  } finally {
    listens?.();
  }
}

interface Watch {
  /** when the waiting began, earlier tries included */
  readonly since: number;
  readonly attempt: number;
  readonly attempts: number;
  /** who waits; the session that does the work when not given */
  readonly pid?: number;
  readonly onBlockers?: (blockers: readonly Blocker[]) => void;
}

/** Says who blocks while the body waits, and ends that where it was asked for. */
function watched<T>(
  run: StepRun,
  { since, attempt, attempts, pid, onBlockers }: Watch,
  body: () => Promise<T>,
): Promise<T> {
  const { emit, migration, step, sessions, cancelBlockersAfterMs } = run;
  let isCancelling = false;
  const report = (blockers: readonly Blocker[], waitedMs: number): void => {
    onBlockers?.(blockers);
    emit({ type: "lock.waited", migration, step: step.index, attempt, attempts, waitedMs, blockers });
    if (cancelBlockersAfterMs === undefined || isCancelling || performance.now() - since < cancelBlockersAfterMs)
      return;
    isCancelling = true;
    cancelBlockers(sessions.audit, blockers).then(
      (sentences) => {
        isCancelling = false;
        for (const sentence of sentences) note(run, sentence);
      },
      () => {},
    );
  };
  if (pid !== undefined && pid !== sessions.work.pid) return whileWatching(sessions.audit, pid, report, body);
  const answers = { limitMs: run.answerLimitMs ?? answerLimitMs, onLost: (why: string) => sessions.work.giveUp(why) };
  return whileWatching(sessions.audit, sessions.work.pid, report, body, answers);
}

/** Runs a statement; the first row of its result, if it has one. */
async function send(run: StepRun, session: Session, sql: string): Promise<TextRow | undefined> {
  const place = { migration: run.migration, step: run.step.index };
  run.emit({ type: "statement.sent", ...place, sql: withoutSecrets(sql) });
  const started = performance.now();
  const [first] = await session.rows(sql);
  run.emit({ type: "statement.finished", ...place, durationMs: Math.round(performance.now() - started) });
  return first;
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
