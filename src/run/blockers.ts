/** Who blocks a session, asked on another connection while it waits. Reads only; never cancels anybody. */

import type { Session } from "../pg/session.ts";
import { withoutSecrets } from "../sql/secrets.ts";
import type { Blocker } from "./events.ts";

/** An answer that takes longer never comes: the monitor's connection is dead. */
const lookLimitMs = 10_000;

/** First lines of other sessions' queries are cut to this many characters. */
const queryLength = 200;

/** The sessions a backend waits for right now; empty when it does not wait. Needs pg_monitor to see others' queries. */
export async function blockersOf(monitor: Session, pid: number, limitMs = lookLimitMs): Promise<Blocker[]> {
  const rows = await monitor.rows(
    `select a.pid::text, a.usename::text, a.application_name, a.state,
       to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       nullif(left(split_part(ltrim(a.query), E'\\n', 1), ${queryLength}), '')
     from pg_catalog.pg_stat_activity a
     where a.pid = any(pg_catalog.pg_blocking_pids($1::integer)) order by a.xact_start nulls last, a.pid`,
    [String(pid)],
    { deadlineMs: limitMs },
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

/** How long the server may have nothing to do for a session whose answer has not arrived, before it never will. */
export const answerLimitMs = 30_000;

/** Who is to be told that an answer will not come: the network lost it, or answers on no connection. */
export interface AnswerWatch {
  readonly limitMs: number;
  readonly onLost: (why: string) => void;
}

/**
 * Runs a statement while looking now and then who blocks it, and reports that. A monitor that fails stops looking and
 * disturbs nothing; one that gets no answer at all for as long as the limit says that nobody will get one.
 */
export async function whileWatching<T>(
  monitor: Session,
  pid: number,
  report: (blockers: readonly Blocker[], waitedMs: number) => void,
  body: () => Promise<T>,
  answers?: AnswerWatch,
): Promise<T> {
  const started = performance.now();
  let running = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking: Promise<void> = Promise.resolve();
  let goneSince: number | undefined;
  const lookOnce = async (): Promise<void> => {
    const began = performance.now();
    try {
      const blockers = await blockersOf(monitor, pid, answers?.limitMs);
      if (blockers.length > 0 && running) report(blockers, Math.round(performance.now() - started));
      if (answers === undefined || !running) return;
      const idleMs = await idleTime(monitor, pid);
      goneSince = idleMs === undefined ? (goneSince ?? performance.now()) : undefined;
      const unansweredMs = idleMs ?? performance.now() - (goneSince ?? performance.now());
      if (running && unansweredMs >= answers.limitMs) {
        answers.onLost("the server has ended the statement, and its answer did not arrive");
        // Its locks, that of the run among them, would stay until the server notices by itself.
        await monitor.rows("select pg_catalog.pg_terminate_backend($1::integer)", [String(pid)], {
          deadlineMs: lookLimitMs,
        });
      }
    } catch (error) {
      const waited = performance.now() - began;
      if (answers !== undefined && running && waited >= answers.limitMs)
        answers.onLost(`the server answers on no connection for ${Math.round(waited / 1000)} s`);
      throw error;
    }
  };
  const look = (afterMs: number): void => {
    timer = setTimeout(() => {
      looking = lookOnce()
        .then(() => {
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

/** How long a backend has had nothing to do, by the server's clock; 0 while it works, undefined when it is gone. */
async function idleTime(monitor: Session, pid: number): Promise<number | undefined> {
  const [row] = await monitor.rows(
    `select case when a.state like 'idle%'
       then (extract(epoch from pg_catalog.clock_timestamp() - a.state_change) * 1000)::bigint else 0 end::text
     from pg_catalog.pg_stat_activity a where a.pid = $1::integer`,
    [String(pid)],
    { deadlineMs: lookLimitMs },
  );
  return row === undefined ? undefined : Number(row[0]);
}
