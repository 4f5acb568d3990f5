/** How hard a backfill may work: what a person can set, and what it is otherwise. */

export interface BackfillSettings {
  /** sessions of this process that work on ranges at once */
  readonly workers: number;
  /** time a batch should take, in milliseconds */
  readonly targetMs: number;
  /** keys a second, all workers of this process together; unlimited without it */
  readonly maxRate?: number;
  /** lag of the slowest standby above which nothing is written, in milliseconds */
  readonly maxLagMs: number;
  /** keys of the largest batch */
  readonly maxBatch: number;
}

export const defaultBackfillSettings: BackfillSettings = {
  workers: 1,
  targetMs: 250,
  maxLagMs: 3_000,
  maxBatch: 50_000,
};

/** Most sessions of one process. */
export const maxWorkers = 16;
