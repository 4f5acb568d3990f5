/** The operations that make a dropped table or the sequences of a dropped column again, as they were before. */
import { sortedBy } from "../base/ordered.ts";
import { belongingsByOwner, childrenByParent, columnsOfTable, type SchemaGraph } from "../model/graph.ts";
import { attachedTo } from "../model/inheritance.ts";
import { type ObjectId, objectId, tableId } from "../model/kinds.ts";
import type { RowSecurity, SchemaObject, Sequence, Table } from "../model/object.ts";
import { type Operation, operation } from "./define.ts";
import { attachPartitionOperation } from "./partition-place.ts";
import { withMembers } from "./place.ts";

/** Sequences that were given to one of these objects, in id order: they go along with it. */
export function ownedSequences(graph: SchemaGraph, owners: ReadonlySet<ObjectId>): Sequence[] {
  const belongings = belongingsByOwner(graph);
  return sortedBy(
    [...owners].flatMap((owner) => belongings.get(owner) ?? []).filter((object) => object.kind === "sequence"),
    objectId,
  );
}

/** Sequences are made before what takes numbers from them and given to it afterwards. */
export function aroundOwner(sequences: readonly Sequence[], owner: readonly Operation[]): Operation[] {
  return [
    ...sequences.map((sequence) =>
      operation("createSequence", { sequence: withMembers(sequence, { ownedBy: undefined }) }),
    ),
    ...owner,
    ...sequences.map(({ schema, name, ownedBy }) => operation("setSequenceOwner", { schema, name, to: ownedBy })),
  ];
}

/** A table with everything on it, in an order in which each operation finds what it needs. */
export function remakeTable(graph: SchemaGraph, table: Table): Operation[] {
  const parts = childrenByParent(graph).get(tableId(table.schema, table.name)) ?? [];
  const inline = parts.filter((part) => isInline(part)).map(free);
  const columns = columnsOfTable(graph, table.schema, table.name).map((column) =>
    withMembers(column, { position: undefined }),
  );
  const create = operation("createTable", {
    table: withMembers(table, { partitionOf: undefined }),
    columns,
    ...(inline.length > 0 ? { constraints: inline } : {}),
  });
  const { partitionOf } = table;
  return [
    create,
    ...parts
      .filter((part) => !isInline(part))
      .map(free)
      .flatMap(remakePart),
    ...parts.flatMap(remakeLast),
    ...(partitionOf === undefined ? [] : [attachPartitionOperation(graph, table, partitionOf)]),
  ];
}

/** What names an index comes after all of them. */
function remakeLast(part: SchemaObject): Operation[] {
  if (part.kind === "clustering") {
    return [operation("setClustering", { schema: part.schema, table: part.table, to: part.index })];
  }
  if (part.kind !== "replicaIdentity") return [];
  const { schema, table, mode, index } = part;
  return [operation("setReplicaIdentity", { schema, table, to: { mode, ...(index === undefined ? {} : { index }) } })];
}

/** What is attached to a key or index of a partitioned table, made again and attached again, level by level. */
export function remakeAttached(graph: SchemaGraph, owner: ObjectId): Operation[] {
  return attachedTo(graph, owner).flatMap((key) => {
    if (key.kind !== "index" && key.kind !== "primaryKey" && key.kind !== "unique") return [];
    const { schema, table, name, attachedTo: to } = key;
    return [
      ...remakePart(free(key)),
      ...remakeAttached(graph, objectId(key)),
      operation("attachIndex", { of: key.kind, schema, table, name, to }),
    ];
  });
}

/** A part as it is before it is attached to its parent's. */
function free(part: SchemaObject): SchemaObject {
  return "attachedTo" in part ? withMembers(part, { attachedTo: undefined }) : part;
}

/** What is on a view, to be made again after it. */
export function remakeParts(graph: SchemaGraph, id: ObjectId): Operation[] {
  return (childrenByParent(graph).get(id) ?? []).flatMap(remakePart);
}

function isInline(part: SchemaObject): boolean {
  return part.kind === "primaryKey" || part.kind === "unique" || (part.kind === "check" && !part.notValid);
}

function remakePart(part: SchemaObject): Operation[] {
  switch (part.kind) {
    case "check":
      return [operation("addCheck", { check: part })];
    case "primaryKey":
      return [operation("addPrimaryKey", { primaryKey: part })];
    case "unique":
      return [operation("addUnique", { unique: part })];
    case "index":
      return [operation("addIndex", { index: part })];
    case "foreignKey":
      return [operation("addForeignKey", { foreignKey: part })];
    case "rowSecurity":
      return [operation("enableRls", switches(part))];
    case "notNull": {
      const { kind: _, schema, table, column, dependsOn: __, ...to } = part;
      return [operation("setNotNullConstraint", { schema, table, name: column, to })];
    }
    case "exclusion":
      return [operation("addExclusion", { exclusion: part })];
    case "statistics":
      return [operation("createStatistics", { statistics: part })];
    case "policy":
      return [operation("createPolicy", { policy: part })];
    case "rule":
      return [operation("createRule", { rule: part })];
    case "trigger":
      return [operation("createTrigger", { trigger: part })];
    default:
      return [];
  }
}

function switches({ schema, table, enabled, forced }: RowSecurity): object {
  return { schema, table, ...(enabled ? { enabled } : {}), ...(forced ? { forced } : {}) };
}
