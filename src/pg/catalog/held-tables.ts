/**
 * Tables that somebody holds exclusively while the catalog is read: the functions that print definitions open them
 * (ruleutils.c, 14 to 18), and wait. Says who; cancels nobody.
 */
import { isToolError, type ToolError, withContext } from "../../base/errors.ts";
import type { CatalogReader } from "./family.ts";

/**
 * How long one attempt at reading waits for such a table, and how many there are: a minute together. Whoever waits to read
 * keeps nobody else waiting, but holds a snapshot, so that an index cannot be finished meanwhile.
 */
export const heldTableWait = "5s";
export const heldTableAttempts = 12;

const query = `
select c.oid::pg_catalog.regclass::text, a.pid::text, a.usename::text, a.application_name,
  to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"')
from pg_catalog.pg_locks l
join pg_catalog.pg_class c on c.oid = l.relation
join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.locktype = 'relation' and l.granted and l.mode = 'AccessExclusiveLock' and c.relkind in ('r', 'p', 'v', 'm')
  and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by a.xact_start, c.oid limit 5`;

/** Whether an error says that a table was not to be opened in time. */
export function isTableHeld(error: unknown): error is ToolError {
  return isToolError(error, "lock_timeout");
}

/** The error of reading that never got to open a table, with who holds which. */
export async function tableHeld(reader: CatalogReader, error: ToolError): Promise<ToolError> {
  const rows = await reader.rows(query).catch(() => []);
  const holders = rows.map(
    ([table, pid, user, application, since]) =>
      `${table} by process ${pid} (${user ?? "unknown user"}, ${application || "unnamed"}, transaction since ${since ?? "unknown"})`,
  );
  return withContext(error, {
    what: "the schema could not be read: a table is held exclusively",
    why: holders.length === 0 ? (error.why ?? error.what) : `held exclusively: ${holders.join("; ")}`,
    next: "run the command again when that transaction has ended",
  });
}
