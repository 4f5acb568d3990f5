/** Live figures of tables for the risk model: rows, bytes and write rate, in one set-based query. */
import { isToolError } from "../base/errors.ts";
import { type ObjectId, tableId } from "../model/kinds.ts";
import type { TableFacts } from "../risk/facts.ts";
import type { Session, TextRow } from "./session.ts";

/** Bytes as the files have them now. The function opens the table, so it waits while somebody holds it exclusively. */
const measured = "pg_catalog.pg_total_relation_size(c.oid)";

/** Bytes by the last VACUUM or ANALYZE, from the catalog alone; null where there was none. */
const estimated = `(
  select nullif(sum(p.relpages), 0) * pg_catalog.current_setting('block_size')::bigint
  from pg_catalog.pg_class p
  where p.oid in (c.oid, c.reltoastrelid)
    or p.oid in (select i.indexrelid from pg_catalog.pg_index i where i.indrelid in (c.oid, c.reltoastrelid))
)`;

/** How long the files of a table are waited for before the estimates have to do. */
const measureLimit = "500ms";

/**
 * Figures of every ordinary table; never waits for a table that somebody holds. reltuples is -1 for a table that was never
 * vacuumed or analysed (since 14); its rows are then unknown. Rates are since the statistics were last reset, so they are
 * averages.
 */
export async function readTableFacts(session: Session): Promise<(id: ObjectId) => TableFacts | undefined> {
  const facts = new Map<ObjectId, TableFacts>();
  for (const [schema, name, analysed, bytes, writes, live] of await readRows(session)) {
    const rowCount = analysed ?? (live === "0" ? undefined : live);
    facts.set(tableId(schema ?? "", name ?? ""), {
      ...(rowCount !== undefined && rowCount !== null ? { rows: Number(rowCount) } : {}),
      ...(bytes !== null && bytes !== undefined ? { bytes: Number(bytes) } : {}),
      ...(writes !== null && writes !== undefined ? { writesPerSecond: Number(writes) } : {}),
    });
  }
  return (id) => facts.get(id);
}

async function readRows(session: Session): Promise<readonly TextRow[]> {
  const read = (bytes: string): Promise<readonly TextRow[]> =>
    session.transaction({ readOnly: true, settings: { lock_timeout: measureLimit } }, (tx) => tx.rows(query(bytes)));
  try {
    return await read(measured);
  } catch (error) {
    if (!isToolError(error, "lock_timeout")) throw error;
    return read(estimated);
  }
}

function query(bytes: string): string {
  return `select n.nspname::text, c.relname::text,
       case when c.reltuples >= 0 then round(c.reltuples)::bigint::text end,
       ${bytes}::text,
       round(((s.n_tup_ins + s.n_tup_upd + s.n_tup_del)
         / greatest(extract(epoch from now() - coalesce(d.stats_reset, pg_catalog.pg_postmaster_start_time())), 1))::numeric, 2)::text,
       s.n_live_tup::text
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     left join pg_catalog.pg_stat_all_tables s on s.relid = c.oid
     left join pg_catalog.pg_stat_database d on d.datname = pg_catalog.current_database()
     where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     order by n.nspname, c.relname`;
}
