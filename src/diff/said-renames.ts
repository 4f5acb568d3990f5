/**
 * Renames that a schema source says of its own tables and columns. They stay in the source after they were made, so only
 * those that are still to be made become `old=new` pairs.
 */
import type { SchemaGraph } from "../model/graph.ts";
import { columnId, type ObjectId, tableId } from "../model/kinds.ts";
import { readRenames } from "./renames.ts";

/** A table or column, by its new name, and the name it had before. */
export interface SaidRename {
  readonly schema: string;
  readonly table: string;
  readonly column?: string;
  readonly from: string;
}

/**
 * The pairs for what has its old name in `before`, its new one in `after`, and is not among the pairs given already; those
 * come first. What has its new name in `before` was renamed earlier.
 */
export function withSaidRenames(
  before: SchemaGraph,
  after: SchemaGraph,
  given: readonly string[],
  said: readonly SaidRename[],
): string[] {
  if (said.length === 0) return [...given];
  const pairs = [...given];
  const oldTables = new Map<ObjectId, string>();
  const settled = new Set<ObjectId>();
  for (const rename of readRenames(before, given)) {
    if (rename.of === "column") settled.add(columnId(rename.schema, rename.table, rename.from));
    else if (rename.of === "table") {
      settled.add(tableId(rename.schema, rename.from));
      oldTables.set(tableId(rename.schema, rename.to), rename.from);
    }
  }
  const add = (old: ObjectId, now: ObjectId, target: ObjectId, pair: readonly (readonly string[])[]): boolean => {
    if (settled.has(old) || !before.objects.has(old) || before.objects.has(now) || !after.objects.has(target))
      return false;
    settled.add(old);
    pairs.push(pair.map((path) => path.map(quoted).join(".")).join("="));
    return true;
  };
  for (const { schema, table, column, from } of said) {
    if (column !== undefined) continue;
    const now = tableId(schema, table);
    const pair = [
      [schema, from],
      [schema, table],
    ];
    if (add(tableId(schema, from), now, now, pair)) oldTables.set(now, from);
  }
  for (const { schema, table, column, from } of said) {
    if (column === undefined) continue;
    const old = oldTables.get(tableId(schema, table)) ?? table;
    const pair = [
      [schema, old, from],
      [schema, table, column],
    ];
    add(columnId(schema, old, from), columnId(schema, old, column), columnId(schema, table, column), pair);
  }
  return pairs;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
