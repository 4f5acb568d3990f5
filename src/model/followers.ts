/** Which tables follow which: partitions their parent, inheriting tables theirs. Known per set of objects, found in one pass. */
import { type ObjectId, tableId } from "./kinds.ts";
import type { SchemaObject, Table } from "./object.ts";

type Objects = ReadonlyMap<ObjectId, SchemaObject>;

/** The tables a table follows: the one it is a partition of, or those it inherits from. */
export function parentsOf(table: Table): readonly ObjectId[] {
  if (table.partitionOf) return [tableId(table.partitionOf.schema, table.partitionOf.table)];
  return (table.inherits ?? []).map((parent) => tableId(parent.schema, parent.table));
}

const known = new WeakMap<Objects, ReadonlyMap<ObjectId, readonly Table[]>>();

/** The tables that follow each table directly, in id order. */
export function followersIn(objects: Objects): ReadonlyMap<ObjectId, readonly Table[]> {
  const found = known.get(objects);
  if (found !== undefined) return found;
  const followers = new Map<ObjectId, Table[]>();
  for (const object of objects.values()) {
    if (object.kind !== "table") continue;
    for (const parent of parentsOf(object)) followers.set(parent, [...(followers.get(parent) ?? []), object]);
  }
  known.set(objects, followers);
  return followers;
}

/** What is known of objects that are edited in place no longer holds when one that follows another comes, goes or changes. */
export function forgetFollowers(objects: Objects, ...changed: readonly (SchemaObject | undefined)[]): void {
  if (changed.some((object) => object?.kind === "table" && parentsOf(object).length > 0)) known.delete(objects);
}
