/** The schedule by which a step tries again when it did not get its lock: short waits, pauses with jitter, an end. */
import { isToolError, type ToolError, toolError } from "../base/errors.ts";
import { isRetryable } from "../pg/session.ts";

/** One try: how long it may wait for a lock, and the pause after it failed. */
export interface LockTry {
  readonly lockTimeoutMs: number;
  readonly pauseMs: number;
}

/**
 * Longer than deadlock_timeout's default of 1 s: a wait of that length makes the server cancel an autovacuum (but for
 * wraparound) that is in the way, a shorter one never does.
 */
export const outlastsAutovacuumMs = 2_000;

/**
 * Shorter than that default: who takes one lock and then waits for another that long is never found in a deadlock with the
 * application, whose transaction might be the one that the server ends.
 */
export const givesWayMs = 800;

/** Pauses after each failed try; the last failure is final: there is never a try without a limit. */
const pausesMs = [300, 700, 1_500, 3_000, 5_000, 8_000, 0];

/** Tries for a lock timeout, the first a shorter one: who waits keeps everybody behind him waiting. */
export function lockSchedule(timeoutMs: number): LockTry[] {
  const short = Math.max(1, Math.round(timeoutMs / 2));
  return pausesMs.map((pauseMs, at) => ({ lockTimeoutMs: at === 0 ? short : timeoutMs, pauseMs }));
}

/** How a person asks for a wait to be given up for now. */
export interface BackOff {
  /** Calls the listener each time it is asked; returns how to stop listening. */
  onAsk(listener: () => void): () => void;
}

/** A try that was given up to let others go first rests this long, and takes none of the tries. */
export const backOffPauseMs = 15_000;

/** Times that a person may ask for that in one step. */
const maxBackOffs = 1_000;

/** What a try fails with that was given up to let others go first. */
export function backedOff(): ToolError {
  return toolError({
    code: "lock_timeout",
    what: "the wait for a lock was given up for now",
    why: "others go first",
    state: "this try changed nothing",
    details: { backedOff: true },
  });
}

export interface RetryHooks {
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly onRetry: (attempt: number, attempts: number, error: string, pauseMs: number) => void;
  /** told that a try was given up on request, and when the next one begins */
  readonly onBackOff: (pauseMs: number) => void;
}

/** Runs a whole transaction again when it failed for a lock, a deadlock or a serialization conflict. */
export async function withLockRetries<T>(
  schedule: readonly LockTry[],
  hooks: RetryHooks,
  body: (attempt: LockTry) => Promise<T>,
): Promise<T> {
  let backOffs = 0;
  for (let at = 0; ; at++) {
    const attempt = schedule[at];
    if (attempt === undefined) throw new Error("internal: a lock schedule has at least one try");
    try {
      return await body(attempt);
    } catch (error) {
      if (isToolError(error) && error.details["backedOff"] === true && ++backOffs <= maxBackOffs) {
        hooks.onBackOff(backOffPauseMs);
        await pause(backOffPauseMs, hooks.signal);
        at--;
        continue;
      }
      const last = at === schedule.length - 1;
      if (last || hooks.signal.aborted || !isToolError(error) || !isRetryable(error)) throw error;
      const pauseMs = Math.round(attempt.pauseMs * (0.5 + hooks.random()));
      hooks.onRetry(at + 1, schedule.length, error.why ?? error.what, pauseMs);
      await pause(pauseMs, hooks.signal);
    }
  }
}

/** Waits, or returns early when the signal is given. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
