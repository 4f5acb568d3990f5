/** The SQL of constraints, as they stand in CREATE TABLE and after ADD. */
import { unreachable } from "../../base/assert.ts";
import type { Check, ForeignKey, PrimaryKey, Unique } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified, quoteIdent, quoteList } from "../../sql/identifier.ts";

export type Constraint = PrimaryKey | Unique | Check | ForeignKey;

/** `constraint name …`, without NOT VALID. */
export function constraintClause(constraint: Constraint): string {
  return `constraint ${quoteIdent(constraint.name)} ${constraintBody(constraint)}`;
}

/** What follows the name. */
export function constraintBody(constraint: Constraint): string {
  switch (constraint.kind) {
    case "primaryKey":
      return `primary key ${keyColumns(constraint)}${placeOfIndex(constraint)}${deferral(constraint)}`;
    case "unique":
      return `unique ${constraint.nullsNotDistinct ? "nulls not distinct " : ""}${keyColumns(constraint)}${placeOfIndex(constraint)}${deferral(constraint)}`;
    case "check":
      return `check ${asInput(constraint.expression)}${constraint.noInherit ? " no inherit" : ""}${enforcement(constraint)}`;
    case "foreignKey":
      return foreignKeyBody(constraint);
    default:
      return unreachable(constraint);
  }
}

function enforcement(constraint: { notEnforced?: true | undefined }): string {
  return constraint.notEnforced ? " not enforced" : "";
}

function placeOfIndex({ tablespace }: PrimaryKey | Unique): string {
  return tablespace === undefined ? "" : ` using index tablespace ${quoteIdent(tablespace)}`;
}

/** `(a, b) include (c)`. */
export function keyColumns(key: {
  columns: readonly string[];
  include?: readonly string[] | undefined;
  withoutOverlaps?: true | undefined;
}): string {
  return `(${quoteList(key.columns)}${key.withoutOverlaps ? " without overlaps" : ""})${key.include ? ` include (${quoteList(key.include)})` : ""}`;
}

/** ` deferrable initially deferred`, or nothing. */
export function deferral(constraint: { deferrable?: true | undefined; initiallyDeferred?: true | undefined }): string {
  if (!constraint.deferrable) return "";
  return constraint.initiallyDeferred ? " deferrable initially deferred" : " deferrable";
}

function foreignKeyBody(key: ForeignKey): string {
  const { references } = key;
  const columns = (names: readonly string[]): string =>
    key.period
      ? [...names.slice(0, -1).map(quoteIdent), `period ${quoteList(names.slice(-1))}`].join(", ")
      : quoteList(names);
  let body = `foreign key (${columns(key.columns)}) references ${qualified(references.schema, references.table)} (${columns(references.columns)})`;
  if (key.match) body += ` match ${key.match}`;
  if (key.onUpdate) body += ` on update ${key.onUpdate}`;
  if (key.onDelete) body += ` on delete ${key.onDelete}`;
  if (key.onDeleteColumns) body += ` (${quoteList(key.onDeleteColumns)})`;
  return body + deferral(key) + enforcement(key);
}
