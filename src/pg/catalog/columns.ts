/** Reads the columns of the graph's tables: type, collation, default, identity and generated expression. */

import { makeId } from "../../model/kinds.ts";
import type { Column } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, type DraftTable, isParked } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, optional, value } from "./family.ts";

export const columns: CatalogFamily = {
  name: "columns",
  query: () => `
with used as (
  select a.attrelid, a.attnum, a.attname, a.attnotnull, a.attidentity, a.attgenerated, a.atthasdef, a.atttypid,
    a.atttypmod, a.attcollation
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind = 'r'
  where a.attrelid >= ${firstUserOid} and a.attnum > 0 and not a.attisdropped
), printed as (
  select k.atttypid, k.atttypmod, k.attcollation, pg_catalog.format_type(k.atttypid, k.atttypmod) as type_name,
    case when k.attcollation <> t.typcollation
      then pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(l.collname) end as collation_name
  from (select distinct atttypid, atttypmod, attcollation from used) k
  join pg_catalog.pg_type t on t.oid = k.atttypid
  left join pg_catalog.pg_collation l on l.oid = k.attcollation
  left join pg_catalog.pg_namespace n on n.oid = l.collnamespace
)
select u.attrelid, u.attnum, u.attname, p.type_name, p.collation_name, u.attnotnull, u.attidentity, u.attgenerated, d.oid,
  pg_catalog.pg_get_expr(d.adbin, d.adrelid), u.atttypid
from used u
join printed p on p.atttypid = u.atttypid and p.atttypmod = u.atttypmod and p.attcollation = u.attcollation
left join pg_catalog.pg_attrdef d on u.atthasdef and d.adrelid = u.attrelid and d.adnum = u.attnum
order by u.attrelid, u.attnum`,
  read(rows, draft) {
    let table: DraftTable | undefined;
    let tableOid = "";
    for (const row of rows) {
      const oid = value(row, 0);
      if (oid !== tableOid) {
        tableOid = oid;
        table = draft.tables.get(oid);
      }
      if (table) readColumn(row, draft, table);
    }
  },
};

function readColumn(row: CatalogRow, draft: CatalogDraft, table: DraftTable): void {
  const tableOid = value(row, 0);
  const number = value(row, 1);
  const name = value(row, 2);
  const at = address(catalogOid.relation, tableOid, number);
  if (isParked(draft, name)) {
    draft.parkedColumns.add(at);
    return;
  }
  table.columns.set(number, name);
  const object: Column = {
    kind: "column",
    schema: table.schema,
    table: table.name,
    name,
    position: table.columns.size,
    type: value(row, 3),
  };
  if (isTrue(row, 5)) object.notNull = true;
  const expression = optional(row, 9);
  const generated = value(row, 7);
  if (expression !== undefined && generated === "") object.default = expression;
  const collation = optional(row, 4);
  if (collation !== undefined) object.collation = collation;
  const identity = value(row, 6);
  if (identity !== "") {
    object.identity = { generation: identity === "a" ? "always" : "by default", ...draft.identities.get(at) };
  }
  if (expression !== undefined && generated !== "") {
    object.generated = { expression, storage: generated === "v" ? "virtual" : "stored" };
  }
  const comment = draft.comments.get(at);
  if (comment !== undefined) object.comment = comment;
  const typeId = draft.ids.get(address(catalogOid.type, value(row, 10)));
  if (typeId !== undefined) object.dependsOn = [typeId];
  const defaultOid = optional(row, 8);
  if (defaultOid !== undefined) {
    const id = makeId("column", table.schema, table.name, name);
    const owner = {
      object,
      id,
      structural: new Set([makeId("table", table.schema, table.name)]),
      goesWithColumn: false,
    };
    draft.expressionOwners.set(address(catalogOid.attributeDefault, defaultOid), owner);
    // 14 records what a generated column refers to for the column itself
    if (generated !== "") draft.expressionOwners.set(at, owner);
  }
  draft.objects.push(object);
}
