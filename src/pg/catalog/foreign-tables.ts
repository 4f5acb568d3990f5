/** Reads foreign tables with their columns and checks: those are no objects of their own, as nothing is kept in them here. */
import { compareText } from "../../base/ordered.ts";
import type { ForeignCheck, ForeignColumn } from "../../model/foreign-objects.ts";
import { makeId } from "../../model/kinds.ts";
import type { ForeignTable } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, commentOn, isOwnTable, listAttributes } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, optional, userNamespace, value } from "./family.ts";
import { type OptionPairs, optionPairs, readOptions } from "./foreign-options.ts";

/** Attributes that the graph does not model, by the letters the query gives them. */
const unmodelledAttributes = {
  s: "storage of columns of foreign table",
  t: "statistics target of columns of foreign table",
  o: "options of columns of foreign table",
  i: "identity of columns of foreign table",
  T: "trigger on foreign table",
  R: "rule on foreign table",
  n: "not null constraint of foreign table with a name of its own",
};

/** In 18 NOT NULL is a constraint with a name: one that CREATE FOREIGN TABLE would not choose is more than the attribute. */
const namedNotNull = `
    case when exists (
      select from pg_catalog.pg_constraint k join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
      where k.conrelid = c.oid and k.contype = 'n'
        and (k.conname <> pg_catalog.concat(c.relname, '_', a.attname, '_not_null') or k.connoinherit or not k.convalidated)
    ) then 'n' end,`;

export const foreignTables: CatalogFamily = {
  name: "foreign tables",
  width: 11,
  query: (versionNum) => `
select c.oid, c.relnamespace, c.relname, c.reltype, t.typarray, s.srvname, ${optionPairs("f.ftoptions")}, columns.list,
  checks.list,
  case when c.relispartition then 'foreign table that is a partition'
    when exists (select from pg_catalog.pg_inherits h where h.inhrelid = c.oid) then 'foreign table that inherits' end,
  pg_catalog.concat(${versionNum >= 180000 ? namedNotNull : ""}
    columns.letters,
    case when exists (select from pg_catalog.pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal) then 'T' end,
    case when exists (select from pg_catalog.pg_rewrite r where r.ev_class = c.oid) then 'R' end)
from pg_catalog.pg_foreign_table f
join pg_catalog.pg_class c on c.oid = f.ftrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
left join pg_catalog.pg_type t on t.oid = c.reltype
cross join lateral (
  select pg_catalog.json_agg(pg_catalog.json_build_object('number', a.attnum, 'name', a.attname,
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'collation', case when a.attcollation <> y.typcollation
        then pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) end,
      'notNull', a.attnotnull, 'expression', pg_catalog.pg_get_expr(d.adbin, d.adrelid), 'generated', a.attgenerated,
      'default', d.oid, 'options', ${optionPairs("a.attfdwoptions")}) order by a.attnum) as list,
    pg_catalog.concat(
      case when pg_catalog.bool_or(a.attstorage <> y.typstorage) then 's' end,
      case when pg_catalog.bool_or(a.attstattarget >= 0) then 't' end,
      case when pg_catalog.bool_or(a.attoptions is not null) then 'o' end,
      case when pg_catalog.bool_or(a.attidentity <> '') then 'i' end) as letters
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type y on y.oid = a.atttypid
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  left join pg_catalog.pg_collation l on l.oid = a.attcollation
  left join pg_catalog.pg_namespace ln on ln.oid = l.collnamespace
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
) columns
cross join lateral (
  select pg_catalog.json_agg(pg_catalog.json_build_object('oid', k.oid, 'name', k.conname,
      'expression', pg_catalog.pg_get_expr(k.conbin, k.conrelid), 'noInherit', k.connoinherit,
      'valid', k.convalidated)) as list
  from pg_catalog.pg_constraint k
  where k.conrelid = c.oid and k.contype = 'c'
) checks
where ${userNamespace}
order by c.oid`,
  read(rows, draft) {
    for (const row of rows) readForeignTable(row, draft);
  },
};

interface ColumnRow {
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly collation: string | null;
  readonly notNull: boolean;
  readonly expression: string | null;
  readonly generated: string;
  readonly default: string | number | null;
  readonly options: OptionPairs | null;
}

interface CheckRow {
  readonly oid: string | number;
  readonly name: string;
  readonly expression: string;
  readonly noInherit: boolean;
  readonly valid: boolean;
}

function readForeignTable(row: CatalogRow, draft: CatalogDraft): void {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 1));
  const name = value(row, 2);
  if (schema === undefined || isOwnTable(draft, schema, name)) return;
  if (draft.extensionMembers.has(address(catalogOid.relation, oid))) return;
  const place = (): string => qualified(schema, name);
  const outside = optional(row, 9);
  if (outside !== undefined) {
    draft.listedRelations.add(oid);
    draft.unmodelled.push({ kind: outside, name: place() });
    return;
  }
  const options = JSON.parse(optional(row, 6) ?? "null") as OptionPairs | null;
  const given = JSON.parse(optional(row, 7) ?? "[]") as readonly ColumnRow[];
  const checks = JSON.parse(optional(row, 8) ?? "[]") as readonly CheckRow[];
  const comments = draft.comments.get(address(catalogOid.relation, oid));
  const object: ForeignTable = {
    kind: "foreignTable",
    schema,
    name,
    server: value(row, 5),
    ...readOptions(draft, options, "foreign table", place),
    columns: given.map((column) => readColumn(column, draft, comments, `${place()}.${quoteIdent(column.name)}`)),
  };
  if (checks.length > 0) {
    object.checks = checks.map((check) => readCheck(check, draft)).sort((a, b) => compareText(a.name, b.name));
  }
  const comment = comments?.get("0");
  if (comment !== undefined) object.comment = comment;
  const owner = { object, goesWithColumn: false };
  for (const column of given) {
    draft.expressionOwners.set(address(catalogOid.relation, oid, String(column.number)), owner);
    if (column.default !== null) {
      draft.expressionOwners.set(address(catalogOid.attributeDefault, String(column.default)), owner);
    }
  }
  for (const check of checks) draft.expressionOwners.set(address(catalogOid.constraint, String(check.oid)), owner);
  const id = makeId("foreignTable", schema, name);
  draft.foreignTables.add(oid);
  for (const at of [address(catalogOid.relation, oid), address(catalogOid.type, value(row, 3))]) draft.ids.set(at, id);
  const array = optional(row, 4);
  if (array !== undefined) draft.ids.set(address(catalogOid.type, array), id);
  draft.objects.push(object);
  listAttributes(draft, optional(row, 10), unmodelledAttributes, place);
}

function readColumn(
  row: ColumnRow,
  draft: CatalogDraft,
  comments: ReadonlyMap<string, string> | undefined,
  place: string,
): ForeignColumn {
  const comment = comments?.get(String(row.number));
  const { expression } = row;
  return {
    name: row.name,
    type: row.type,
    ...(row.collation === null ? {} : { collation: row.collation }),
    ...(row.notNull ? { notNull: true as const } : {}),
    ...(expression === null || row.generated !== "" ? {} : { default: expression }),
    ...(expression === null || row.generated === ""
      ? {}
      : { generated: { expression, storage: row.generated === "v" ? ("virtual" as const) : ("stored" as const) } }),
    ...readOptions(draft, row.options, "column of a foreign table", () => place),
    ...(comment === undefined ? {} : { comment }),
  };
}

function readCheck(row: CheckRow, draft: CatalogDraft): ForeignCheck {
  const comment = commentOn(draft, catalogOid.constraint, String(row.oid));
  return {
    name: row.name,
    expression: `(${row.expression})`,
    ...(row.noInherit ? { noInherit: true as const } : {}),
    ...(row.valid ? {} : { notValid: true as const }),
    ...(comment === undefined ? {} : { comment }),
  };
}
