/**
 * The order of plain columns in the definition of a statistics object. Postgres keeps them sorted by their place in the
 * table, whatever order they were given in (14 to 18), so the order means nothing; expressions after them keep theirs.
 */
import { compareText } from "../base/ordered.ts";

const plainColumn = /^("(?:[^"]|"")+"|[a-z_][a-z0-9_]*)(, |$)/;

/** A definition such as `(mcv) ON b, a, (c + 1)` with its plain columns by name: `(mcv) ON a, b, (c + 1)`. */
export function withSortedColumns(definition: string): string {
  const [head] = /^(?:\([^)]*\) )?ON /.exec(definition) ?? [];
  if (head === undefined) return definition;
  const columns: string[] = [];
  let rest = definition.slice(head.length);
  for (let found = plainColumn.exec(rest); found !== null; found = plainColumn.exec(rest)) {
    columns.push(found[1] as string);
    rest = rest.slice(found[0].length);
  }
  columns.sort(compareText);
  return head + [...columns, ...(rest === "" ? [] : [rest])].join(", ");
}
