/** Reads statistics objects: what ANALYZE gathers about several columns of a table together. */
import type { Statistics } from "../../model/object.ts";
import { withSortedColumns } from "../../model/statistics-columns.ts";
import { address, type CatalogDraft, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, optional, printed, value } from "./family.ts";

export const statistics: CatalogFamily = {
  name: "statistics",
  width: 6,
  query: () => `
select s.oid, s.stxnamespace, s.stxname, s.stxrelid, pg_catalog.pg_get_statisticsobjdef(s.oid),
  case when s.stxstattarget >= 0 then s.stxstattarget end
from pg_catalog.pg_statistic_ext s
where s.oid >= ${firstUserOid}
order by s.oid`,
  read(rows, draft) {
    for (const row of rows) readStatistics(row, draft);
  },
};

function readStatistics(row: CatalogRow, draft: CatalogDraft): void {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 1));
  const table = draft.tables.get(value(row, 3));
  if (schema === undefined || table === undefined) return;
  if (draft.extensionMembers.has(address(catalogOid.statistics, oid))) return;
  const object: Statistics = {
    kind: "statistics",
    schema,
    name: value(row, 2),
    on: { schema: table.schema, table: table.name },
    definition: statisticsBody(printed(row, 4)),
  };
  const target = optional(row, 5);
  if (target !== undefined) object.target = Number(target);
  const comment = commentOn(draft, catalogOid.statistics, oid);
  if (comment !== undefined) object.comment = comment;
  draft.expressionOwners.set(address(catalogOid.statistics, oid), { object, goesWithColumn: true });
  draft.objects.push(object);
}

// CREATE STATISTICS schema.name [(kinds)] ON columns and expressions FROM schema.table, with an empty search_path
const head = /^CREATE STATISTICS (?:"(?:[^"]|"")+"|[a-z0-9_]+)\.(?:"(?:[^"]|"")+"|[a-z0-9_]+) /;
const tail = / FROM (?:"(?:[^"]|"")+"|[a-z0-9_]+)\.(?:"(?:[^"]|"")+"|[a-z0-9_]+)$/;

/** What stands between the name and FROM in a definition as pg_get_statisticsobjdef prints it with an empty search_path. */
function statisticsBody(definition: string): string {
  if (!head.test(definition) || !tail.test(definition)) {
    throw new Error(`internal: unexpected definition of statistics ${definition}`);
  }
  return withSortedColumns(definition.replace(head, "").replace(tail, ""));
}
