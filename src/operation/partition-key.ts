/** Columns that divide a table into partitions: what Postgres never changes about them (14 to 18), and how that is refused. */
import { toolError } from "../base/errors.ts";
import { getObject, type SchemaGraph } from "../model/graph.ts";
import { allFollowersOf } from "../model/inheritance.ts";
import { tableId } from "../model/kinds.ts";
import type { Table } from "../model/object.ts";
import { isName, tokensOf } from "../model/rename-text.ts";
import { type ColumnPlace, columnIdOf, columnInWords, inWords } from "./place.ts";

/**
 * Refuses a change of a column that is part of a partition key, of its table or of a partition that is divided further.
 * @param verb what is to happen to it: `change the type of`
 * @throws ToolError not_supported that names the column and the table
 */
export function refuseInPartitionKey(graph: SchemaGraph, column: ColumnPlace, verb: string): void {
  const id = tableId(column.schema, column.table);
  const own = getObject(graph, "table", id);
  const divided = (own === undefined ? [] : [own, ...allFollowersOf(graph, id)]).find((table) =>
    isInPartitionKey(table, column.name),
  );
  if (divided === undefined) return;
  const table = inWords(divided.schema, divided.name);
  throw toolError({
    code: "not_supported",
    what: `cannot ${verb} ${columnInWords(column)}`,
    why: `${table} is divided by it (${divided.partitionBy}), and Postgres allows that for no column of a partition key`,
    state: "nothing was changed",
    next: `make a table divided as it shall be under another name, copy the rows of ${table} over, and rename both in a migration of its own`,
    details: { object: columnIdOf(column) },
  });
}

/** Whether a table is divided by a column, by itself or within an expression. */
function isInPartitionKey({ partitionBy }: Table, name: string): boolean {
  if (partitionBy === undefined) return false;
  const tokens = tokensOf(partitionBy.slice(partitionBy.indexOf("(")));
  // A name before a parenthesis is that of a function.
  return tokens.some((part, at) => isName(part, name) && tokens[at + 1] !== "(");
}
