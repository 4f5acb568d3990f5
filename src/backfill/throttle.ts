/** Why a backfill should go slower: standbys that lag, sessions that wait for its locks. Looks only, on a session of its own. */
import { isToolError } from "../base/errors.ts";
import type { Session } from "../pg/session.ts";

/** How often to look, at most, in milliseconds. */
const lookEveryMs = 1_000;

/** An answer that takes longer never comes. */
const lookLimitMs = 10_000;

/** What was seen last. */
export interface Signals {
  /** of the slowest standby, in milliseconds; null when there is none */
  readonly lagMs: number | null;
  /** standbys whose lag this role may not see */
  readonly unseen: boolean;
  /** sessions that wait for a lock one of ours holds */
  readonly waiting: number;
}

export const noSignals: Signals = { lagMs: null, unseen: false, waiting: 0 };

/**
 * replay_lag is null while a standby is idle and caught up, and it is null for a role without pg_monitor; the place it has
 * replayed to tells these apart. A standby that stands still has no growing replay_lag of its own before 10 s or so, but its
 * distance grows: bytes are taken for time at 16 MB a second.
 */
const query = `
select (select count(*)::text from pg_catalog.pg_stat_replication),
  (select count(*)::text from pg_catalog.pg_stat_replication r where r.replay_lsn is null),
  (select round(greatest(max(extract(epoch from r.replay_lag)) * 1000,
      max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.replay_lsn)) / 16777.216))::bigint::text
    from pg_catalog.pg_stat_replication r),
  (select count(*)::text from pg_catalog.pg_stat_activity a
    where case when a.wait_event_type = 'Lock' then pg_catalog.pg_blocking_pids(a.pid) && $1::integer[] else false end)`;

/** Looks now and then; `last` is what was seen most recently. */
export interface Throttle {
  /** looks again, if the last look is old enough, without anybody waiting for the answer */
  look(): void;
  /** looks now */
  lookNow(): Promise<Signals>;
  readonly last: Signals;
  /** resolves when no look is under way */
  ended(): Promise<void>;
}

/** A throttle for the sessions of those pids. A monitor that fails tells nothing more and disturbs nothing. */
export function createThrottle(monitor: Session, pids: readonly number[]): Throttle {
  let last = noSignals;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<unknown> = Promise.resolve();
  let busy = false;
  const lookNow = async (): Promise<Signals> => {
    lookedAt = performance.now();
    busy = true;
    try {
      const [row] = await monitor.rows(query, [pids.map(String)], { deadlineMs: lookLimitMs });
      const [standbys, hidden, lag, waiting] = row ?? [];
      const lagMs = standbys === "0" || lag === null || lag === undefined ? null : Number(lag);
      last = { lagMs, unseen: Number(hidden) > 0, waiting: Number(waiting) };
    } catch (error) {
      if (!isToolError(error)) throw error;
    } finally {
      busy = false;
    }
    return last;
  };
  return {
    look() {
      if (!busy && performance.now() - lookedAt >= lookEveryMs) looking = lookNow().catch(() => undefined);
    },
    lookNow,
    get last() {
      return last;
    },
    async ended() {
      await looking;
    },
  };
}
