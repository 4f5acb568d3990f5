/** Who blocks a session, asked on another connection while it waits. Reads only; never cancels anybody. */

import type { Session } from "../pg/session.ts";
import { withoutSecrets } from "../sql/secrets.ts";
import type { Blocker } from "./events.ts";

/** An answer that takes longer never comes: the monitor's connection is dead. */
const lookLimitMs = 10_000;

/** First lines of other sessions' queries are cut to this many characters. */
const queryLength = 200;

/** The sessions a backend waits for right now; empty when it does not wait. Needs pg_monitor to see others' queries. */
export async function blockersOf(monitor: Session, pid: number): Promise<Blocker[]> {
  const rows = await monitor.rows(
    `select a.pid::text, a.usename::text, a.application_name, a.state,
       to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       nullif(left(split_part(ltrim(a.query), E'\\n', 1), ${queryLength}), '')
     from pg_catalog.pg_stat_activity a
     where a.pid = any(pg_catalog.pg_blocking_pids($1::integer)) order by a.xact_start nulls last, a.pid`,
    [String(pid)],
    { deadlineMs: lookLimitMs },
  );
  return rows.map(([blocker, user, application, state, since, query]) => ({
    pid: Number(blocker),
    user: user ?? null,
    application: application === "" ? null : (application ?? null),
    state: state ?? null,
    since: since ?? null,
    query: query === null || query === undefined ? null : withoutSecrets(query),
  }));
}

/** When a statement is first looked at, and how often from then on, in milliseconds. */
const firstLookMs = 100;
const lookEveryMs = 250;

/**
 * Runs a statement while looking now and then who blocks it, and reports that. A monitor that fails stops looking and
 * disturbs nothing.
 */
export async function whileWatching<T>(
  monitor: Session,
  pid: number,
  report: (blockers: readonly Blocker[], waitedMs: number) => void,
  body: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  let running = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking: Promise<void> = Promise.resolve();
  const look = (afterMs: number): void => {
    timer = setTimeout(() => {
      looking = blockersOf(monitor, pid)
        .then((blockers) => {
          if (blockers.length > 0 && running) report(blockers, Math.round(performance.now() - started));
          if (running) look(lookEveryMs);
        })
        .catch(() => {});
    }, afterMs);
  };
  look(firstLookMs);
  try {
    return await body();
  } finally {
    running = false;
    clearTimeout(timer);
    await looking;
  }
}
