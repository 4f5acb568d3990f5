/** What renameConstraint, renameIndex and renameSequence share, and which of them renames an object. */
import { childrenByParent, type GraphEdit, getObject, type SchemaGraph } from "../model/graph.ts";
import { attachedTo } from "../model/inheritance.ts";
import { makeId, type ObjectId, objectId } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import { type Operation, operation } from "./define.ts";

/** The edit that gives an object another name; none when the graph does not have it. */
export function renamedObject(graph: SchemaGraph, id: ObjectId, to: string): GraphEdit[] {
  const object = graph.objects.get(id);
  if (object === undefined || !("name" in object)) return [];
  const grants = (childrenByParent(graph).get(id) ?? []).filter((part) => part.kind === "grant");
  const renamed: GraphEdit[] = [
    { put: { ...object, name: to }, at: id },
    ...grants.map((grant) => ({ put: { ...grant, on: { ...grant.on, name: to } }, at: objectId(grant) })),
    ...namedBy(graph, object, to),
  ];
  if (!("partitioned" in object) || !object.partitioned) return renamed;
  return [...renamed, ...attachedTo(graph, id).map((key) => ({ put: attachedUnder(key, to) }))];
}

function attachedUnder(key: SchemaObject, to: string): SchemaObject {
  return "attachedTo" in key && key.attachedTo ? { ...key, attachedTo: { ...key.attachedTo, name: to } } : key;
}

/** What names an index of its table follows the index. */
function namedBy(graph: SchemaGraph, object: SchemaObject & { name: string }, to: string): GraphEdit[] {
  if (!("table" in object)) return [];
  return (["replicaIdentity", "clustering"] as const).flatMap((kind): GraphEdit[] => {
    const found = getObject(graph, kind, makeId(kind, object.schema, object.table));
    return found?.index === object.name ? [{ put: { ...found, index: to } as SchemaObject }] : [];
  });
}

/** The operation that gives an object another name, for kinds of objects that are renamed by themselves. */
export function renamePartOperation(object: SchemaObject, to: string): Operation | undefined {
  switch (object.kind) {
    case "primaryKey":
    case "unique":
    case "check":
    case "foreignKey":
    case "exclusion": {
      const { kind: constraint, schema, table, name: from } = object;
      return operation("renameConstraint", { constraint, schema, table, from, to });
    }
    case "index":
      return operation("renameIndex", { schema: object.schema, from: object.name, to });
    case "sequence":
      return operation("renameSequence", { schema: object.schema, from: object.name, to });
    default:
      return undefined;
  }
}
