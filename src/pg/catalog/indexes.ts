/** Reads indexes that are not part of a constraint. */
import { makeId } from "../../model/kinds.ts";
import type { Index } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, columnNames } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, numberList, printed, value } from "./family.ts";

/** Oid of the access method btree, fixed in the server's sources. */
const btreeOid = 403;

/**
 * SQL: that an index reads `btree (column)` and nothing more. Its definition is put together here, because pg_get_indexdef
 * takes some 20 µs a call, most of it to find out that the operator class is the default one. Holds only for built-in
 * classes that are the default for exactly the column's type; all others are printed by the server.
 */
function plainIndex(versionNum: number): string {
  const nulls = versionNum >= 150000 ? " and not i.indnullsnotdistinct" : "";
  return `o.opcintype = a.atttypid and i.indnatts = 1 and i.indoption[0] = 0 and i.indcollation[0] = a.attcollation
    and i.indpred is null and c.reloptions is null${nulls}`;
}

export const indexes: CatalogFamily = {
  name: "indexes",
  query: (versionNum) => `
select i.indexrelid, c.relname, i.indrelid, i.indisunique, i.indisvalid, i.indkey,
  i.indexprs is not null or i.indpred is not null,
  case when ${plainIndex(versionNum)} then 'btree (' || pg_catalog.quote_ident(a.attname) || ')'
    else pg_catalog.pg_get_indexdef(i.indexrelid) end
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
left join pg_catalog.pg_opclass o on o.oid = i.indclass[0] and o.opcmethod = ${btreeOid} and o.opcdefault
  and o.oid < ${firstUserOid}
where i.indrelid >= ${firstUserOid} and not exists (
  select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
)
order by i.indexrelid`,
  read(rows, draft) {
    for (const row of rows) readIndex(row, draft);
  },
};

function readIndex(row: CatalogRow, draft: CatalogDraft): void {
  const table = draft.tables.get(value(row, 2));
  if (!table) return;
  const oid = value(row, 0);
  // an expression stands in indkey as 0
  const columns = columnNames(
    table,
    numberList(value(row, 5)).filter((number) => number !== "0"),
  );
  if (columns === undefined) return;
  const object: Index = {
    kind: "index",
    schema: table.schema,
    table: table.name,
    name: value(row, 1),
    definition: "",
    columns: [...new Set(columns)],
  };
  object.definition = indexTail(printed(row, 7));
  if (isTrue(row, 3)) object.unique = true;
  if (!isTrue(row, 4)) object.invalid = true;
  const comment = draft.comments.get(address(catalogOid.relation, oid));
  if (comment !== undefined) object.comment = comment;
  if (isTrue(row, 6)) {
    const structural = new Set(columns.map((column) => makeId("column", table.schema, table.name, column)));
    structural.add(makeId("table", table.schema, table.name));
    const id = makeId("index", table.schema, object.name);
    draft.expressionOwners.set(address(catalogOid.relation, oid), { object, id, structural, goesWithColumn: true });
  }
  draft.objects.push(object);
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
