/** Reads tables, partitioned ones and partitions among them, with their row security; typed tables are named as not modelled. */
import { makeId } from "../../model/kinds.ts";
import type { ReplicaIdentity, RowSecurity, Table } from "../../model/object.ts";
import { qualified } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, isOwnTable, listAttributes } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, isTrue, optional, userNamespace, value } from "./family.ts";

/** Oid of the table access method heap, fixed in the server's sources. */
const heapOid = 2;

/** Attributes of a table that the graph does not model, by the letters the query gives them. */
const unmodelledAttributes = {
  a: "access method of table",
  d: "detaching of partition that is not finished",
};

export const relations: CatalogFamily = {
  name: "relations",
  width: 21,
  query: () => `
select c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, nullif(c.relispartition, false), c.reloftype <> 0,
  i.inhrelid is not null, c.relrowsecurity, c.relforcerowsecurity, c.reltype, t.typarray,
  case when c.relkind in ('r', 'p') then pg_catalog.concat(
    case when c.relam not in (0, ${heapOid}) then 'a' end,
    case when i.pending then 'd' end) end,
  case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
  case when c.relispartition then pg_catalog.pg_get_expr(c.relpartbound, c.oid) end,
  case when i.inhrelid is not null then pg_catalog.array_to_string(i.parents, ' ') end,
  pg_catalog.array_to_json(c.reloptions), pg_catalog.array_to_json(o.reloptions), nullif(c.relreplident, 'd'),
  case when c.relreplident = 'i' then (
    select x.relname from pg_catalog.pg_index r
    join pg_catalog.pg_class x on x.oid = r.indexrelid
    where r.indrelid = c.oid and r.indisreplident limit 1) end,
  case when c.reltablespace <> 0 then (select s.spcname from pg_catalog.pg_tablespace s where s.oid = c.reltablespace) end
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_type t on t.oid = c.reltype
left join pg_catalog.pg_class o on o.oid = c.reltoastrelid and o.relkind = 't' and o.reloptions is not null
left join (
  select h.inhrelid, pg_catalog.array_agg(h.inhparent order by h.inhseqno) as parents,
    pg_catalog.bool_or(h.inhdetachpending) as pending
  from pg_catalog.pg_inherits h
  join pg_catalog.pg_class p on p.oid = h.inhrelid and p.relkind in ('r', 'p', 'f')
  group by h.inhrelid
) i on i.inhrelid = c.oid
where c.relkind in ('r', 'p') and ${userNamespace}
order by c.oid`,
  read(rows, draft) {
    const following: (readonly [table: Table, row: CatalogRow])[] = [];
    for (const row of rows) {
      const table = readRelation(row, draft);
      if (table !== undefined && optional(row, 15) !== undefined) following.push([table, row]);
    }
    for (const [table, row] of following) readParents(table, row, draft);
  },
};

/** The table of the graph that a row is, if it is one. */
function readRelation(row: CatalogRow, draft: CatalogDraft): Table | undefined {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 1));
  const name = value(row, 2);
  if (schema === undefined || isOwnTable(draft, schema, name)) {
    draft.ownRelations.add(oid);
    return undefined;
  }
  if (draft.extensionMembers.has(address(catalogOid.relation, oid))) return undefined;
  const unmodelled = unmodelledKind(row);
  if (unmodelled !== undefined) {
    draft.listedRelations.add(oid);
    draft.unmodelled.push({ kind: unmodelled, name: qualified(schema, name) });
    return undefined;
  }
  listAttributes(draft, optional(row, 12), unmodelledAttributes, () => qualified(schema, name));
  const unlogged = value(row, 4) === "u";
  const comments = draft.comments.get(address(catalogOid.relation, oid));
  const id = makeId("table", schema, name);
  const [partitionBy, bound] = [optional(row, 13), optional(row, 14)];
  const [partitioned, partition] = [partitionBy !== undefined, bound !== undefined];
  const table = {
    schema,
    name,
    id,
    unlogged,
    partitioned,
    partition,
    columns: new Map(),
    comments,
    identities: new Map(),
  };
  draft.tables.set(oid, table);
  draft.ids.set(address(catalogOid.relation, oid), id);
  draft.ids.set(address(catalogOid.type, value(row, 10)), id);
  draft.ids.set(address(catalogOid.type, value(row, 11)), id);
  const object: Table = { kind: "table", schema, name };
  if (unlogged) object.unlogged = true;
  if (partitionBy !== undefined) object.partitionBy = partitionBy;
  const [options, toastOptions] = [optional(row, 16), optional(row, 17)];
  if (options !== undefined) object.options = JSON.parse(options) as string[];
  if (toastOptions !== undefined) object.toastOptions = JSON.parse(toastOptions) as string[];
  const tablespace = optional(row, 20);
  if (tablespace !== undefined) object.tablespace = tablespace;
  const comment = comments?.get("0");
  if (comment !== undefined) object.comment = comment;
  draft.objects.push(object);
  readReplicaIdentity(row, draft, object);
  const enabled = isTrue(row, 8);
  const forced = isTrue(row, 9);
  if (!enabled && !forced) return object;
  const security: RowSecurity = { kind: "rowSecurity", schema, table: name };
  if (enabled) security.enabled = true;
  if (forced) security.forced = true;
  draft.objects.push(security);
  return object;
}

/** Whom a table follows; its parents may stand after it. One that is not in the graph is no part of it, but is named. */
function readParents(object: Table, row: CatalogRow, draft: CatalogDraft): void {
  const parents = value(row, 15)
    .split(" ")
    .map((oid) => draft.tables.get(oid));
  const known = parents.flatMap((parent) => (parent ? [{ schema: parent.schema, table: parent.name }] : []));
  if (known.length < parents.length) {
    const kind = "inheritance from a table that is not modelled";
    draft.unmodelled.push({ kind, name: qualified(object.schema, object.name) });
  }
  const [parent] = known;
  const bound = optional(row, 14);
  if (parent === undefined) return;
  if (bound === undefined) object.inherits = known;
  else object.partitionOf = { ...parent, bound };
}

const replicaIdentities = { f: "full", n: "nothing", i: "index" } as const;

function readReplicaIdentity(row: CatalogRow, draft: CatalogDraft, table: Table): void {
  const letter = optional(row, 18) as keyof typeof replicaIdentities | undefined;
  if (letter === undefined) return;
  const index = optional(row, 19);
  if (letter === "i" && index === undefined) {
    draft.unmodelled.push({
      kind: "replica identity by an index that is gone",
      name: qualified(table.schema, table.name),
    });
    return;
  }
  const mode = replicaIdentities[letter];
  const object: ReplicaIdentity = { kind: "replicaIdentity", schema: table.schema, table: table.name, mode };
  if (index !== undefined) object.index = index;
  draft.objects.push(object);
}

function unmodelledKind(row: CatalogRow): string | undefined {
  return isTrue(row, 6) ? "typed table" : undefined;
}
