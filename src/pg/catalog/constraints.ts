/** Reads primary keys, unique constraints, exclusion constraints, foreign keys and checks of the graph's tables. */
import { objectId } from "../../model/kinds.ts";
import type { Check, Exclusion, ForeignKey, PrimaryKey, Unique } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import {
  address,
  type CatalogDraft,
  catalogOid,
  columnNames,
  commentOn,
  type DraftTable,
  listAttributes,
} from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, numberList, optional, printed, value } from "./family.ts";

const actions: Readonly<Record<string, "cascade" | "restrict" | "set null" | "set default">> = {
  c: "cascade",
  r: "restrict",
  n: "set null",
  d: "set default",
};

/** Attributes of a constraint's index that the graph does not model, by the letters the query gives them. */
const unmodelledAttributes = {
  o: "storage parameters of index",
  t: "tablespace of the index of an exclusion constraint",
};

export const constraints: CatalogFamily = {
  name: "constraints",
  width: 20,
  query: (versionNum) => `
select k.oid, k.conname, k.contype, k.conrelid, k.conkey, nullif(k.confrelid, 0), k.confkey,
  nullif(nullif(k.confupdtype, 'a'), ' '), nullif(nullif(k.confdeltype, 'a'), ' '),
  ${versionNum >= 150000 ? "k.confdelsetcols" : "null"},
  case when k.confmatchtype = 'f' or k.conexclop is not null or k.condeferrable or not k.convalidated or k.connoinherit and k.contype = 'c'
    ${versionNum >= 150000 ? "or i.indnullsnotdistinct" : ""} ${versionNum >= 180000 ? "or k.conperiod or not k.conenforced" : ""}
  then pg_catalog.concat(
    case when k.confmatchtype = 'f' then 'f' end,
    case when k.conexclop is not null and k.conparentid <> 0 then 'q' end,
    case when k.condeferrable then 'd' end,
    case when k.condeferred then 'i' end,
    case when not k.convalidated then 'v' end,
    case when k.connoinherit and k.contype = 'c' then 'n' end,
    ${versionNum >= 150000 ? "case when i.indnullsnotdistinct then 'u' end," : ""}
    ${versionNum >= 180000 ? "case when k.conperiod then 'p' end, case when not k.conenforced then 'e' end" : "''"}) end,
  pg_catalog.pg_get_expr(k.conbin, k.conrelid), case when i.indnatts > i.indnkeyatts then i.indkey end, i.indnkeyatts,
  i.indexrelid,
  case when x.reloptions is not null or x.reltablespace <> 0 or i.indisclustered
  then pg_catalog.concat(
    case when x.reloptions is not null then 'o' end,
    case when x.reltablespace <> 0 then 't' end,
    case when i.indisclustered then 'c' end) end,
  nullif(not k.conislocal, false), h.inhparent,
  case when k.contype = 'x' then pg_catalog.pg_get_constraintdef(k.oid) end,
  case when x.reltablespace <> 0 then (select s.spcname from pg_catalog.pg_tablespace s where s.oid = x.reltablespace) end
from pg_catalog.pg_constraint k
left join pg_catalog.pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x')
left join pg_catalog.pg_class x on x.oid = k.conindid and k.contype in ('p', 'u', 'x')
left join pg_catalog.pg_inherits h on h.inhrelid = k.conindid and k.contype in ('p', 'u', 'x')
where k.conrelid >= ${firstUserOid} and k.contype in ('p', 'u', 'f', 'c', 'x')
  and not ((k.contype in ('f', 'x') or k.conexclop is not null) and k.conparentid <> 0 and i.indisclustered is not true)
order by k.conrelid, k.oid`,
  read(rows, draft) {
    for (const row of rows) readConstraint(row, draft);
  },
};

function readConstraint(row: CatalogRow, draft: CatalogDraft): void {
  const tableOid = value(row, 3);
  const table = draft.tables.get(tableOid);
  if (!table) return;
  const type = value(row, 2);
  const keys = numberList(optional(row, 4));
  const columns = columnNames(table, keys);
  if (columns === undefined && touchesParked(draft, tableOid, keys)) return;
  const unmodelled = unmodelledKind(row, draft);
  if (unmodelled !== undefined) {
    const name = `${qualified(table.schema, table.name)}.${quoteIdent(value(row, 1))}`;
    draft.unmodelled.push({ kind: unmodelled, name });
  } else if (type === "f") readForeignKey(row, draft, table, columns ?? []);
  else if (type === "c") readCheck(row, draft, table);
  else if (type === "x") readExclusion(row, draft, table, keys);
  else readKey(row, draft, table, columns ?? []);
}

/**
 * Whether the query set a mark: f match full, d deferrable, i initially deferred, v not valid, n no inherit, u nulls not
 * distinct, p with a period (18), e not enforced (18), q an exclusion constraint that is a partition's part of its parent's.
 */
function isMarked(row: CatalogRow, mark: string): boolean {
  return row[10]?.includes(mark) === true;
}

function touchesParked(draft: CatalogDraft, tableOid: string, numbers: readonly string[]): boolean {
  return numbers.some((number) => draft.parkedColumns.has(address(catalogOid.relation, tableOid, number)));
}

function unmodelledKind(row: CatalogRow, draft: CatalogDraft): string | undefined {
  if (isMarked(row, "q")) return "clustering by a partition's part of an exclusion constraint";
  const target = optional(row, 5);
  if (target !== undefined && !draft.tables.has(target) && !draft.ownRelations.has(target)) {
    return "foreign key to a table that is not modelled";
  }
  return undefined;
}

function finish(
  row: CatalogRow,
  draft: CatalogDraft,
  object: PrimaryKey | Unique | ForeignKey | Check | Exclusion,
): void {
  const comment = commentOn(draft, catalogOid.constraint, value(row, 0));
  if (comment !== undefined) object.comment = comment;
  // a view that groups by a primary key refers to it
  draft.ids.set(address(catalogOid.constraint, value(row, 0)), objectId(object));
  draft.objects.push(object);
}

function readKey(row: CatalogRow, draft: CatalogDraft, table: DraftTable, columns: string[]): void {
  const include = columnNames(table, numberList(optional(row, 12)).slice(Number(value(row, 13))));
  if (include === undefined) return;
  const object: PrimaryKey | Unique = {
    kind: value(row, 2) === "p" ? "primaryKey" : "unique",
    schema: table.schema,
    table: table.name,
    name: value(row, 1),
    columns,
  };
  if (include.length > 0) object.include = include;
  if (isMarked(row, "p")) object.withoutOverlaps = true;
  if (isMarked(row, "d")) object.deferrable = true;
  if (isMarked(row, "i")) object.initiallyDeferred = true;
  if (object.kind === "unique" && isMarked(row, "u")) object.nullsNotDistinct = true;
  if (table.partitioned) object.partitioned = true;
  const tablespace = optional(row, 19);
  if (tablespace !== undefined) object.tablespace = tablespace;
  const index = optional(row, 17);
  if (index !== undefined) draft.attachedKeys.push({ object, index });
  draft.indexNames.set(value(row, 14), {
    kind: object.kind,
    schema: table.schema,
    table: table.name,
    name: object.name,
  });
  finish(row, draft, object);
  readIndexOf(row, draft, object);
}

/** What is recorded of a constraint's index. Storage parameters of an exclusion constraint are in its definition. */
function readIndexOf(row: CatalogRow, draft: CatalogDraft, object: PrimaryKey | Unique | Exclusion): void {
  const { schema, table, name } = object;
  const index = qualified(schema, name);
  const letters = optional(row, 15);
  if (letters?.includes("c")) draft.objects.push({ kind: "clustering", schema, table, index: name });
  const ignored = object.kind === "exclusion" ? /[co]/g : /[ct]/g;
  listAttributes(draft, letters?.replace(ignored, ""), unmodelledAttributes, () => index);
  if (commentOn(draft, catalogOid.relation, value(row, 14)) !== undefined) {
    draft.unmodelled.push({ kind: "comment on index of a constraint", name: index });
  }
}

function readForeignKey(row: CatalogRow, draft: CatalogDraft, table: DraftTable, columns: string[]): void {
  const target = draft.tables.get(value(row, 5));
  const targetColumns = target && columnNames(target, numberList(optional(row, 6)));
  if (!target || !targetColumns) return;
  const object: ForeignKey = {
    kind: "foreignKey",
    schema: table.schema,
    table: table.name,
    name: value(row, 1),
    columns,
    references: { schema: target.schema, table: target.name, columns: targetColumns },
  };
  if (isMarked(row, "f")) object.match = "full";
  const onUpdate = actions[row[7] ?? ""];
  const onDelete = actions[row[8] ?? ""];
  if (onUpdate !== undefined) object.onUpdate = onUpdate;
  if (onDelete !== undefined) object.onDelete = onDelete;
  const onDeleteColumns = optional(row, 9);
  if (onDeleteColumns !== undefined) {
    const names = columnNames(table, numberList(onDeleteColumns));
    if (names !== undefined && names.length > 0) object.onDeleteColumns = names;
  }
  if (isMarked(row, "d")) object.deferrable = true;
  if (isMarked(row, "i")) object.initiallyDeferred = true;
  if (isMarked(row, "p")) object.period = true;
  readValidity(row, object);
  if (table.partitioned) object.partitioned = true;
  finish(row, draft, object);
}

/** What is not enforced was never validated. */
function readValidity(row: CatalogRow, object: ForeignKey | Check): void {
  if (isMarked(row, "e")) object.notEnforced = true;
  else if (isMarked(row, "v")) object.notValid = true;
}

const deferralWords = / DEFERRABLE(?: INITIALLY DEFERRED)?$/;

function readExclusion(row: CatalogRow, draft: CatalogDraft, table: DraftTable, keys: readonly string[]): void {
  const columns = columnNames(table, [...new Set(keys.filter((number) => number !== "0"))]);
  if (columns === undefined) return;
  const object: Exclusion = {
    kind: "exclusion",
    schema: table.schema,
    table: table.name,
    name: value(row, 1),
    definition: printed(row, 18)
      .replace(/^EXCLUDE /, "")
      .replace(deferralWords, ""),
    columns,
  };
  if (isMarked(row, "d")) object.deferrable = true;
  if (isMarked(row, "i")) object.initiallyDeferred = true;
  const owner = { object, goesWithColumn: true };
  draft.expressionOwners.set(address(catalogOid.constraint, value(row, 0)), owner);
  // what expressions and the predicate refer to is recorded for the index
  draft.expressionOwners.set(address(catalogOid.relation, value(row, 14)), owner);
  finish(row, draft, object);
  readIndexOf(row, draft, object);
}

/** pg_get_constraintdef prints CHECK, then in parentheses what pg_get_expr gives (ruleutils.c, the same in 14 to 18). */
function readCheck(row: CatalogRow, draft: CatalogDraft, table: DraftTable): void {
  const object: Check = {
    kind: "check",
    schema: table.schema,
    table: table.name,
    name: value(row, 1),
    expression: `(${printed(row, 11)})`,
  };
  if (optional(row, 16) !== undefined && !table.partition) object.inherited = true;
  if (isMarked(row, "n")) object.noInherit = true;
  readValidity(row, object);
  draft.expressionOwners.set(address(catalogOid.constraint, value(row, 0)), {
    object,
    goesWithColumn: true,
  });
  finish(row, draft, object);
}
