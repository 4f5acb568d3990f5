/** Reads views and materialized views: their queries as the server prints them, and what columns those give. */
import { makeId } from "../../model/kinds.ts";
import type { Column, MaterializedView, View } from "../../model/object.ts";
import { qualified } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, isOwnTable, listAttributes } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, isTrue, optional, printed, userNamespace, value } from "./family.ts";
import { queryText } from "./view-text.ts";

/** Attributes that the graph does not model, by the letters the query gives them. */
const unmodelledAttributes = {
  d: "column defaults of view",
  o: "storage parameters of materialized view",
  t: "tablespace of materialized view",
  a: "access method of materialized view",
  c: "column options of materialized view",
};

/** Oid of the table access method heap, fixed in the server's sources. */
const heapOid = 2;

export const views: CatalogFamily = {
  name: "views",
  width: 12,
  query: () => `
select c.oid, c.relnamespace, c.relname, c.relkind, c.reltype, t.typarray, c.relispopulated,
  case when c.relkind = 'v' then pg_catalog.array_to_json(c.reloptions) end, r.oid, pg_catalog.pg_get_viewdef(c.oid),
  columns.list,
  pg_catalog.concat(
    case when columns.defaults then 'd' end,
    case when c.relkind = 'm' and c.reloptions is not null then 'o' end,
    case when c.reltablespace <> 0 then 't' end,
    case when c.relkind = 'm' and c.relam <> ${heapOid} then 'a' end,
    case when c.relkind = 'm' and columns.options then 'c' end)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_rewrite r on r.ev_class = c.oid and r.rulename = '_RETURN'
left join pg_catalog.pg_type t on t.oid = c.reltype
cross join lateral (
  select pg_catalog.json_agg(pg_catalog.json_build_array(a.attnum, a.attname,
      pg_catalog.format_type(a.atttypid, a.atttypmod),
      case when a.attcollation <> y.typcollation
        then pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(l.collname) end) order by a.attnum) as list,
    pg_catalog.bool_or(a.atthasdef) as defaults,
    pg_catalog.bool_or(a.attstorage <> y.typstorage or a.attcompression <> '' or a.attstattarget >= 0
      or a.attoptions is not null) as options
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type y on y.oid = a.atttypid
  left join pg_catalog.pg_collation l on l.oid = a.attcollation
  left join pg_catalog.pg_namespace s on s.oid = l.collnamespace
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
) columns
where c.relkind in ('v', 'm') and ${userNamespace} and not exists (
  select from pg_catalog.pg_depend e
  where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid and e.deptype = 'e'
)
order by c.oid`,
  read(rows, draft) {
    for (const row of rows) readView(row, draft);
  },
};

type ColumnRow = readonly [number: number, name: string, type: string, collation: string | null];

function readView(row: CatalogRow, draft: CatalogDraft): void {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 1));
  const name = value(row, 2);
  if (schema === undefined || isOwnTable(draft, schema, name)) return;
  const kind = value(row, 3) === "v" ? "view" : "materializedView";
  const given = JSON.parse(optional(row, 10) ?? "[]") as readonly ColumnRow[];
  const names = given.map(([, name]) => name);
  const id = makeId(kind, schema, name);
  const comments = draft.comments.get(address(catalogOid.relation, oid));
  const object: View | MaterializedView = {
    kind,
    schema,
    name,
    columns: given.map(([, name, type, collation]) => ({ name, type, ...(collation === null ? {} : { collation }) })),
    definition: queryText(printed(row, 9), names, draft.versionNum),
  };
  const options = optional(row, 7);
  if (object.kind === "view" && options !== undefined) object.options = JSON.parse(options) as string[];
  if (object.kind === "materializedView" && !isTrue(row, 6)) object.unpopulated = true;
  const comment = comments?.get("0");
  if (comment !== undefined) object.comment = comment;
  const columnComments = given.flatMap(([number, column]) => {
    const comment = comments?.get(String(number));
    return comment === undefined ? [] : [{ column, comment }];
  });
  if (columnComments.length > 0) object.columnComments = columnComments;
  const columns = given.map(([number, column, type]): [string, Column] => [
    String(number),
    { kind: "column", schema, table: name, name: column, type },
  ]);
  draft.views.set(oid, {
    schema,
    name,
    id,
    unlogged: false,
    partitioned: false,
    partition: false,
    columns: new Map(columns),
    comments,
    identities: new Map(),
  });
  for (const at of [address(catalogOid.relation, oid), address(catalogOid.type, value(row, 4))]) draft.ids.set(at, id);
  const array = optional(row, 5);
  if (array !== undefined) draft.ids.set(address(catalogOid.type, array), id);
  draft.expressionOwners.set(address(catalogOid.rule, value(row, 8)), { object, goesWithColumn: false });
  draft.objects.push(object);
  listAttributes(draft, optional(row, 11), unmodelledAttributes, () => qualified(schema, name));
}
