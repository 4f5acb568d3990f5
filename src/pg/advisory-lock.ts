/**
 * The lock that lets one runner work at a time: a session-level advisory lock on the session that also runs the DDL,
 * so that it lasts exactly as long as a statement of a dead client still runs. Polled, never waited for in the server:
 * a blocked waiter holds a snapshot, and CREATE INDEX CONCURRENTLY would wait for that.
 */

import { toolError } from "../base/errors.ts";
import { hashText, shortHash } from "../base/hash.ts";
import type { Session } from "./session.ts";

/** First number of the two-number lock: "zani" in ASCII. It marks our locks in pg_locks (objsubid 2). */
export const lockClass = 0x7a616e69;

const defaultPollMs = 250;

/** Who holds the lock, as far as the role may see it: without pg_monitor only pid and application name. */
export interface LockHolder {
  readonly pid: number;
  /** Client address, or null for a Unix socket or when it may not be seen. */
  readonly host: string | null;
  readonly user: string | null;
  readonly applicationName: string | null;
  /** When the holder's session began, the server's text in UTC. */
  readonly since: string | null;
}

export interface LockOptions {
  /** The ledger's schema: runners of different ledgers do not exclude each other. */
  readonly schema: string;
  /** How long to try; 0 tries once. */
  readonly waitMs: number;
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
  /** Told who holds the lock whenever that is found to be someone (else). */
  readonly onWaiting?: (holder: LockHolder | undefined) => void;
}

export interface HeldLock {
  /** Gives the lock back. @throws ToolError pooler_unsupported when the server says it was not held */
  release(): Promise<void>;
}

/** Second number of the lock: 32 bits of the schema name's hash, signed as Postgres's integer. */
export function lockKey(schema: string): number {
  return Number.parseInt(shortHash(hashText(schema), 8), 16) | 0;
}

/**
 * Takes the lock on this session, trying until `waitMs` has passed.
 * @throws ToolError locked with the holder in its details, interrupted when the signal fires, connection_lost
 */
export async function acquireLock(session: Session, options: LockOptions): Promise<HeldLock> {
  const key = lockKey(options.schema);
  const pollMs = options.pollMs ?? defaultPollMs;
  const endAt = performance.now() + options.waitMs;
  let told: number | undefined;
  for (;;) {
    if (options.signal?.aborted) throw waitingEnded(options.schema);
    const [row] = await session.rows("select pg_catalog.pg_try_advisory_lock($1::integer, $2::integer)", [
      lockClass,
      key,
    ]);
    if (row?.[0] === "t") return { release: () => releaseLock(session, key) };
    const holder = await lockHolder(session, options.schema);
    if (performance.now() >= endAt) throw lockedBy(holder, options.schema);
    if (told !== (holder?.pid ?? 0)) {
      told = holder?.pid ?? 0;
      options.onWaiting?.(holder);
    }
    const leftMs = Math.max(1, endAt - performance.now());
    await pause(Math.min(leftMs, pollMs * (0.75 + Math.random() / 2)), options.signal);
  }
}

/** Who holds the lock of a ledger schema in this database now, if anyone. */
export async function lockHolder(session: Session, schema: string): Promise<LockHolder | undefined> {
  const [row] = await session.rows(
    `select l.pid, a.client_addr, a.usename, a.application_name, a.backend_start
from pg_catalog.pg_locks as l
left join pg_catalog.pg_stat_activity as a on a.pid = l.pid
where l.locktype = 'advisory' and l.granted and l.objsubid = 2
  and l.database = (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database())
  and l.classid = $1::pg_catalog.oid and l.objid = $2::pg_catalog.oid
order by l.pid
limit 1`,
    [lockClass, lockKey(schema) >>> 0],
  );
  if (!row) return undefined;
  const [pid, host = null, user = null, applicationName = null, since = null] = row;
  return { pid: Number(pid), host, user, applicationName, since };
}

async function releaseLock(session: Session, key: number): Promise<void> {
  // The lock of a session that is gone is gone with it.
  if (!session.alive) return;
  const [row] = await session.rows("select pg_catalog.pg_advisory_unlock($1::integer, $2::integer)", [lockClass, key]);
  if (row?.[0] === "t") return;
  throw toolError({
    code: "pooler_unsupported",
    what: "the runner's lock could not be given back",
    why: "the server says this session does not hold it: a connection pooler has moved the session to another backend",
    state: "a lock may be left behind on a pooled connection until that connection is closed",
    next: "connect to Postgres directly, not through a pooler in transaction mode",
  });
}

function lockedBy(holder: LockHolder | undefined, schema: string) {
  const who = holder
    ? `process ${holder.pid}, ${holder.user ?? "unknown user"} at ${holder.host ?? "local socket or unknown host"}, ` +
      `${holder.applicationName || "unnamed"}, connected since ${holder.since ?? "unknown"}`
    : "its holder was gone when asked for";
  return toolError({
    code: "locked",
    what: `another runner holds the lock of the ledger in schema ${schema}`,
    why: who,
    state: "nothing was changed",
    next: "wait until it has finished, then run the same command again",
    details: {
      pid: holder?.pid,
      host: holder?.host,
      user: holder?.user,
      applicationName: holder?.applicationName,
      since: holder?.since,
    },
  });
}

function waitingEnded(schema: string) {
  return toolError({
    code: "interrupted",
    what: `waiting for the lock of the ledger in schema ${schema} was interrupted`,
    state: "nothing was changed",
    next: "run the same command again",
  });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
