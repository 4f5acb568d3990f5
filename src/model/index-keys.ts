/** Which of an index's columns are its keys, read off its definition where that is plain. */
import { quoteList } from "../sql/identifier.ts";
import type { Index } from "./object.ts";

/**
 * The key columns of a B-tree on plain columns of the whole table, in the default order, INCLUDE left out; undefined when it
 * is anything else.
 */
export function plainKeyColumns(index: Pick<Index, "columns" | "definition">): readonly string[] | undefined {
  for (let count = 1; count <= index.columns.length; count++) {
    const keys = index.columns.slice(0, count);
    const rest = index.columns.slice(count);
    const start = `btree (${quoteList(keys)})${rest.length > 0 ? ` INCLUDE (${quoteList(rest)})` : ""}`;
    if (index.definition === start || index.definition === `${start} NULLS NOT DISTINCT`) return keys;
  }
  return undefined;
}
