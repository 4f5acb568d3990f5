/** Who holds the names of a graph that two objects never hold at once: of relations, types, constraints of a table and so on. */
import type { SchemaGraph } from "./graph.ts";
import { type ObjectId, objectId, occupiedNames, parentId } from "./kinds.ts";
import type { SchemaObject } from "./object.ts";

const known = new WeakMap<SchemaGraph, ReadonlyMap<string, ObjectId>>();

/** The object with which each name space key is taken, or the table of it if it is a part of one. One pass for each graph. */
function holders(graph: SchemaGraph): ReadonlyMap<string, ObjectId> {
  const found = known.get(graph);
  if (found !== undefined) return found;
  const map = new Map<string, ObjectId>();
  for (const object of graph.objects.values())
    for (const name of occupiedNames(object)) map.set(name, parentId(object) ?? objectId(object));
  known.set(graph, map);
  return map;
}

/** Whether a part's name is taken in a graph by something that belongs to another table, or is one by itself. */
export function isNameHeldElsewhere(graph: SchemaGraph, part: SchemaObject): boolean {
  const held = holders(graph);
  const parent = parentId(part);
  return occupiedNames(part).some((name) => held.has(name) && held.get(name) !== parent);
}
