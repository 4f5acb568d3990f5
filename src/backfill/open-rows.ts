/** Rows that are still to be done: whether there are any, and how many. Reads only. */
import { isToolError } from "../base/errors.ts";
import type { Session } from "../pg/session.ts";
import { qualified } from "../sql/identifier.ts";
import type { PreparedJob } from "./prepare.ts";

/** A count that takes longer is not worth its time. */
const countLimit = "2s";

/** Rows from which on an estimate is as good as a count. */
const largeTable = 200_000;

/** With row_security off, a policy that would hide rows from this role is an error rather than rows that are not seen. */
const readAll = { readOnly: true, settings: { row_security: "off" } } as const;

/** Whether any row is still to be done. Reads the whole table when there is none. */
export async function hasOpenRows(session: Session, { schema, table, open }: PreparedJob): Promise<boolean> {
  const sql = `select exists (select from ${qualified(schema, table)} where ${open ?? "false"})`;
  const [row] = await session.transaction(readAll, (tx) => tx.rows(sql));
  return row?.[0] === "t";
}

/**
 * How many rows are to be done. A table that is large by its last estimate and done as a whole is not counted: reading it
 * once more is a good part of the work. Where only some rows are meant they are counted if that is soon done; null when not.
 */
export async function countRows(session: Session, job: PreparedJob): Promise<number | null> {
  const estimate = await estimatedRows(session, job);
  if (estimate >= largeTable && !job.isPartial) return estimate;
  const sql = `select count(*)::text from ${qualified(job.schema, job.table)} where ${job.open ?? "true"}`;
  try {
    const settings = { ...readAll.settings, statement_timeout: countLimit };
    const [row] = await session.transaction({ ...readAll, settings }, (tx) => tx.rows(sql));
    return Number(row?.[0]);
  } catch (error) {
    if (!isToolError(error, "statement_timeout")) throw error;
    return job.isPartial || estimate < 0 ? null : estimate;
  }
}

/** Rows by the last ANALYZE or VACUUM; -1 when there was none (since 14). */
async function estimatedRows(session: Session, job: PreparedJob): Promise<number> {
  const [row] = await session.rows(
    "select round(c.reltuples)::bigint::text from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass($1)",
    [qualified(job.schema, job.table)],
  );
  return Number(row?.[0] ?? -1);
}
