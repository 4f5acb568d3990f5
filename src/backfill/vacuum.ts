/**
 * VACUUM between the batches of a backfill, so that the versions of rows it replaces are used again instead of piling up.
 * A table that this role may not vacuum, or that takes too long, is left to autovacuum.
 */
import { isToolError } from "../base/errors.ts";
import type { Session } from "../pg/session.ts";
import { qualified } from "../sql/identifier.ts";

/** Rows to change before the table is gone over: 20 batches of 5 000, but no less than this share of a larger table. */
const leastRows = 100_000;
const leastShare = 0.1;

/** Longest VACUUM; one that takes longer is cancelled, and none is tried again in this run. */
const longestVacuum = "60s";

export interface BackfillVacuum {
  /** told of every batch, outside a transaction of the session that did it */
  after(session: Session, changed: number): Promise<void>;
}

/** A vacuum for the batches of this process on a table of about `total` rows; null where that is not known. */
export function createVacuum(
  table: { readonly schema: string; readonly table: string },
  total: number | null,
  note: (message: string) => void,
): BackfillVacuum {
  const name = qualified(table.schema, table.table);
  const limit = Math.max(leastRows, (total ?? 0) * leastShare);
  let changedSince = 0;
  let isOff = false;
  return {
    async after(session, changed) {
      changedSince += changed;
      if (isOff || changedSince < limit) return;
      changedSince = 0;
      try {
        if (await mayVacuum(session, name)) return await vacuum(session, name);
        note(`${name} is not vacuumed between batches: that takes its owner`);
      } catch (error) {
        if (!isToolError(error) || !session.alive) throw error;
        if (error.code === "interrupted") return;
        note(`${name} is not vacuumed between batches any more: ${error.why ?? error.what}`);
      }
      isOff = true;
    },
  };
}

async function mayVacuum(session: Session, name: string): Promise<boolean> {
  const [row] = await session.rows(
    "select pg_catalog.pg_has_role(c.relowner, 'USAGE') from pg_catalog.pg_class c where c.oid = $1::pg_catalog.regclass",
    [name],
  );
  return row?.[0] === "t";
}

/** Gives way to whoever holds the table, and never takes it for itself to cut its end off (both options since 12). */
async function vacuum(session: Session, name: string): Promise<void> {
  const [row] = await session.rows("select pg_catalog.current_setting('statement_timeout')");
  await limitTo(session, longestVacuum);
  try {
    await session.rows(`vacuum (skip_locked, truncate false) ${name}`);
  } finally {
    if (session.alive) await limitTo(session, row?.[0] ?? "0");
  }
}

async function limitTo(session: Session, timeout: string): Promise<void> {
  await session.rows("select pg_catalog.set_config('statement_timeout', $1, false)", [timeout]);
}
