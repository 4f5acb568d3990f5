/**
 * Where an operation acts: a table or column named by its parts, as it stands in payloads, and what shared code needs to
 * know of such a place (id, words, SQL, a changed copy). Knows no kind of operation.
 */
import { type GraphEdit, getObject, type SchemaGraph } from "../model/graph.ts";
import { columnId, type ObjectId, tableId } from "../model/kinds.ts";
import { type Column, columnSchema, type Table, tableSchema } from "../model/object.ts";
import type { Facts } from "../risk/facts.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";

/** Payload members that name a table. */
export const tablePlace = { schema: tableSchema.entries.schema, name: tableSchema.entries.name };

/** Payload members that name a column. */
export const columnPlace = {
  schema: columnSchema.entries.schema,
  table: columnSchema.entries.table,
  name: columnSchema.entries.name,
};

export interface TablePlace {
  readonly schema: string;
  readonly name: string;
}

export interface ColumnPlace {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

/** The place of a column, without its other members. */
export function placeOf({ schema, table, name }: ColumnPlace): ColumnPlace {
  return { schema, table, name };
}

/** The id of the column there. */
export function columnIdOf(place: ColumnPlace): ObjectId {
  return columnId(place.schema, place.table, place.name);
}

/** The id of the table a column is in. */
export function tableIdOf(place: ColumnPlace): ObjectId {
  return tableId(place.schema, place.table);
}

/** A name in words: quoted as in SQL, the schema left out where it is public. */
export function inWords(schema: string, ...names: readonly string[]): string {
  const parts = schema === "public" ? names : [schema, ...names];
  return parts.map(quoteIdent).join(".");
}

/** A column in words: `users.email`. */
export function columnInWords(place: ColumnPlace): string {
  return inWords(place.schema, place.table, place.name);
}

/** The table a column is in, as SQL names it. */
export function tableOf(place: ColumnPlace): string {
  return qualified(place.schema, place.table);
}

/** `alter table … alter column …`, to be followed by what is to change. */
export function alterColumn(place: ColumnPlace): string {
  return `alter table ${tableOf(place)} alter column ${quoteIdent(place.name)}`;
}

/** Whether the table of a place was made earlier in the same migration. */
export function onFreshTable(place: ColumnPlace, facts: Facts): boolean {
  return facts.isFresh(tableIdOf(place));
}

/** The members that change; undefined takes one away. */
export type Members<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** A copy with some members changed; those given as undefined are left out. */
export function withMembers<T extends object>(object: T, members: Members<T>): T {
  const copy = { ...object } as Record<string, unknown>;
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined) delete copy[key];
    else copy[key] = value;
  }
  return copy as T;
}

/** The edit that changes members of a column; none when the graph has no such column. */
export function editColumn(graph: SchemaGraph, place: ColumnPlace, members: Members<Column>): readonly GraphEdit[] {
  const column = getObject(graph, "column", columnIdOf(place));
  return column === undefined ? [] : [{ put: withMembers(column, members) }];
}

/** The edit that changes members of a table; none when the graph has no such table. */
export function editTable(graph: SchemaGraph, place: TablePlace, members: Members<Table>): readonly GraphEdit[] {
  const table = getObject(graph, "table", tableId(place.schema, place.name));
  return table === undefined ? [] : [{ put: withMembers(table, members) }];
}

/** What a column's expressions and type refer to in a graph, for payloads: absent when nothing. */
export function dependenciesOf(column: Column | undefined): { dependsOn?: string[] } {
  return column?.dependsOn === undefined || column.dependsOn.length === 0 ? {} : { dependsOn: column.dependsOn };
}
