/** Reads indexes that are not part of a constraint. */
import type { Index } from "../../model/object.ts";
import { qualified } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, columnNames, commentOn, type DraftTable } from "./draft.ts";
import {
  type CatalogFamily,
  type CatalogRow,
  firstUserOid,
  isTrue,
  numberList,
  optional,
  printed,
  value,
} from "./family.ts";

/** Oid of the access method btree, fixed in the server's sources. */
const btreeOid = 403;

/** SQL: that an index compares a column by a collation somebody made and that is not the column's own. */
export const otherCollation = `exists (
    select from pg_catalog.unnest(i.indcollation::pg_catalog.oid[]) with ordinality k (collation_oid, place)
    where k.collation_oid >= ${firstUserOid} and k.collation_oid is distinct from (
      select a.attcollation from pg_catalog.pg_attribute a
      where a.attrelid = i.indrelid and a.attnum = i.indkey[k.place - 1]
    )
  )`;

/**
 * SQL: that an index reads `btree (column)` and nothing more. Its definition is put together here, because pg_get_indexdef
 * takes some 20 µs a call, most of it to find out that the operator class is the default one. Holds only for built-in
 * classes that are the default for exactly the column's type; all others are printed by the server. The join with the
 * column finds it only for indexes that come into question.
 */
function plainIndex(versionNum: number): string {
  const nulls = versionNum >= 150000 ? " and not i.indnullsnotdistinct" : "";
  return `o.opcintype = a.atttypid and i.indcollation[0] = a.attcollation
    and i.indpred is null and c.reloptions is null${nulls}`;
}

export const indexes: CatalogFamily = {
  name: "indexes",
  width: 11,
  query: (versionNum) => `
select i.indexrelid, c.relname, i.indrelid, nullif(i.indisunique, false), nullif(not i.indisvalid, false), i.indkey,
  nullif(i.indexprs is not null or i.indpred is not null or ${otherCollation}, false),
  case when ${plainIndex(versionNum)} then 'btree (' || pg_catalog.quote_ident(a.attname) || ')'
    else pg_catalog.pg_get_indexdef(i.indexrelid) end,
  nullif(i.indisclustered, false), h.inhparent,
  case when c.reltablespace <> 0 then (select s.spcname from pg_catalog.pg_tablespace s where s.oid = c.reltablespace) end
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_class t on t.oid = i.indrelid and t.relkind in ('r', 'p', 'm')
left join pg_catalog.pg_inherits h on h.inhrelid = i.indexrelid
left join lateral (
  select k.attname, k.atttypid, k.attcollation
  from pg_catalog.pg_attribute k
  where k.attnum = i.indkey[0]
    and k.attrelid = case when c.relam = ${btreeOid} and i.indnatts = 1 and i.indoption[0] = 0 then i.indrelid end
  limit 1
) a on true
left join pg_catalog.pg_opclass o on o.oid = i.indclass[0] and o.opcmethod = ${btreeOid} and o.opcdefault
  and o.oid < ${firstUserOid}
where i.indrelid >= ${firstUserOid} and not exists (
  select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
)
order by i.indexrelid`,
  read(rows, draft) {
    for (const row of rows) readIndex(row, draft);
    for (const { object, index } of draft.attachedKeys) {
      const parent = draft.indexNames.get(index);
      if (parent !== undefined) object.attachedTo = parent;
    }
  },
};

function readIndex(row: CatalogRow, draft: CatalogDraft): void {
  const view = draft.views.get(value(row, 2));
  const table = view ?? draft.tables.get(value(row, 2));
  if (!table) return;
  const oid = value(row, 0);
  const columns = plainColumns(table, numberList(value(row, 5)));
  if (columns === undefined) return;
  const object: Index = {
    kind: "index",
    schema: table.schema,
    table: table.name,
    name: value(row, 1),
    definition: indexTail(printed(row, 7)),
    columns,
  };
  if (view) object.on = "materializedView";
  if (isTrue(row, 3)) object.unique = true;
  // That of a partitioned table is valid when every partition has its part, which shows in what is attached.
  if (isTrue(row, 4) && !table.partitioned) object.invalid = true;
  if (table.partitioned) object.partitioned = true;
  const parent = optional(row, 9);
  if (parent !== undefined) draft.attachedKeys.push({ object, index: parent });
  draft.indexNames.set(oid, { kind: "index", schema: table.schema, table: table.name, name: object.name });
  const tablespace = optional(row, 10);
  if (tablespace !== undefined) object.tablespace = tablespace;
  const comment = commentOn(draft, catalogOid.relation, oid);
  if (comment !== undefined) object.comment = comment;
  if (isTrue(row, 6)) draft.expressionOwners.set(address(catalogOid.relation, oid), { object, goesWithColumn: true });
  draft.objects.push(object);
  const place = () => qualified(table.schema, object.name);
  if (isTrue(row, 8)) {
    draft.objects.push({ kind: "clustering", schema: table.schema, table: table.name, index: object.name });
  }
  if (draft.indexTargets.has(oid)) draft.unmodelled.push({ kind: "statistics target of index column", name: place() });
}

/** The columns among an index's keys, each once: an expression stands there as 0, and a column may stand there twice. */
function plainColumns(table: DraftTable, numbers: readonly string[]): string[] | undefined {
  const plain = numbers.length > 1 || numbers[0] === "0" ? new Set(numbers) : numbers;
  return columnNames(
    table,
    [...plain].filter((number) => number !== "0"),
  );
}

// pg_get_indexdef with an empty search_path: CREATE [UNIQUE] INDEX name ON [ONLY] schema.table USING …; quote_ident
// leaves a name bare only when it consists of a-z, 0-9 and _.
const indexHead =
  /^CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")+"|[a-z0-9_]+) ON (?:ONLY )?(?:"(?:[^"]|"")+"|[a-z0-9_]+)\.(?:"(?:[^"]|"")+"|[a-z0-9_]+) USING /;

/** What follows USING in a definition as pg_get_indexdef prints it with an empty search_path; a bare tail stays as it is. */
export function indexTail(definition: string): string {
  if (!definition.startsWith("CREATE ")) return definition;
  const head = indexHead.exec(definition);
  if (!head) throw new Error(`internal: unexpected index definition ${definition}`);
  return definition.slice(head[0].length);
}
