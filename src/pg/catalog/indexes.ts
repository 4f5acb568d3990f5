/** Reads indexes that are not part of a constraint. */
import { makeId } from "../../model/kinds.ts";
import type { Index } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, columnNames } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, numberList, value } from "./family.ts";

export const indexes: CatalogFamily = {
  name: "indexes",
  query: () => `
select i.indexrelid, c.relname, i.indrelid, i.indisunique, i.indisvalid, i.indkey, i.indexprs is not null or i.indpred is not null,
  pg_catalog.pg_get_indexdef(i.indexrelid)
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
where i.indrelid >= ${firstUserOid} and c.relkind = 'i' and not exists (
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
  object.definition = indexTail(value(row, 7));
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

/** What follows USING in an index definition as pg_get_indexdef prints it with an empty search_path. */
export function indexTail(definition: string): string {
  const head = indexHead.exec(definition);
  if (!head) throw new Error(`internal: unexpected index definition ${definition}`);
  return definition.slice(head[0].length);
}
