/** Reads primary keys, unique constraints, foreign keys and checks of the graph's tables. */
import { makeId } from "../../model/kinds.ts";
import type { Check, ForeignKey, PrimaryKey, SchemaObject, Unique } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, columnNames, type DraftTable } from "./draft.ts";
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

const actions: Readonly<Record<string, "cascade" | "restrict" | "set null" | "set default">> = {
  c: "cascade",
  r: "restrict",
  n: "set null",
  d: "set default",
};

/** Kinds of constraint (contype) that no object schema describes; NOT NULL ones of 18 are columns' attributes. */
const unmodelledConstraints: Readonly<Record<string, string>> = { x: "exclusion constraint" };

export const constraints: CatalogFamily = {
  name: "constraints",
  query: (versionNum) => `
select k.oid, k.conname, k.contype, k.conrelid, k.conkey, k.confrelid, k.confkey, k.confupdtype, k.confdeltype,
  k.confmatchtype, ${versionNum >= 150000 ? "k.confdelsetcols" : "null"}, k.condeferrable, k.condeferred, k.convalidated,
  k.connoinherit, pg_catalog.pg_get_expr(k.conbin, k.conrelid), i.indnkeyatts, i.indkey,
  ${versionNum >= 150000 ? "i.indnullsnotdistinct" : "false"},
  ${versionNum >= 180000 ? "k.conperiod" : "false"}, ${versionNum >= 180000 ? "k.conenforced" : "true"}
from pg_catalog.pg_constraint k
left join pg_catalog.pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u')
where k.conrelid >= ${firstUserOid} and k.contype in ('p', 'u', 'f', 'c', 'x')
order by k.conrelid, k.oid`,
  read(rows, draft) {
    for (const row of rows) readConstraint(row, draft);
  },
};

function readConstraint(row: CatalogRow, draft: CatalogDraft): void {
  const table = draft.tables.get(value(row, 3));
  if (!table) return;
  const name = value(row, 1);
  const type = value(row, 2);
  const keys = numberList(optional(row, 4));
  const columns = columnNames(table, keys);
  if (columns === undefined && touchesParked(draft, value(row, 3), keys)) return;
  const unmodelled = unmodelledKind(row, draft);
  if (unmodelled !== undefined) {
    draft.unmodelled.push({ kind: unmodelled, name: `${qualified(table.schema, table.name)}.${quoteIdent(name)}` });
    return;
  }
  if (type === "f") readForeignKey(row, draft, table, columns ?? []);
  else if (type === "c") readCheck(row, draft, table);
  else readKey(row, draft, table, columns ?? []);
}

function touchesParked(draft: CatalogDraft, tableOid: string, numbers: readonly string[]): boolean {
  return numbers.some((number) => draft.parkedColumns.has(address(catalogOid.relation, tableOid, number)));
}

function unmodelledKind(row: CatalogRow, draft: CatalogDraft): string | undefined {
  const type = value(row, 2);
  if (isTrue(row, 19)) return "temporal constraint";
  if (!isTrue(row, 20)) return "constraint that is not enforced";
  const target = value(row, 5);
  if (type === "f" && !draft.tables.has(target) && !draft.ownRelations.has(target)) {
    return "foreign key to a table that is not modelled";
  }
  return unmodelledConstraints[type];
}

function finish(row: CatalogRow, draft: CatalogDraft, object: SchemaObject): void {
  const comment = draft.comments.get(address(catalogOid.constraint, value(row, 0)));
  if (comment !== undefined && "name" in object) object.comment = comment;
  draft.objects.push(object);
}

function readKey(row: CatalogRow, draft: CatalogDraft, table: DraftTable, columns: string[]): void {
  const include = columnNames(table, numberList(optional(row, 17)).slice(Number(value(row, 16))));
  if (include === undefined) return;
  const object: PrimaryKey | Unique = {
    kind: value(row, 2) === "p" ? "primaryKey" : "unique",
    schema: table.schema,
    table: table.name,
    name: value(row, 1),
    columns,
  };
  if (include.length > 0) object.include = include;
  if (isTrue(row, 11)) object.deferrable = true;
  if (isTrue(row, 12)) object.initiallyDeferred = true;
  if (object.kind === "unique" && isTrue(row, 18)) object.nullsNotDistinct = true;
  finish(row, draft, object);
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
  if (value(row, 9) === "f") object.match = "full";
  const onUpdate = actions[value(row, 7)];
  const onDelete = actions[value(row, 8)];
  if (onUpdate !== undefined) object.onUpdate = onUpdate;
  if (onDelete !== undefined) object.onDelete = onDelete;
  const onDeleteColumns = columnNames(table, numberList(optional(row, 10)));
  if (onDeleteColumns !== undefined && onDeleteColumns.length > 0) object.onDeleteColumns = onDeleteColumns;
  if (isTrue(row, 11)) object.deferrable = true;
  if (isTrue(row, 12)) object.initiallyDeferred = true;
  if (!isTrue(row, 13)) object.notValid = true;
  finish(row, draft, object);
}

/** pg_get_constraintdef prints CHECK, then in parentheses what pg_get_expr gives (ruleutils.c, the same in 14 to 18). */
function readCheck(row: CatalogRow, draft: CatalogDraft, table: DraftTable): void {
  const object: Check = {
    kind: "check",
    schema: table.schema,
    table: table.name,
    name: value(row, 1),
    expression: `(${printed(row, 15)})`,
  };
  if (isTrue(row, 14)) object.noInherit = true;
  if (!isTrue(row, 13)) object.notValid = true;
  draft.expressionOwners.set(address(catalogOid.constraint, value(row, 0)), {
    object,
    id: makeId("check", table.schema, table.name, object.name),
    structural: new Set([makeId("table", table.schema, table.name)]),
    goesWithColumn: true,
  });
  finish(row, draft, object);
}
