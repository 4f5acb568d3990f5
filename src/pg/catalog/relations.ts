/** Reads relations: tables into the graph with their row security; the kinds of relation that are not modelled by name. */

import { makeId } from "../../model/kinds.ts";
import type { RowSecurity, Table } from "../../model/object.ts";
import { qualified } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, isOwnTable, listAttributes } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, isTrue, optional, userNamespace, value } from "./family.ts";

/** What a relation that is not a plain table is called; sequences and indexes have families of their own. */
const unmodelledRelations: Readonly<Record<string, string>> = {
  p: "partitioned table",
  f: "foreign table",
};

/** Oid of the table access method heap, fixed in the server's sources. */
const heapOid = 2;

/** Attributes of a table that the graph does not model, by the letters the query gives them. */
const unmodelledAttributes = {
  o: "storage parameters of table",
  t: "tablespace of table",
  i: "replica identity of table",
  a: "access method of table",
};

export const relations: CatalogFamily = {
  name: "relations",
  width: 13,
  query: () => `
select c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, c.relispartition, c.reloftype <> 0,
  i.inhrelid is not null, c.relrowsecurity, c.relforcerowsecurity, c.reltype, t.typarray,
  case when c.relkind = 'r' then pg_catalog.concat(
    case when c.reloptions is not null or o.reloptions is not null then 'o' end,
    case when c.reltablespace <> 0 then 't' end,
    case when c.relreplident <> 'd' then 'i' end,
    case when c.relam <> ${heapOid} then 'a' end) end
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_type t on t.oid = c.reltype
left join pg_catalog.pg_class o on o.oid = c.reltoastrelid and o.relkind = 't' and o.reloptions is not null
left join pg_catalog.pg_inherits i on i.inhrelid = c.oid and i.inhseqno = 1
where c.relkind in ('r', 'p', 'f') and ${userNamespace}
order by c.oid`,
  read(rows, draft) {
    for (const row of rows) readRelation(row, draft);
  },
};

function readRelation(row: CatalogRow, draft: CatalogDraft): void {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 1));
  const name = value(row, 2);
  if (schema === undefined || isOwnTable(draft, schema, name)) {
    draft.ownRelations.add(oid);
    return;
  }
  if (draft.extensionMembers.has(address(catalogOid.relation, oid))) return;
  const unmodelled = unmodelledKind(row);
  if (unmodelled !== undefined) {
    draft.listedRelations.add(oid);
    draft.unmodelled.push({ kind: unmodelled, name: qualified(schema, name) });
    return;
  }
  listAttributes(draft, optional(row, 12), unmodelledAttributes, () => qualified(schema, name));
  const unlogged = value(row, 4) === "u";
  const comments = draft.comments.get(address(catalogOid.relation, oid));
  const id = makeId("table", schema, name);
  const table = { schema, name, id, unlogged, columns: new Map(), comments, identities: new Map() };
  draft.tables.set(oid, table);
  draft.ids.set(address(catalogOid.relation, oid), id);
  draft.ids.set(address(catalogOid.type, value(row, 10)), id);
  draft.ids.set(address(catalogOid.type, value(row, 11)), id);
  const object: Table = { kind: "table", schema, name };
  if (unlogged) object.unlogged = true;
  const comment = comments?.get("0");
  if (comment !== undefined) object.comment = comment;
  draft.objects.push(object);
  const enabled = isTrue(row, 8);
  const forced = isTrue(row, 9);
  if (!enabled && !forced) return;
  const security: RowSecurity = { kind: "rowSecurity", schema, table: name };
  if (enabled) security.enabled = true;
  if (forced) security.forced = true;
  draft.objects.push(security);
}

function unmodelledKind(row: CatalogRow): string | undefined {
  if (isTrue(row, 5)) return "partition";
  const kind = unmodelledRelations[value(row, 3)];
  if (kind !== undefined) return kind;
  if (isTrue(row, 7)) return "inheritance child";
  return isTrue(row, 6) ? "typed table" : undefined;
}
