/** Everything a run says while it goes on: typed, plain JSON, past tense. `--json` prints these; screens reduce them. */

export interface Blocker {
  readonly pid: number;
  readonly user: string | null;
  readonly application: string | null;
  readonly state: string | null;
  /** when its transaction began, ISO 8601 */
  readonly since: string | null;
  /** first line of what it runs or ran last; null where the role may not see it */
  readonly query: string | null;
}

interface StepPlace {
  readonly migration: string;
  readonly step: number;
}

export type RunEvent =
  | { readonly type: "run.started"; readonly database: string; readonly migrations: readonly string[] }
  | { readonly type: "lock.held"; readonly holder: string }
  | { readonly type: "migration.started"; readonly migration: string; readonly steps: number; readonly from: number }
  | (StepPlace & {
      readonly type: "step.started";
      readonly kind: string;
      readonly object: string;
      readonly level: string;
      readonly score: number;
    })
  | (StepPlace & { readonly type: "step.noted"; readonly message: string })
  | (StepPlace & { readonly type: "statement.sent"; readonly sql: string })
  | (StepPlace & { readonly type: "statement.finished"; readonly durationMs: number })
  | (StepPlace & {
      readonly type: "lock.waited";
      readonly attempt: number;
      readonly attempts: number;
      readonly waitedMs: number;
      readonly blockers: readonly Blocker[];
    })
  | (StepPlace & {
      readonly type: "step.finished";
      readonly kind: string;
      readonly object: string;
      readonly level: string;
      readonly score: number;
      readonly durationMs: number;
    })
  | (StepPlace & {
      readonly type: "step.failed";
      readonly kind: string;
      readonly object: string;
      readonly level: string;
      readonly score: number;
      readonly error: string;
      readonly sqlstate: string | null;
    })
  | (StepPlace & {
      readonly type: "step.refused";
      readonly kind: string;
      readonly object: string;
      readonly level: string;
      readonly score: number;
      readonly gate: string;
      readonly error: string;
    })
  | (StepPlace & {
      readonly type: "backfill.progress";
      /** rows changed so far, all workers together */
      readonly processed: number;
      /** rows to change as estimated at the start; null when that is not known, or turned out to be too few */
      readonly total: number | null;
      /** over the last seconds, pauses included; null before there is a figure */
      readonly rowsPerSecond: number | null;
      readonly etaMs: number | null;
      /** keys of the last batch and how long it took */
      readonly batchRows: number;
      readonly batchMs: number;
      /** replication lag of the slowest standby in milliseconds; null without one */
      readonly lag: number | null;
      readonly state: BackfillState;
      /** why it goes slower than it could, or stands still */
      readonly reason: string | null;
    })
  | (StepPlace & { readonly type: "step.interrupted"; readonly kind: string; readonly object: string })
  | {
      readonly type: "migration.finished";
      readonly migration: string;
      readonly durationMs: number;
      readonly models: number;
      readonly relations: number;
    }
  | {
      readonly type: "verify.stage";
      readonly stage: VerifyStage;
      readonly status: "started" | "finished" | "failed";
      readonly durationMs: number;
    }
  | {
      readonly type: "shadow.step";
      readonly step: number;
      readonly kind: string;
      readonly object: string;
      readonly durationMs: number;
    };

/** What a backfill does right now. */
export type BackfillState = "running" | "throttled" | "paused" | "sweeping" | "done";

export const verifyStages = ["connect + reset", "apply on shadow", "introspect", "diff vs declared"] as const;
export type VerifyStage = (typeof verifyStages)[number];

export type Emit = (event: RunEvent) => void;

/** An emitter that a slow or throwing listener cannot disturb. */
export function isolated(listener: ((event: RunEvent) => unknown) | undefined): Emit {
  if (listener === undefined) return () => {};
  return (event) => {
    try {
      const result = listener(event);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // A listener's failure is its own: it can never change what is applied.
    }
  };
}
