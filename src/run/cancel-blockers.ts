/** Ends what is in the way of a step, where a person has asked for that beforehand: never by default. */
import { isToolError } from "../base/errors.ts";
import type { Session } from "../pg/session.ts";
import type { Blocker } from "./events.ts";

/** An answer that takes longer never comes: the monitor's connection is dead. */
const cancelLimitMs = 10_000;

/**
 * Cancels the statement of each blocker, or ends its session where a transaction is open and idle, which has no statement.
 * Left alone are processes without a user (autovacuum gives way by itself), and those that wait for a lock themselves:
 * they are in the queue, not in the way. Returns a sentence for each that was dealt with.
 * The server wants the same role, or pg_signal_backend (14 to 18).
 */
export async function cancelBlockers(monitor: Session, blockers: readonly Blocker[]): Promise<string[]> {
  const pids = blockers.filter(({ user }) => user !== null).map(({ pid }) => String(pid));
  if (pids.length === 0) return [];
  try {
    const rows = await monitor.rows(
      `select a.pid::text, a.usename::text, a.application_name, a.state like 'idle in transaction%',
         case when a.state like 'idle in transaction%' then pg_catalog.pg_terminate_backend(a.pid)
           else pg_catalog.pg_cancel_backend(a.pid) end
       from pg_catalog.pg_stat_activity a
       where a.pid = any($1::integer[]) and a.wait_event_type is distinct from 'Lock' order by a.pid`,
      [pids],
      { deadlineMs: cancelLimitMs },
    );
    return rows.map(([pid, user, application, idle, done]) => {
      const who = `pid ${pid} (${user ?? "unknown user"}, ${application || "unnamed"})`;
      if (done !== "t") return `${who} was in the way and is gone`;
      return idle === "t" ? `ended ${who}: its open transaction was in the way` : `cancelled ${who}: it was in the way`;
    });
  } catch (error) {
    if (!isToolError(error)) throw error;
    return [`what is in the way cannot be cancelled: ${error.why ?? error.what}`];
  }
}
