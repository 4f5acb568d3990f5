/** How many keys the next batch has: steered to a target time, halved at once when something is in the way. Pure. */

/** Limits of a batch that goes well; failures may make one smaller. */
export const batchLimits = { smallest: 100, largest: 50_000, first: 1_000 } as const;

/** The part of a table that a batch may hold at once, so that who writes any one row rarely meets it; not less than some keys. */
const share = { of: 200, least: 2_000 } as const;

/** The largest batch of a table with so many rows to do, null when that is not known. */
export function largestBatch(wanted: number, total: number | null): number {
  return total === null ? wanted : Math.min(wanted, Math.max(share.least, Math.ceil(total / share.of)));
}

/** How much one batch may be smaller or larger than the one before. */
const step = { down: 0.5, up: 1.5 } as const;

/** Weight of the newest batch in the average. */
const weight = 0.4;

/** A size grows only after this many batches without a failure. */
const goodBeforeGrowth = 2;

export interface Pace {
  /** keys of the next batch */
  readonly size: number;
  /** milliseconds a key took on average; undefined before the first batch */
  readonly perKeyMs: number | undefined;
  /** batches since something was in the way */
  readonly good: number;
}

/** The pace to begin with. */
export function firstPace(largest: number = batchLimits.largest): Pace {
  return { size: Math.min(batchLimits.first, largest), perKeyMs: undefined, good: goodBeforeGrowth };
}

/** After a batch of so many keys that took so long. */
export function paceAfter(
  pace: Pace,
  batch: { readonly keys: number; readonly durationMs: number },
  targetMs: number,
  largest: number = batchLimits.largest,
): Pace {
  const perKey = Math.max(batch.durationMs, 0.01) / Math.max(1, batch.keys);
  const perKeyMs = pace.perKeyMs === undefined ? perKey : weight * perKey + (1 - weight) * pace.perKeyMs;
  const good = pace.good + 1;
  const wanted = targetMs / perKeyMs;
  const highest = good > goodBeforeGrowth ? pace.size * step.up : pace.size;
  const bounded = Math.min(Math.max(wanted, pace.size * step.down), Math.max(highest, batchLimits.smallest));
  const size = Math.round(Math.min(Math.max(bounded, batchLimits.smallest), batchLimits.largest, largest));
  return { size: Math.max(1, size), perKeyMs, good };
}

/** After a lock timeout, a deadlock, a statement timeout, or when others wait for us. */
export function paceHalved(pace: Pace, smallest = 1): Pace {
  return { size: Math.max(smallest, Math.floor(pace.size / 2)), perKeyMs: pace.perKeyMs, good: 0 };
}

/** How long to rest after a batch so that no more than `maxRate` keys a second are done; 0 without a limit. */
export function restForRate(keys: number, durationMs: number, maxRate: number | undefined): number {
  if (maxRate === undefined) return 0;
  return Math.max(0, Math.round((keys * 1000) / maxRate - durationMs));
}
