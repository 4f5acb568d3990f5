/**
 * What a run looks like while it goes on: the events of verify and up, reduced to what their screens show. Pure; an event
 * that is not known changes nothing.
 */

import type { ShownStatus } from "../render/steps.ts";
import type { Blocker, RunEvent, VerifyStage } from "../run/events.ts";
import { verifyStages } from "../run/events.ts";
import type { PlannedMigration } from "../usecase/plan.ts";

/** Statements that the log keeps. */
export const logLimit = 500;

export interface StepView {
  readonly migration: string;
  readonly index: number;
  readonly kind: string;
  readonly object: string;
  readonly level: string;
  readonly score: number;
  readonly status: ShownStatus;
  /** when it began, in milliseconds of the screen's clock */
  readonly startedAt?: number;
  readonly durationMs?: number;
  readonly error?: string;
  readonly note?: string;
}

export interface SentStatement {
  readonly step: number;
  readonly sql: string;
  /** how often it was sent in a row, as the batches of a backfill are */
  readonly times: number;
  /** of the last time */
  readonly durationMs?: number;
}

/** What a run can be asked: to end after its step, after its statement or batch, or at once. */
export type Asked = "step" | "stop" | "cancel";

export interface LockWait {
  readonly step: number;
  readonly attempt: number;
  readonly attempts: number;
  readonly waitedMs: number;
  readonly blockers: readonly Blocker[];
  /** between two tries */
  readonly isResting?: true;
}

/** How far a backfill is; rates and times are absent until they are known. */
export interface BackfillProgress {
  readonly migration: string;
  readonly step: number;
  readonly processed: number;
  readonly total: number | null;
  readonly rowsPerSecond?: number | null;
  readonly etaMs?: number | null;
  readonly batchRows?: number | null;
  readonly batchMs?: number | null;
  /** how far a replica is behind, in milliseconds */
  readonly lagMs?: number | null;
  /** `throttled`, `paused`: a word for what it does, and why, when it is not simply running */
  readonly state?: string;
  readonly reason?: string | null;
}

/** How far an index build is, as pg_stat_progress_create_index tells. */
export interface IndexProgress {
  readonly phase: string;
  readonly counts: "blocks" | "rows" | "transactions";
  readonly done: number;
  readonly total: number;
}

export interface StageView {
  readonly stage: VerifyStage;
  readonly status: "waiting" | "running" | "passed" | "failed";
  readonly startedAt?: number;
  readonly durationMs?: number;
}

export interface RunView {
  readonly phase: "idle" | "running" | "done";
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly asked?: Asked;
  /** a backfill was asked to stand still or to go on, and has not done so yet */
  readonly pausing?: "pause" | "resume";
  readonly steps: readonly StepView[];
  readonly stages: readonly StageView[];
  /** steps that ran on the shadow */
  readonly shadowSteps: number;
  readonly log: readonly SentStatement[];
  readonly lockWait?: LockWait;
  readonly backfill?: BackfillProgress;
  readonly index?: IndexProgress;
  readonly lockHolder?: string;
  readonly finished: readonly string[];
}

/** Before anything runs. */
export const idleRun: RunView = {
  phase: "idle",
  steps: [],
  stages: verifyStages.map((stage) => ({ stage, status: "waiting" })),
  shadowSteps: 0,
  log: [],
  finished: [],
};

/** A run that begins now, with the steps it is about to take. */
export function startedRun(migrations: readonly PlannedMigration[], now: number): RunView {
  return { ...idleRun, phase: "running", startedAt: now, steps: migrations.flatMap(stepsOf) };
}

/** The steps of a planned migration as they stand before a run. */
export function stepsOf({ id, steps, applied }: PlannedMigration): StepView[] {
  return steps.map(({ index, kind, object, level, score }) => ({
    migration: id,
    index,
    kind,
    object,
    level,
    score,
    status: applied.includes(index) ? "applied" : "pending",
  }));
}

/** Anything a run may say: its events, and those of parts that come later. */
export type AnyEvent = RunEvent | { readonly type: string };

const without = <K extends keyof RunView>(run: RunView, ...keys: readonly K[]): RunView => {
  const rest: Partial<RunView> = { ...run };
  for (const key of keys) delete rest[key];
  return rest as RunView;
};

/** The run after an event; `now` is the screen's clock. */
export function reduceRun(run: RunView, given: AnyEvent, now: number): RunView {
  if (given.type === "backfill.progress") return withBackfill(run, given);
  const event = given as RunEvent;
  switch (event.type) {
    case "lock.held":
      return { ...run, lockHolder: event.holder };
    case "run.started":
      // Time spent waiting for an answer does not count as time of the run.
      return { ...without(run, "lockHolder"), startedAt: now };
    case "step.started":
      return patchStep(without(run, "lockWait", "index"), event, { status: "running", startedAt: now });
    case "step.noted":
      return patchStep(resting(run), event, { note: event.message });
    case "statement.sent":
      return { ...run, log: logged(run.log, event.step, event.sql) };
    case "statement.finished": {
      const last = run.log.at(-1);
      if (last === undefined) return run;
      const log = [...run.log.slice(0, -1), { ...last, durationMs: event.durationMs }];
      return { ...without(run, "lockWait", "index"), log };
    }
    case "lock.waited": {
      const { step, attempt, attempts, waitedMs, blockers } = event;
      return { ...run, lockWait: { step, attempt, attempts, waitedMs, blockers } };
    }
    case "step.finished":
      return patchStep(without(run, "lockWait", "index", "backfill", "pausing"), event, {
        status: "applied",
        durationMs: event.durationMs,
      });
    case "step.failed":
      return patchStep(without(run, "lockWait", "index"), event, { status: "failed", error: event.error });
    case "step.refused":
      return patchStep(without(run, "lockWait", "index"), event, {
        status: "refused",
        error: `${event.gate}: ${event.error}`,
      });
    case "step.interrupted":
      return patchStep(without(run, "lockWait", "index"), event, { status: "interrupted" });
    case "migration.finished":
      return { ...run, finished: [...run.finished, event.migration] };
    case "verify.stage":
      return {
        ...run,
        stages: run.stages.map((one) =>
          one.stage !== event.stage
            ? one
            : event.status === "started"
              ? { stage: one.stage, status: "running", startedAt: now }
              : {
                  stage: one.stage,
                  status: event.status === "failed" ? "failed" : "passed",
                  durationMs: event.durationMs,
                },
        ),
      };
    case "shadow.step":
      return { ...run, shadowSteps: run.shadowSteps + 1 };
    case "migration.started":
      return run;
    default:
      return run;
  }
}

/** What is noted between two tries says why the next one comes later: who was in the way stays on the screen. */
function resting(run: RunView): RunView {
  return run.lockWait === undefined ? run : { ...run, lockWait: { ...run.lockWait, isResting: true } };
}

/** The log with one statement more; one that is sent again and again is one entry. */
function logged(log: readonly SentStatement[], step: number, sql: string): SentStatement[] {
  const last = log.at(-1);
  if (last?.step === step && last.sql === sql) return [...log.slice(0, -1), { ...last, times: last.times + 1 }];
  return [...log, { step, sql, times: 1 }].slice(-logLimit);
}

interface Place {
  readonly migration: string;
  readonly step: number;
}

/** The run with one step changed; a step that was not planned, as undoing has, is added. */
function patchStep(run: RunView, event: Place & Partial<StepView>, patch: Partial<StepView>): RunView {
  const at = run.steps.findIndex(({ migration, index }) => migration === event.migration && index === event.step);
  const old = run.steps[at];
  if (old !== undefined) {
    const steps = [...run.steps];
    steps[at] = { ...old, ...patch };
    return { ...run, steps };
  }
  const { migration, step: index, kind = "", object = "", level = "", score = 0 } = event;
  return {
    ...run,
    steps: [...run.steps, { migration, index, kind, object, level, score, status: "pending", ...patch }],
  };
}

function withBackfill(run: RunView, event: { readonly type: string }): RunView {
  const given = event as Partial<BackfillProgress> & { readonly lag?: number | null };
  if (given.migration === undefined || given.step === undefined || given.processed === undefined) return run;
  const { migration, step, processed, total = null, rowsPerSecond, etaMs, batchRows, batchMs, lag, lagMs } = given;
  const { state = "running", reason = null } = given;
  const isObeyed = run.pausing === (state === "paused" ? "pause" : "resume");
  return {
    ...(isObeyed ? without(run, "pausing") : run),
    backfill: {
      migration,
      step,
      processed,
      total,
      rowsPerSecond: rowsPerSecond ?? null,
      etaMs: etaMs ?? null,
      batchRows: batchRows ?? null,
      batchMs: batchMs ?? null,
      lagMs: lagMs ?? lag ?? null,
      state,
      reason,
    },
  };
}
