/** Reads the columns of the graph's tables: type, collation, default, identity and generated expression. */

import { defined } from "../../base/assert.ts";
import { compareText } from "../../base/ordered.ts";
import type { Column } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, type DraftTable, isParked } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, optional, printed, value } from "./family.ts";

/** Oid of the collation "default", fixed in the server's sources: what columns of most types have that have any. */
const defaultCollationOid = 100;

/** SQL: a column's type with modifier and collation as one text, the type's oid alone in most cases. */
const typeKey = `case when a.atttypmod = -1 and a.attcollation in (0, ${defaultCollationOid}) then a.atttypid::pg_catalog.text
    else pg_catalog.concat_ws(' ', a.atttypid, a.atttypmod, a.attcollation) end`;

export const columnTypes: CatalogFamily = {
  name: "column types",
  width: 5,
  query: () => `
select distinct ${typeKey}, a.atttypid, pg_catalog.format_type(a.atttypid, a.atttypmod),
  case when a.attcollation <> t.typcollation
    then pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(l.collname) end,
  case when a.attcollation >= ${firstUserOid} then a.attcollation end
from (
  select distinct a.atttypid, a.atttypmod, a.attcollation
  from pg_catalog.pg_attribute a
  where a.attrelid >= ${firstUserOid} and a.attnum > 0 and not a.attisdropped
) a
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_collation l on l.oid = a.attcollation
left join pg_catalog.pg_namespace n on n.oid = l.collnamespace
order by 1`,
  read(rows, draft) {
    for (const row of rows) {
      const collation = optional(row, 4);
      const refers = [
        address(catalogOid.type, value(row, 1)),
        ...(collation === undefined ? [] : [address(catalogOid.collation, collation)]),
      ];
      const ids = refers.flatMap((at) => draft.ids.get(at) ?? []).sort(compareText);
      draft.columnTypes.set(value(row, 0), { text: value(row, 2), collation: optional(row, 3), ids });
    }
  },
};

/** With the columns of tables come those of indexes that have a statistics target: it is one scan of the same catalog. */
export const columns: CatalogFamily = {
  name: "columns",
  width: 8,
  query: () => `
select a.attrelid, a.attnum, a.attname, ${typeKey}, nullif(a.attnotnull, false), nullif(a.attidentity, ''),
  case when a.attstorage <> t.typstorage or a.attcompression <> '' or a.attstattarget >= 0 or a.attoptions is not null
  then pg_catalog.json_build_array(case when a.attstorage <> t.typstorage then a.attstorage end,
    nullif(a.attcompression, ''), case when a.attstattarget >= 0 then a.attstattarget end, a.attoptions) end,
  nullif(not a.attislocal, false)
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid and (c.relkind in ('r', 'p') or c.relkind in ('i', 'I') and a.attstattarget >= 0)
join pg_catalog.pg_type t on t.oid = a.atttypid
where a.attrelid >= ${firstUserOid} and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum`,
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
      else draft.indexTargets.add(oid);
    }
  },
};

function readColumn(row: CatalogRow, draft: CatalogDraft, table: DraftTable): void {
  const number = value(row, 1);
  const name = value(row, 2);
  if (isParked(draft, name)) {
    draft.parkedColumns.add(address(catalogOid.relation, value(row, 0), number));
    return;
  }
  const type = defined(draft.columnTypes.get(value(row, 3)), "a column without a type");
  const object: Column = {
    kind: "column",
    schema: table.schema,
    table: table.name,
    name,
    position: table.columns.size + 1,
    type: type.text,
  };
  if (isTrue(row, 4)) object.notNull = true;
  if (type.collation !== undefined) object.collation = type.collation;
  const identity = optional(row, 5);
  // Since 17 a partition takes its numbers from its parent's sequence and has no say in it.
  if (identity !== undefined && !(table.partition && draft.versionNum >= 170000)) {
    object.identity = { generation: identity === "a" ? "always" : "by default", ...table.identities.get(number) };
  }
  const storage = optional(row, 6);
  if (storage !== undefined) readStorage(object, storage);
  const comment = table.comments?.get(number);
  if (comment !== undefined) object.comment = comment;
  if (isTrue(row, 7) && !table.partition) object.inherited = true;
  if (type.ids.length > 0) object.dependsOn = [...type.ids];
  table.columns.set(number, object);
  draft.objects.push(object);
}

const storages = { p: "plain", e: "external", x: "extended", m: "main" } as const;
const compressions = { p: "pglz", l: "lz4" } as const;

function readStorage(column: Column, text: string): void {
  const [storage, compression, target, options] = JSON.parse(text) as [
    keyof typeof storages | null,
    keyof typeof compressions | null,
    number | null,
    string[] | null,
  ];
  if (storage !== null) column.storage = storages[storage];
  if (compression !== null) column.compression = compressions[compression];
  if (target !== null) column.statistics = target;
  if (options !== null) column.options = options;
}

/**
 * Defaults and generated expressions. Only the latter can name columns: without a relation to look names up in,
 * pg_get_expr does not have to open the table, which takes five times as long as printing.
 */
export const defaults: CatalogFamily = {
  name: "defaults",
  width: 5,
  query: () => `
select d.adrelid, d.adnum, d.oid, pg_catalog.pg_get_expr(d.adbin, case when g.attnum is null then 0 else d.adrelid end),
  g.attgenerated
from pg_catalog.pg_attrdef d
left join pg_catalog.pg_attribute g on g.attrelid = d.adrelid and g.attnum = d.adnum and g.attgenerated <> ''
where d.adrelid >= ${firstUserOid}
order by 1, 2`,
  read(rows, draft) {
    for (const row of rows) {
      const [table, number, oid] = [value(row, 0), value(row, 1), value(row, 2)];
      const object = draft.tables.get(table)?.columns.get(number);
      if (!object) continue;
      const expression = printed(row, 3);
      const generated = optional(row, 4);
      const owner = { object, goesWithColumn: false };
      draft.expressionOwners.set(address(catalogOid.attributeDefault, oid), owner);
      if (generated === undefined) object.default = expression;
      else {
        object.generated = { expression, storage: generated === "v" ? "virtual" : "stored" };
        // 14 records what a generated column refers to for the column itself
        draft.expressionOwners.set(address(catalogOid.relation, table, number), owner);
      }
    }
  },
};
