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
import { batchOf, type KeyRange, type KeyValue, upperKey } from "./key-range.ts";
import { hasOpenRows } from "./open-rows.ts";
import { firstPace, type Pace, paceAfter, paceHalved } from "./pacing.ts";
import { type Claim, differences, type Identity } from "./position.ts";
import type { PreparedJob } from "./prepare.ts";
import type { BackfillSettings } from "./settings.ts";

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
}

/**
 * Works until the checkpoint says it is done.
 * @throws ToolError interrupted when the signal was given or the backfill was cancelled; what a batch failed with
 */
export async function workOnRanges(run: WorkerRun): Promise<void> {
  let pace = firstPace(run.settings.maxBatch);
  for (;;) {
    if (run.signal.aborted) throw stopped(run);
    const checkpoint = await readCheckpoint(run.session, run.place);
    if (checkpoint === undefined || differences(checkpoint.position, run.identity).length > 0) throw takenAway(run);
    if (checkpoint.status === "done") return;
    if (checkpoint.status === "failed") throw cancelled(run);
    if (checkpoint.status === "paused") {
      await run.report({ state: "paused", checkpoint, keys: 0, changed: 0, durationMs: 0 });
      await pause(idleLookMs, run.signal);
      continue;
    }
    const range = await takeRange(run, checkpoint, pace.size);
    if (range === "wait") await pause(idleLookMs * (0.75 + run.random() / 2), run.signal);
    else if (range === "ended") await endPass(run, checkpoint);
    else if (range !== "lost") pace = await doRange(run, checkpoint, range, pace);
  }
}

interface TakenRange {
  readonly name: string;
  readonly claim: Claim;
  /** just cut to size, so that it is done at once */
  readonly fresh: boolean;
}

/** A range to work on: one whose session is gone, else the next one. */
async function takeRange(
  run: WorkerRun,
  checkpoint: CheckpointRecord,
  size: number,
): Promise<TakenRange | "wait" | "ended" | "lost"> {
  const { session, place } = run;
  const { position } = checkpoint;
  const { next, ended, pass, turn, key } = position;
  const owner = { pid: session.pid, since: session.backendStart };
  const claims = Object.entries(position.claims);
  if (claims.length > 0) {
    const alive = await aliveSessions(
      session,
      claims.map(([, claim]) => claim),
    );
    const orphan = claims.find(([, claim]) => !alive(claim));
    if (orphan !== undefined) {
      const [name, claim] = orphan;
      const own = { ...claim, ...owner };
      const taken = await takeTurn(session, place, turn, { next, ended, pass, claim: own, adopted: { name, claim } });
      return taken === undefined ? "lost" : { name: taken, claim: own, fresh: false };
    }
  }
  if (ended) return claims.length > 0 ? "wait" : "ended";
  const upTo = await findUpper(run, key, { after: next, upTo: null }, size);
  const claim: Claim = { after: next, upTo: upTo === null ? null : [...upTo], ...owner };
  const taken = await takeTurn(session, place, turn, { next: claim.upTo ?? next, ended: upTo === null, pass, claim });
  return taken === undefined ? "lost" : { name: taken, claim, fresh: true };
}

async function findUpper(
  { session, job }: WorkerRun,
  key: Identity["key"],
  range: KeyRange,
  size: number,
): Promise<KeyValue | null> {
  const { sql, params } = upperKey(job, key, range, size);
  const rows = await session.transaction({ readOnly: true, settings: { enable_seqscan: "off" } }, (tx) =>
    tx.rows(sql, params),
  );
  const [row] = rows;
  return row === undefined ? null : row.map(String);
}

/** Tells of a range whether the session that has it still lives. Start times are hidden from a role without pg_monitor. */
async function aliveSessions(session: Session, claims: readonly Claim[]): Promise<(claim: Claim) => boolean> {
  const rows = await session.rows(
    `select a.pid::text, a.backend_start::text from pg_catalog.pg_stat_activity a
     where a.pid = any($1::integer[]) order by a.pid`,
    [claims.map(({ pid }) => String(pid))],
  );
  const started = new Map(rows.map(([pid, since]) => [Number(pid), since]));
  return ({ pid, since }) => started.has(pid) && (started.get(pid) == null || started.get(pid) === since);
}

/** Does a range, in parts when it cannot be done at once; returns the pace to go on with. */
async function doRange(run: WorkerRun, checkpoint: CheckpointRecord, taken: TakenRange, begun: Pace): Promise<Pace> {
  const { key, pass } = checkpoint.position;
  const { targetMs, maxBatch } = run.settings;
  let claim: Claim | null = taken.claim;
  let pace = begun;
  let atOnce = taken.fresh;
  let failures = 0;
  while (claim !== null) {
    if (run.signal.aborted) throw stopped(run);
    const end: KeyValue | null = atOnce ? null : await findUpper(run, key, claim, pace.size);
    const doneTo: KeyValue | null = end !== null && sameKey(end, claim.upTo) ? null : end;
    const started = performance.now();
    let changed: number | undefined;
    try {
      const limitMs = Math.max(failures < lastFailures ? batchLimitMs : lastBatchLimitMs, targetMs * slowestBatch);
      changed = await runBatch(run, key, taken.name, claim, doneTo, limitMs);
    } catch (error) {
      if (!isToolError(error) || !isPassing(error) || ++failures > maxFailures) throw await failed(run, error);
      pace = paceHalved(pace);
      atOnce = false;
      await restAfter(run, error, failures, pace.size);
      continue;
    }
    if (changed === undefined) return pace;
    failures = 0;
    const durationMs = performance.now() - started;
    const isFull = doneTo !== null || (atOnce && claim.upTo !== null);
    const keys = isFull ? pace.size : changed;
    if (isFull) pace = paceAfter(pace, { keys, durationMs }, targetMs, maxBatch);
    if (run.isInTheWay()) pace = paceHalved(pace, smallestInTheWay);
    claim = doneTo === null ? null : { ...claim, after: [...doneTo] };
    await run.report({ state: pass > 1 ? "sweeping" : "running", checkpoint, keys, changed, durationMs });
  }
  return pace;
}

/** Others that wait make batches smaller, but never so small that the backfill stands still. */
const smallestInTheWay = 100;

function sameKey(a: KeyValue, b: KeyValue | null): boolean {
  return b !== null && a.length === b.length && a.every((text, at) => text === b[at]);
}

/** One batch and its note, in one transaction; undefined when the range was not this session's any more. */
async function runBatch(
  { session, job, place, onStatement, onStatementEnd }: WorkerRun,
  key: Identity["key"],
  name: string,
  claim: Claim,
  doneTo: KeyValue | null,
  limitMs: number,
): Promise<number | undefined> {
  const { sql, params } = batchOf(job, key, { after: claim.after, upTo: doneTo ?? claim.upTo });
  const lost = new Error("the range was lost");
  try {
    const settings = { ...batchSettings, statement_timeout: `${limitMs}ms` };
    return await session.transaction({ settings }, async (tx) => {
      onStatement?.(sql);
      const started = performance.now();
      const { count } = await tx.execute(sql, { parameters: params });
      onStatementEnd?.(Math.round(performance.now() - started));
      if (!(await endRange(tx, place, name, claim, doneTo, count))) throw lost;
      return count;
    });
  } catch (error) {
    if (error === lost) return undefined;
    throw error;
  }
}

/** With row_security off, a policy that would hide rows from this role is an error rather than rows that are passed over. */
const batchSettings: Readonly<Record<string, string>> = {
  lock_timeout: rowLockTimeout,
  idle_in_transaction_session_timeout: "10s",
  enable_seqscan: "off",
  row_security: "off",
};

function isPassing(error: ToolError): boolean {
  return isRetryable(error) || error.code === "statement_timeout";
}

async function restAfter(run: WorkerRun, error: ToolError, failures: number, size: number): Promise<void> {
  const longest = Math.min(failurePauseMs.first * 2 ** (failures - 1), failurePauseMs.longest);
  run.note(
    `batch ${failures} of ${maxFailures} in a row failed, next one has ${size} keys: ${error.why ?? error.what}`,
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
