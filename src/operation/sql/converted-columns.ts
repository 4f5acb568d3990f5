/** Columns that get the new form of their type in place: one ALTER TABLE for each table, so that it is rewritten once. */
import * as v from "valibot";
import { groupBy } from "../../base/ordered.ts";
import type { SchemaGraph } from "../../model/graph.ts";
import { generationOf, isFollowing } from "../../model/inheritance.ts";
import { tableId } from "../../model/kinds.ts";
import { type Column, columnSchema } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";

const { schema, table, name, type, collation, storage, default: expression } = columnSchema.entries;

/** A column that is converted; without `default` it has none afterwards. */
export const convertedColumn = v.strictObject({
  schema,
  table,
  column: name,
  type,
  collation,
  storage,
  default: expression,
  /** its type changes along with that of a table it is a partition of or inherits from */
  follows: v.optional(v.literal(true)),
});

export type ConvertedColumn = v.InferOutput<typeof convertedColumn>;

/** Columns of a graph as what is converted, those of a table before those of the tables that follow it. */
export function convertedColumnsOf(graph: SchemaGraph, columns: readonly Column[]): ConvertedColumn[] {
  const depths = new Map(columns.map((column) => [column, generationOf(graph, tableId(column.schema, column.table))]));
  return [...columns]
    .sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0))
    .map((column) => {
      const { schema, table, name, type, collation, storage, default: expression } = column;
      return {
        schema,
        table,
        column: name,
        type,
        ...(collation === undefined ? {} : { collation }),
        ...(storage === undefined ? {} : { storage }),
        ...(expression === undefined ? {} : { default: expression }),
        ...(isFollowing(graph, column) ? { follows: true as const } : {}),
      };
    });
}

/**
 * The statements that convert them. A default cannot be cast along: it goes and comes back. What is said of a table's
 * column is carried through to those that follow, so these get back only what is their own.
 * @param using the USING expression for a column, without one the server's own conversion
 * @param asInput the default as it is given again
 */
export function conversionStatements(
  columns: readonly ConvertedColumn[],
  using: (column: ConvertedColumn) => string | undefined,
  asInput: (expression: string) => string = (text) => text,
): Statement[] {
  const tables = groupBy(columns, (column) => qualified(column.schema, column.table));
  return [...tables].map(([relation, list]) => {
    const actions = list.flatMap((column) => {
      const alter = `alter column ${quoteIdent(column.column)}`;
      const collate = column.collation === undefined ? "" : ` collate ${column.collation}`;
      const expression = using(column);
      const converted = `${alter} type ${column.type}${collate}${expression === undefined ? "" : ` using ${expression}`}`;
      return [
        `${alter} drop default`,
        ...(column.follows ? [] : [converted]),
        ...(column.default === undefined ? [] : [`${alter} set default ${asInput(column.default)}`]),
        ...(column.storage === undefined ? [] : [`${alter} set storage ${column.storage}`]),
      ];
    });
    return statement(`alter table ${relation}\n  ${actions.join(",\n  ")}`, "access exclusive", [relation], "rewrite");
  });
}
