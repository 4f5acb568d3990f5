/**
 * One session of a backfill: takes a range, does it, notes it, until nothing is left. The checkpoint row is all that workers
 * know of each other; they can be in other processes and on other hosts.
 */
import { isToolError, type ToolError } from "../base/errors.ts";
import { isRetryable, type Session } from "../pg/session.ts";
import { pause } from "../run/lock-retry.ts";
import {
  type CheckpointPlace,
  type CheckpointRecord,
  endRange,
  readCheckpoint,
  setStatus,
  takeTurn,
} from "./checkpoint.ts";
import { cancelled, leftOpen, neverEnds, stopped, takenAway } from "./endings.ts";
import { batchOf, type KeyValue } from "./key-range.ts";
import { hasOpenRows } from "./open-rows.ts";
import { firstPace, largestBatch, type Pace, paceAfter, paceHalved } from "./pacing.ts";
import { type Claim, differences, type Identity } from "./position.ts";
import type { PreparedJob } from "./prepare.ts";
import type { BackfillSettings } from "./settings.ts";
import { cutFollowing, findUpper, type TakenRange, takenFollowing, takeRange } from "./take-range.ts";
import type { BackfillVacuum } from "./vacuum.ts";

/** How long a batch waits for the lock of a row: less than deadlock_timeout's default of 1 s, so that we give way, not the application. */
const rowLockTimeout = "500ms";

/**
 * A batch that takes longer is cancelled and tried again with half the keys. Less than deadlock_timeout's default of 1 s, so
 * that it is over before anybody who waits for one of its rows looks for a deadlock: the one who looks first is the victim.
 */
const batchLimitMs = 900;

/** How much longer than wanted a batch may take, where so long ones are wanted that the limit would be less. */
const slowestBatch = 3;

/** The limit of a batch that failed so often that it is down to few keys: rows that take long by themselves get done too. */
const lastBatchLimitMs = 10_000;
const lastFailures = 8;

/** Failures in a row after which a batch is given up. */
const maxFailures = 12;

/** The pause after a failure: doubled with each, up to the second. */
const failurePauseMs = { first: 100, longest: 5_000 } as const;

/** How often to look for a change while there is nothing to do: paused, or others still at work. */
const idleLookMs = 300;

/** A pause between two batches after which the checkpoint is looked at again. */
const longRestMs = 50;

/** How often the whole table is gone over again before giving up. */
const maxPasses = 20;

/** What a worker tells after each batch, and while it stands still. */
export interface WorkerReport {
  readonly state: "running" | "paused" | "sweeping";
  readonly checkpoint: CheckpointRecord;
  readonly keys: number;
  readonly changed: number;
  readonly durationMs: number;
}

export interface WorkerRun {
  readonly session: Session;
  readonly place: CheckpointPlace;
  readonly job: PreparedJob;
  readonly identity: Identity;
  readonly settings: BackfillSettings;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** told of every batch; resolves when the next one may begin */
  readonly report: (report: WorkerReport) => Promise<void>;
  readonly note: (message: string) => void;
  readonly onStatement?: (sql: string) => void;
  readonly onStatementEnd?: (durationMs: number) => void;
  /** whether others wait for what a batch has locked */
  readonly isInTheWay: () => boolean;
  readonly vacuum: BackfillVacuum;
  /** where what is in the way of a batch is to be ended: how long to wait for that, and who looks meanwhile */
  readonly blockers?: BlockerWatch;
}

/** What is done about those who keep a batch from its rows; only where somebody asked for it. */
export interface BlockerWatch {
  /** how long they may be in the way, in milliseconds */
  readonly afterMs: number;
  /** runs a try of a batch; `since` is when the first one began, on the clock of performance.now() */
  watch<T>(
    pid: number,
    since: number,
    tried: { readonly attempt: number; readonly attempts: number },
    body: () => Promise<T>,
  ): Promise<T>;
}

/** How much longer than that a batch is tried, however often it failed. */
const afterCancellingMs = 15_000;

/**
 * Works until the checkpoint says it is done.
 * @throws ToolError interrupted when the signal was given or the backfill was cancelled; what a batch failed with
 */
export async function workOnRanges(run: WorkerRun): Promise<void> {
  let pace = firstPace(run.settings.maxBatch);
  let held: Held | undefined;
  for (;;) {
    if (held !== undefined) {
      ({ pace, held } = await doRange(run, held, pace));
      continue;
    }
    const checkpoint = await whenRunning(run);
    if (checkpoint === undefined) return;
    const range = await takeRange(run, checkpoint, pace.size);
    if (range === "wait") await pause(idleLookMs * (0.75 + run.random() / 2), run.signal);
    else if (range === "ended") await endPass(run, checkpoint);
    else if (range !== "lost") held = { range, checkpoint };
  }
}

/** A range of this worker, and the checkpoint as it was when it was taken. */
interface Held {
  readonly range: TakenRange;
  readonly checkpoint: CheckpointRecord;
}

/** The checkpoint as soon as it is not paused; undefined when it is done. */
async function whenRunning(run: WorkerRun): Promise<CheckpointRecord | undefined> {
  for (;;) {
    if (run.signal.aborted) throw stopped(run);
    const checkpoint = await readCheckpoint(run.session, run.place);
    if (checkpoint === undefined || differences(checkpoint.position, run.identity).length > 0) throw takenAway(run);
    if (checkpoint.status === "done") return undefined;
    if (checkpoint.status === "failed") throw cancelled(run);
    if (checkpoint.status === "running") return checkpoint;
    await run.report({ state: "paused", checkpoint, keys: 0, changed: 0, durationMs: 0 });
    await pause(idleLookMs, run.signal);
  }
}

/** Does a range, in parts when it cannot be done at once; returns the pace to go on with, and the next range if it got one. */
async function doRange(run: WorkerRun, held: Held, begun: Pace): Promise<{ pace: Pace; held: Held | undefined }> {
  const { range, checkpoint } = held;
  const { key, pass } = checkpoint.position;
  const { targetMs } = run.settings;
  const largest = largestBatch(run.settings.maxBatch, checkpoint.total);
  let claim: Claim | null = range.claim;
  let pace = begun;
  let next: Held | undefined;
  let atOnce = range.size !== null;
  let failures = 0;
  let since = performance.now();
  while (claim !== null) {
    if (run.signal.aborted) throw stopped(run);
    if (failures === 0) since = performance.now();
    const end: KeyValue | null = atOnce ? null : await findUpper(run, key, claim, pace.size);
    const doneTo: KeyValue | null = end !== null && sameKey(end, claim.upTo) ? null : end;
    const isFull = doneTo !== null || (atOnce && claim.upTo !== null);
    const size = (atOnce ? range.size : null) ?? pace.size;
    const started = performance.now();
    const batch: Batch = {
      range: { ...range, claim },
      doneTo,
      limitMs: Math.max(failures < lastFailures ? batchLimitMs : lastBatchLimitMs, targetMs * slowestBatch),
      nextSize: pace.size,
    };
    let done: DoneBatch | undefined;
    try {
      const tried = { attempt: failures + 1, attempts: maxFailures };
      const body = () => runBatch(run, key, batch);
      done = await (run.blockers?.watch(run.session.pid, since, tried, body) ?? body());
    } catch (error) {
      if (!isToolError(error) || !isPassing(error)) throw await failed(run, error);
      const isPatient = run.blockers !== undefined && started - since < run.blockers.afterMs + afterCancellingMs;
      if (++failures > maxFailures && !isPatient) throw await failed(run, error);
      pace = paceHalved(pace);
      atOnce = false;
      await restAfter(run, error, failures, pace.size);
      continue;
    }
    if (done === undefined) return { pace, held: undefined };
    const { changed } = done;
    next = done.next;
    failures = 0;
    const durationMs = performance.now() - started;
    if (isFull) pace = paceAfter(pace, { keys: size, durationMs }, targetMs, largest);
    if (run.isInTheWay()) pace = paceHalved(pace, smallestInTheWay);
    claim = doneTo === null ? null : { ...claim, after: [...doneTo] };
    const keys = isFull ? size : changed;
    const reported = performance.now();
    await run.report({ state: pass > 1 ? "sweeping" : "running", checkpoint, keys, changed, durationMs });
    await run.vacuum.after(run.session, changed);
    // Who rested may have been paused or cancelled meanwhile.
    if (performance.now() - reported > longRestMs) await whenRunning(run);
  }
  return { pace, held: next };
}

/** Others that wait make batches smaller, but never so small that the backfill stands still. */
const smallestInTheWay = 100;

function sameKey(a: KeyValue, b: KeyValue | null): boolean {
  return b !== null && a.length === b.length && a.every((text, at) => text === b[at]);
}

interface Batch {
  readonly range: TakenRange;
  /** the last key of the batch; null for the whole range */
  readonly doneTo: KeyValue | null;
  readonly limitMs: number;
  /** keys of the batch after this one */
  readonly nextSize: number;
}

interface DoneBatch {
  readonly changed: number;
  readonly next: Held | undefined;
}

/** One batch and its note, in one transaction; undefined when the range was not this session's any more. */
async function runBatch(
  run: WorkerRun,
  key: Identity["key"],
  { range, doneTo, limitMs, nextSize }: Batch,
): Promise<DoneBatch | undefined> {
  const { session, job, place, onStatement, onStatementEnd } = run;
  const { name, claim } = range;
  const { sql, params } = batchOf(job, key, { after: claim.after, upTo: doneTo ?? claim.upTo });
  const lost = new Error("the range was lost");
  try {
    const settings = { ...batchSettings, statement_timeout: `${limitMs}ms` };
    return await session.transaction({ settings }, async (tx) => {
      onStatement?.(sql);
      const started = performance.now();
      // Sent together, answered in turn: where the next range ends does not depend on what the batch does.
      const [batch, cut] = await Promise.allSettled([
        tx.execute(sql, { parameters: params }),
        doneTo === null && !run.signal.aborted ? cutFollowing(run, tx, key, range, nextSize) : undefined,
      ]);
      if (batch.status === "rejected") throw batch.reason;
      if (cut.status === "rejected") throw cut.reason;
      const { count } = batch.value;
      onStatementEnd?.(Math.round(performance.now() - started));
      const checkpoint = await endRange(tx, place, name, claim, doneTo, count, cut.value);
      if (checkpoint === undefined) throw lost;
      const next = cut.value === undefined ? undefined : takenFollowing(cut.value, checkpoint, nextSize);
      return { changed: count, next: next === undefined ? undefined : { range: next, checkpoint } };
    });
  } catch (error) {
    if (error === lost) return undefined;
    throw error;
  }
}

/**
 * With row_security off, a policy that would hide rows from this role is an error rather than rows that are passed over. A
 * batch need not wait for the disk: its rows and its note are lost together in a crash, and whatever says that the step is
 * done commits later and waits for all that was before.
 */
const batchSettings: Readonly<Record<string, string>> = {
  lock_timeout: rowLockTimeout,
  idle_in_transaction_session_timeout: "10s",
  enable_seqscan: "off",
  row_security: "off",
  synchronous_commit: "off",
};

function isPassing(error: ToolError): boolean {
  return isRetryable(error) || error.code === "statement_timeout";
}

async function restAfter(run: WorkerRun, error: ToolError, failures: number, size: number): Promise<void> {
  const longest = Math.min(failurePauseMs.first * 2 ** (failures - 1), failurePauseMs.longest);
  run.note(
    `batch ${failures} ${failures <= maxFailures ? `of ${maxFailures} ` : ""}in a row failed, next one has ${size} keys: ${error.why ?? error.what}`,
  );
  await pause(longest * (0.5 + run.random() / 2), run.signal);
}

/** Notes that the backfill failed; what ended the session or was asked for is no failure of the work itself. */
async function failed(run: WorkerRun, error: unknown): Promise<unknown> {
  if (!isToolError(error) || error.code === "interrupted" || !run.session.alive) return error;
  if (error.code !== "commit_in_doubt") await setStatus(run.session, run.place, "failed").catch(() => {});
  return error;
}

/** All ranges of a pass are done: proves that nothing is left, or begins another pass. */
async function endPass(run: WorkerRun, { position }: CheckpointRecord): Promise<void> {
  const { job, session, place } = run;
  const { pass, turn, next } = position;
  if (job.open === undefined || !(await hasOpenRows(session, job))) {
    await takeTurn(session, place, turn, { next, ended: true, pass, status: "done" });
    return;
  }
  if (job.remaining === "fail") throw await failed(run, leftOpen(run));
  if (pass >= maxPasses) throw await failed(run, neverEnds(run, pass));
  const begun = await takeTurn(session, place, turn, { next: null, ended: false, pass: pass + 1 });
  if (begun !== undefined) run.note(`rows were written meanwhile: going over the table again (pass ${pass + 1})`);
}
