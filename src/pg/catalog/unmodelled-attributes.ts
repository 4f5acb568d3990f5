/**
 * Lists attributes of modelled objects that the graph does not model: storage, grants, ownership and the like. One entry
 * an object and attribute, never one a grant.
 */
import { nameOfId } from "../../model/kinds.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, columnIdAt } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, optional, value } from "./family.ts";
import { serverMadeName } from "./generated-name.ts";

/** Oid of the table access method heap, fixed in the server's sources. */
const heapOid = 2;
/** Oids of the first superuser and of pg_database_owner: who owns the schema public before 15 and since. */
const publicOwners = "10, 6171";

/** Rows of all queries here: kind, class, oid, column number, name of an index of the table with that oid. */
export const relationAttributes: CatalogFamily = {
  name: "attributes of tables and indexes",
  query: () => `
select s.kind, ${catalogOid.relation} as class, c.oid, 0 as part, null as name
from pg_catalog.pg_class c
left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
cross join lateral (values
  ('storage parameters of table', c.reloptions is not null or t.reloptions is not null),
  ('tablespace of table', c.reltablespace <> 0),
  ('replica identity of table', c.relreplident <> 'd'),
  ('access method of table', c.relam <> ${heapOid})
) as s(kind, present)
where c.oid >= ${firstUserOid} and c.relkind = 'r' and s.present
union all
select s.kind, ${catalogOid.relation}, i.indrelid, 0, c.relname
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u')
left join pg_catalog.pg_description d on d.classoid = ${catalogOid.relation} and d.objoid = i.indexrelid
  and d.objsubid = 0
cross join lateral (values
  ('storage parameters of index', k.oid is not null and c.reloptions is not null),
  ('comment on index of a constraint', k.oid is not null and d.objoid is not null),
  ('tablespace of index', c.reltablespace <> 0),
  ('clustering on index', i.indisclustered)
) as s(kind, present)
where i.indexrelid >= ${firstUserOid} and s.present
order by 1, 2, 3, 4, 5`,
  read: readAttributes,
};

export const columnAttributes: CatalogFamily = {
  name: "attributes of columns",
  query: (versionNum) => `
select s.kind, ${catalogOid.relation} as class, a.attrelid, a.attnum as part, null as name
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind = 'r'
join pg_catalog.pg_type t on t.oid = a.atttypid
cross join lateral (values
  ('storage of column', a.attstorage <> t.typstorage),
  ('compression of column', a.attcompression <> ''),
  ('statistics target of column', a.attstattarget >= 0),
  ('options of column', a.attoptions is not null),
  ('grants on column', pg_catalog.cardinality(a.attacl) > 0)
) as s(kind, present)
where a.attrelid >= ${firstUserOid} and a.attnum > 0 and not a.attisdropped
  and (a.attstorage <> t.typstorage or a.attcompression <> '' or a.attstattarget >= 0 or a.attoptions is not null
    or a.attacl is not null)
  and s.present${versionNum >= 180000 ? notNullConstraints : ""}
order by 1, 2, 3, 4, 5`,
  read: readAttributes,
};

const notNullConstraint = "not null constraint";

/** Since 18 NOT NULL is a constraint with a name and more. Whether a long name is a cut one the reader decides. */
const notNullConstraints = `
union all
select case when k.convalidated and not k.connoinherit and d.objoid is null then '${notNullConstraint}'
  else 'attributes of not null constraint' end, ${catalogOid.relation}, k.conrelid, a.attnum, k.conname
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
left join pg_catalog.pg_description d on d.classoid = ${catalogOid.constraint} and d.objoid = k.oid
where k.contype = 'n' and k.conrelid >= ${firstUserOid} and c.relkind = 'r' and (
  k.conname <> c.relname || '_' || a.attname || '_not_null' or not k.convalidated or k.connoinherit
    or d.objoid is not null)`;

const ownership = "objects owned by role";

/** Ownership counts when it is not the database owner's; grants when they differ from what an owner has by default. */
export const grants: CatalogFamily = {
  name: "grants and owners",
  query: () => `
with held as (
  select case c.relkind when 'S' then 'sequence' else 'table' end as kind, ${catalogOid.relation} as class, c.oid,
    c.relowner as owner, c.relacl as acl,
    pg_catalog.acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner) as usual
  from pg_catalog.pg_class c
  where c.oid >= ${firstUserOid} and c.relkind in ('r', 'S')
  union all
  select 'type', ${catalogOid.type}, t.oid, t.typowner, t.typacl, pg_catalog.acldefault('T', t.typowner)
  from pg_catalog.pg_type t
  where t.oid >= ${firstUserOid} and t.typtype = 'e'
  union all
  select 'schema', ${catalogOid.namespace}, n.oid, case when n.nspname = 'public' and n.nspowner in (${publicOwners})
    then null else n.nspowner end, n.nspacl, coalesce(p.initprivs, pg_catalog.acldefault('n', n.nspowner))
  from pg_catalog.pg_namespace n
  left join pg_catalog.pg_init_privs p on p.classoid = ${catalogOid.namespace} and p.objoid = n.oid and p.objsubid = 0
)
select 'grants on ' || h.kind, h.class, h.oid, 0 as part, null as name
from held h
where h.acl is not null and not (h.acl @> h.usual and h.acl <@ h.usual)
union all
select '${ownership}', h.class, h.oid, 0, r.rolname
from held h
join pg_catalog.pg_roles r on r.oid = h.owner
where h.owner <> (select d.datdba from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by 1, 2, 3, 4, 5`,
  read: readAttributes,
};

function readAttributes(rows: readonly CatalogRow[], draft: CatalogDraft): void {
  const owners = new Set<string>();
  for (const row of rows) {
    const kind = value(row, 0);
    const name = kind === ownership ? placeOf(draft, row, undefined) : placeOf(draft, row, optional(row, 4));
    if (name === undefined) continue;
    if (kind === ownership) owners.add(value(row, 4));
    else draft.unmodelled.push({ kind, name });
  }
  for (const owner of owners) draft.unmodelled.push({ kind: ownership, name: quoteIdent(owner) });
}

/** The name of what a row is about; undefined when that is not in the graph, or not worth naming after all. */
function placeOf(draft: CatalogDraft, row: CatalogRow, name: string | undefined): string | undefined {
  const [classOid, oid, part] = [value(row, 1), value(row, 2), value(row, 3)];
  if (classOid === catalogOid.namespace) {
    const schema = draft.schemas.get(oid);
    return schema !== undefined && draft.ids.has(address(classOid, oid)) ? quoteIdent(schema) : undefined;
  }
  const table = draft.tables.get(oid);
  if (part !== "0") {
    const column = table?.columns.get(part);
    const id = columnIdAt(draft, oid, part);
    if (!table || column === undefined || id === undefined) return undefined;
    if (name === undefined) return nameOfId(id);
    const serverMade = serverMadeName(table.name, column, "not_null");
    if (value(row, 0) === notNullConstraint && name === serverMade) return undefined;
    return `${qualified(table.schema, table.name)}.${quoteIdent(name)}`;
  }
  if (name !== undefined) return table && qualified(table.schema, name);
  const id = draft.ids.get(address(classOid, oid));
  return id === undefined ? draft.identitySequences.get(oid) : nameOfId(id);
}
