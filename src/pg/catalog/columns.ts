/** Reads the columns of the graph's tables: type, collation, default, identity and generated expression. */

import { defined } from "../../base/assert.ts";
import { makeId } from "../../model/kinds.ts";
import type { Column } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, type DraftTable, isParked } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, optional, printed, value } from "./family.ts";

export const columnTypes: CatalogFamily = {
  name: "column types",
  query: () => `
select k.atttypid, k.atttypmod, k.attcollation, pg_catalog.format_type(k.atttypid, k.atttypmod),
  case when k.attcollation <> t.typcollation
    then pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(l.collname) end
from (
  select distinct a.atttypid, a.atttypmod, a.attcollation
  from pg_catalog.pg_attribute a
  where a.attrelid >= ${firstUserOid} and a.attnum > 0 and not a.attisdropped
) k
join pg_catalog.pg_type t on t.oid = k.atttypid
left join pg_catalog.pg_collation l on l.oid = k.attcollation
left join pg_catalog.pg_namespace n on n.oid = l.collnamespace
order by 1, 2, 3`,
  read(rows, draft) {
    for (const row of rows) {
      const key = typeKey(value(row, 0), value(row, 1), value(row, 2));
      draft.columnTypes.set(key, { text: value(row, 3), collation: optional(row, 4) });
    }
  },
};

/**
 * Defaults and generated expressions. Only the latter can name columns: without a relation to look names up in,
 * pg_get_expr does not have to open the table, which takes five times as long as printing.
 */
export const defaults: CatalogFamily = {
  name: "defaults",
  query: () => `
select d.adrelid, d.adnum, d.oid, pg_catalog.pg_get_expr(d.adbin, case when g.attnum is null then 0 else d.adrelid end)
from pg_catalog.pg_attrdef d
left join pg_catalog.pg_attribute g on g.attrelid = d.adrelid and g.attnum = d.adnum and g.attgenerated <> ''
where d.adrelid >= ${firstUserOid}
order by 1, 2`,
  read(rows, draft) {
    for (const row of rows) {
      const at = address(catalogOid.relation, value(row, 0), value(row, 1));
      draft.defaults.set(at, { oid: value(row, 2), expression: printed(row, 3) });
    }
  },
};

export const columns: CatalogFamily = {
  name: "columns",
  query: () => `
select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.attidentity,
  a.attgenerated
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind = 'r'
where a.attrelid >= ${firstUserOid} and a.attnum > 0 and not a.attisdropped
order by 1, 2`,
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

function typeKey(type: string, modifier: string, collation: string): string {
  return `${type} ${modifier} ${collation}`;
}

function readColumn(row: CatalogRow, draft: CatalogDraft, table: DraftTable): void {
  const number = value(row, 1);
  const name = value(row, 2);
  const at = address(catalogOid.relation, value(row, 0), number);
  if (isParked(draft, name)) {
    draft.parkedColumns.add(at);
    return;
  }
  table.columns.set(number, name);
  const typeOid = value(row, 3);
  const type = defined(
    draft.columnTypes.get(typeKey(typeOid, value(row, 4), value(row, 5))),
    "a column without a type",
  );
  const held = draft.defaults.get(at);
  const generated = value(row, 8);
  const object: Column = {
    kind: "column",
    schema: table.schema,
    table: table.name,
    name,
    position: table.columns.size,
    type: type.text,
  };
  if (isTrue(row, 6)) object.notNull = true;
  if (held && generated === "") object.default = held.expression;
  if (type.collation !== undefined) object.collation = type.collation;
  const identity = value(row, 7);
  if (identity !== "") {
    object.identity = { generation: identity === "a" ? "always" : "by default", ...draft.identities.get(at) };
  }
  if (held && generated !== "") {
    object.generated = { expression: held.expression, storage: generated === "v" ? "virtual" : "stored" };
  }
  const comment = draft.comments.get(at);
  if (comment !== undefined) object.comment = comment;
  const typeId = draft.ids.get(address(catalogOid.type, typeOid));
  if (typeId !== undefined) object.dependsOn = [typeId];
  draft.objects.push(object);
  if (!held) return;
  const owner = {
    object,
    id: makeId("column", table.schema, table.name, name),
    structural: new Set([makeId("table", table.schema, table.name)]),
    goesWithColumn: false,
  };
  draft.expressionOwners.set(address(catalogOid.attributeDefault, held.oid), owner);
  // 14 records what a generated column refers to for the column itself
  if (generated !== "") draft.expressionOwners.set(at, owner);
}
