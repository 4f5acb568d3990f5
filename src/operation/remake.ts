/** The operations that make a dropped table or the sequences of a dropped column again, as they were before. */
import { sortedBy } from "../base/ordered.ts";
import { belongingsByOwner, childrenByParent, columnsOfTable, type SchemaGraph } from "../model/graph.ts";
import { type ObjectId, objectId, tableId } from "../model/kinds.ts";
import type { RowSecurity, SchemaObject, Sequence, Table } from "../model/object.ts";
import { type Operation, operation } from "./define.ts";
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
  const inline = parts.filter((part) => isInline(part));
  const columns = columnsOfTable(graph, table.schema, table.name).map((column) =>
    withMembers(column, { position: undefined }),
  );
  const create = operation("createTable", { table, columns, ...(inline.length > 0 ? { constraints: inline } : {}) });
  return [create, ...parts.filter((part) => !isInline(part)).flatMap(remakePart)];
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
    case "index":
      return [operation("addIndex", { index: part })];
    case "foreignKey":
      return [operation("addForeignKey", { foreignKey: part })];
    case "rowSecurity":
      return [operation("enableRls", switches(part))];
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
