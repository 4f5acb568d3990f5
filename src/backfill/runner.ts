/**
 * Runs a job in batches: opens its checkpoint, starts the workers, paces them by what the server says, and tells how far they
 * are. Given sessions; holds no lock of its own.
 */
import { isToolError } from "../base/errors.ts";
import type { Session } from "../pg/session.ts";
import type { BackfillState } from "../run/events.ts";
import { pause } from "../run/lock-retry.ts";
import type { BatchJob } from "../sql/statement.ts";
import {
  type CheckpointPlace,
  type CheckpointRecord,
  openCheckpoint,
  readCheckpoint,
  setStatus,
  setTotal,
} from "./checkpoint.ts";
import { stopped } from "./endings.ts";
import { countRows } from "./open-rows.ts";
import { restForRate } from "./pacing.ts";
import { type Identity, identityOf } from "./position.ts";
import { type PreparedJob, prepareJob } from "./prepare.ts";
import { createRate } from "./rate.ts";
import { type BackfillSettings, maxWorkers } from "./settings.ts";
import { createThrottle, type Throttle } from "./throttle.ts";
import { createVacuum } from "./vacuum.ts";
import { type BlockerWatch, type WorkerReport, workOnRanges } from "./worker.ts";

/** How far it is, without where. */
export interface BackfillProgress {
  readonly processed: number;
  readonly total: number | null;
  readonly rowsPerSecond: number | null;
  readonly etaMs: number | null;
  readonly batchRows: number;
  readonly batchMs: number;
  readonly lag: number | null;
  readonly state: BackfillState;
  readonly reason: string | null;
}

export interface BackfillRun {
  /** the first worker's session; a run's own, which holds the lock */
  readonly work: Session;
  /** looks at the server while workers are busy */
  readonly monitor: Session;
  /** opens a session for a further worker; without it there is one worker */
  readonly open?: (() => Promise<Session>) | undefined;
  readonly place: CheckpointPlace;
  readonly job: BatchJob;
  readonly outcome: Identity["outcome"];
  /** works along with another process, which goes on when this one stops */
  readonly joins?: true;
  readonly settings: BackfillSettings;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly onProgress: (progress: BackfillProgress) => void;
  readonly note: (message: string) => void;
  /** told of each batch's statement as it is sent, and how long it took */
  readonly onStatement?: (sql: string) => void;
  readonly onStatementEnd?: (durationMs: number) => void;
  /** ends what is in the way of a batch, where that was asked for */
  readonly blockers?: BlockerWatch;
}

/** How often to look again while a standby lags, and how long at most. */
const lagLookMs = 500;
const longestLagMs = 6 * 3_600_000;

/**
 * Does what is left of a job. `resumed`: an earlier attempt at the very same step began.
 * @throws ToolError not_supported without a key; ledger_mismatch when the job or its table changed; interrupted; what a
 * batch failed with
 */
export async function runBackfill(run: BackfillRun, resumed: boolean): Promise<void> {
  const job = await prepareJob(run.work, run.job);
  const identity = identityOf(job, run.outcome);
  const opened = await openCheckpoint(run.work, run.place, identity, resumed);
  if (opened.total === null && opened.status !== "done") {
    await setTotal(run.work, run.place, await countRows(run.work, job));
  }
  await joinBackfill(run, job, identity, await readCheckpoint(run.work, run.place));
}

/** Works along on a checkpoint that is open, in this process or another. */
export async function joinBackfill(
  run: BackfillRun,
  job: PreparedJob,
  identity: Identity,
  checkpoint: CheckpointRecord | undefined,
): Promise<void> {
  const workers = [run.work, ...(await furtherSessions(run))];
  const throttle = createThrottle(
    run.monitor,
    workers.map(({ pid }) => pid),
  );
  const progress = createReporter(run, throttle, workers.length, checkpoint);
  const { place, settings, signal, random, note } = run;
  const { onStatement, onStatementEnd } = run;
  const told = {
    ...(onStatement === undefined ? {} : { onStatement }),
    ...(onStatementEnd === undefined ? {} : { onStatementEnd }),
    ...(run.blockers === undefined ? {} : { blockers: run.blockers }),
  };
  const vacuum = createVacuum(run.job, checkpoint?.total ?? null, note);
  const common = { place, settings, signal, random, note, job, vacuum, ...told };
  try {
    const ends = await Promise.allSettled(
      workers.map((session) =>
        workOnRanges({
          ...common,
          session,
          identity,
          report: progress.report,
          isInTheWay: () => throttle.last.waiting > 0,
        }),
      ),
    );
    const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
    // A worker that failed ends the others, whose words are less telling.
    const cause =
      failures.find((error) => !isToolError(error) || error.details["sqlstate"] !== undefined) ?? failures[0];
    if (cause !== undefined) throw await pausedIfStopped(run, cause);
    await progress.done();
  } finally {
    await throttle.ended();
    await Promise.all(workers.slice(1).map((session) => session.close()));
  }
}

async function furtherSessions({ open, settings }: BackfillRun): Promise<Session[]> {
  if (open === undefined) return [];
  const wanted = Math.min(settings.workers, maxWorkers) - 1;
  return Promise.all(Array.from({ length: Math.max(0, wanted) }, open));
}

/** A backfill that was stopped on purpose says so in its checkpoint. */
async function pausedIfStopped({ work, place, signal, joins }: BackfillRun, error: unknown): Promise<unknown> {
  if (joins !== true && isToolError(error, "interrupted") && signal.aborted && work.alive) {
    await setStatus(work, place, "paused").catch(() => {});
  }
  return error;
}

interface Reporter {
  report(report: WorkerReport): Promise<void>;
  done(): Promise<void>;
}

/** Tells how far the work is and holds workers back when there is a reason to. */
function createReporter(
  run: BackfillRun,
  throttle: Throttle,
  workers: number,
  begun: CheckpointRecord | undefined,
): Reporter {
  const rate = createRate(begun?.processed ?? 0);
  const { maxRate, maxLagMs } = run.settings;
  let processed = begun?.processed ?? 0;
  let toldUnseen = false;
  const emit = (
    total: number | null,
    keys: number,
    durationMs: number,
    state: BackfillState,
    reason: string | null,
  ) => {
    const known = total !== null && processed <= total ? total : null;
    run.onProgress({
      processed,
      total: known,
      ...rate.figures(known),
      batchRows: keys,
      batchMs: Math.round(durationMs),
      lag: throttle.last.lagMs,
      state,
      reason,
    });
  };
  return {
    async report({ state, checkpoint, keys, changed, durationMs }) {
      // What others have done by now is in the row; what this worker just did is not in what it read before.
      processed = Math.max(processed + changed, checkpoint.processed + changed);
      rate.at(processed);
      const { total } = checkpoint;
      if (state === "paused") {
        emit(total, keys, durationMs, "paused", "paused: zanith backfill resume");
        return;
      }
      throttle.look();
      const { waiting, unseen } = throttle.last;
      if (unseen && !toldUnseen) {
        toldUnseen = true;
        run.note("the lag of a standby cannot be seen (that takes pg_monitor): resting as long as each batch takes");
      }
      const rests = [
        {
          ms: restForRate(keys, durationMs, maxRate === undefined ? undefined : maxRate / workers),
          why: `at most ${maxRate} rows a second`,
        },
        { ms: waiting > 0 ? durationMs : 0, why: `${waiting} sessions wait for locks of a batch` },
        { ms: unseen ? durationMs : 0, why: "the lag of a standby cannot be seen" },
      ];
      const [longest] = rests.sort((a, b) => b.ms - a.ms);
      const isResting = longest !== undefined && longest.ms >= 1;
      emit(total, keys, durationMs, isResting ? "throttled" : state, isResting ? longest.why : null);
      if (isResting) await pause(longest.ms, run.signal);
      await waitForStandbys(total, keys);
    },
    async done() {
      const end = await readCheckpoint(run.work, run.place);
      processed = end?.processed ?? processed;
      rate.at(processed);
      emit(end?.total ?? null, 0, 0, "done", null);
    },
  };

  async function waitForStandbys(total: number | null, keys: number): Promise<void> {
    const since = performance.now();
    while ((throttle.last.lagMs ?? 0) > maxLagMs && !run.signal.aborted) {
      if (performance.now() - since > longestLagMs) throw stopped({ place: run.place, job: run.job });
      emit(total, keys, 0, "throttled", `a standby lags ${((throttle.last.lagMs ?? 0) / 1000).toFixed(1)} s behind`);
      await pause(lagLookMs, run.signal);
      await throttle.lookNow();
    }
  }
}
