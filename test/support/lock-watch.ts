/** Compares the relation locks a transaction holds with those its statements declare. */
import type { Session } from "../../src/pg/session.ts";
import { qualified } from "../../src/sql/identifier.ts";
import { isStronger, type LockLevel, type Statement } from "../../src/sql/statement.ts";

/** Names by which a lock on a relation may be declared: its own and that of the table it belongs to. */
export type Relations = ReadonlyMap<string, readonly string[]>;

/** Tables, indexes and sequences that exist, by oid. What a transaction makes itself is not among them. */
export async function relationsBefore(session: Session): Promise<Relations> {
  const rows = await session.rows(`
with recursive above as (
  select inhrelid, inhparent from pg_catalog.pg_inherits
  union
  select a.inhrelid, i.inhparent from above a join pg_catalog.pg_inherits i on i.inhrelid = a.inhparent
)
select c.oid, n.nspname, c.relname, tn.nspname, t.relname, array(
  select distinct pg_catalog.format('%I.%I', pn.nspname, p.relname)
  from above a
  join pg_catalog.pg_class p on p.oid = a.inhparent
  join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
  where a.inhrelid in (c.oid, t.oid) order by 1
)::text
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_index i on i.indexrelid = c.oid
left join pg_catalog.pg_depend d on c.relkind = 'S' and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  and d.objid = c.oid and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0
left join pg_catalog.pg_class t on t.oid = coalesce(i.indrelid, d.refobjid)
left join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
where c.oid >= 16384 and c.relkind in ('r', 'p', 'i', 'I', 'S', 'v', 'm', 'f') and n.nspname !~ '^pg_'
order by c.oid`);
  return new Map(
    rows.map(([oid, schema, name, tableSchema, table, parents]) => [
      String(oid),
      [
        qualified(String(schema), String(name)),
        ...(table == null ? [] : [qualified(String(tableSchema), table)]),
        // ALTER TABLE of a parent locks what follows it in the same mode.
        ...namesOf(String(parents)),
      ],
    ]),
  );
}

/** The elements of a text[] of qualified names. */
function namesOf(list: string): string[] {
  return [...list.matchAll(/"((?:[^"\\]|\\.)*)"|([^{},]+)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? String(bare) : quoted.replaceAll(/\\(.)/g, "$1"),
  );
}

const modeNames: Readonly<Record<string, LockLevel>> = {
  AccessShareLock: "access share",
  RowShareLock: "row share",
  RowExclusiveLock: "row exclusive",
  ShareUpdateExclusiveLock: "share update exclusive",
  ShareLock: "share",
  ShareRowExclusiveLock: "share row exclusive",
  ExclusiveLock: "exclusive",
  AccessExclusiveLock: "access exclusive",
};

/**
 * Locks this transaction holds beyond what its statements so far declare, one line each. ACCESS SHARE is what any reader
 * takes and need not be declared.
 */
export async function excessLocks(
  transaction: Session,
  relations: Relations,
  statements: readonly Statement[],
): Promise<string[]> {
  const rows = await transaction.rows(`
select l.relation, l.mode from pg_catalog.pg_locks l
where l.pid = pg_catalog.pg_backend_pid() and l.locktype = 'relation' and l.granted
order by l.relation, l.mode`);
  const excess: string[] = [];
  for (const [oid, modeName] of rows) {
    const names = relations.get(String(oid));
    const mode = modeNames[String(modeName)];
    if (names === undefined || mode === undefined || mode === "access share") continue;
    const declared = statements.filter(({ on }) => on.length === 0 || on.some((name) => names.includes(name)));
    if (!declared.some(({ lock }) => !isStronger(mode, lock))) excess.push(`${mode} on ${names.join(" of ")}`);
  }
  return excess;
}
