/** The SQL of enum types, and what uses one in a graph. */
import { objectsOfKind, type SchemaGraph } from "../../model/graph.ts";
import { makeId } from "../../model/kinds.ts";
import type { Column, Enum, ForeignKey, SchemaObject } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";

/** CREATE TYPE … AS ENUM. Locks no table. */
export function createEnumStatement(type: Pick<Enum, "schema" | "name" | "values">): Statement {
  return statement(
    `create type ${qualified(type.schema, type.name)} as enum (${type.values.map(quoteLiteral).join(", ")})`,
  );
}

/** DROP TYPE, never with CASCADE. */
export function dropTypeStatement(type: { readonly schema: string; readonly name: string }): Statement {
  return statement(`drop type ${qualified(type.schema, type.name)}`);
}

/** Whether the column's type is the enum or an array of it. */
export function isOfEnum(column: Column, type: { readonly schema: string; readonly name: string }): boolean {
  return spellings(type).includes(column.type.replace(/\[\]$/, ""));
}

/** Servers differ in which names they quote (a word may be reserved in one version only). */
function spellings({ schema, name }: { readonly schema: string; readonly name: string }): string[] {
  const both = (part: string): string[] => [...new Set([quoteIdent(part), part, `"${part.replaceAll('"', '""')}"`])];
  return both(schema).flatMap((left) => both(name).map((right) => `${left}.${right}`));
}

/** The columns whose values are of an enum, in id order. */
export function columnsOfEnum(graph: SchemaGraph, type: { readonly schema: string; readonly name: string }): Column[] {
  const columns: Column[] = [];
  for (const object of graph.objects.values()) {
    if (object.kind === "column" && isOfEnum(object, type)) columns.push(object);
  }
  return columns;
}

/** What refers to an enum in an expression: it keeps the type from being replaced under it. */
export function expressionsWithEnum(
  graph: SchemaGraph,
  type: { readonly schema: string; readonly name: string },
): SchemaObject[] {
  const id = makeId("enum", type.schema, type.name);
  return [...graph.objects.values()].filter(
    (object) => object.dependsOn?.includes(id) && (object.kind !== "column" || object.generated !== undefined),
  );
}

/** A column by the parts of its name. */
export interface ColumnAt {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** Foreign keys that refer from or to one of the columns, in id order. */
export function keysBetween(graph: SchemaGraph, columns: readonly ColumnAt[]): ForeignKey[] {
  if (columns.length === 0) return [];
  return objectsOfKind(graph, "foreignKey").filter((key) => touches(key, columns));
}

/** Whether a foreign key refers from or to one of the columns. */
export function touches(key: ForeignKey, columns: readonly ColumnAt[]): boolean {
  return columns.some(
    ({ schema, table, column }) =>
      (key.schema === schema && key.table === table && key.columns.includes(column)) ||
      (key.references.schema === schema && key.references.table === table && key.references.columns.includes(column)),
  );
}
