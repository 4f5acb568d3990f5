/**
 * What attachPartition and detachPartition name of each other, and how a graph tells it: keys, foreign keys and the proof of
 * a bound. Emits nothing.
 */
import { getObject, objectsOfKind, type SchemaGraph } from "../model/graph.ts";
import { makeId, tableId } from "../model/kinds.ts";
import type { ForeignKey, Table } from "../model/object.ts";
import { type Operation, operation } from "./define.ts";
import { copiesOf } from "./partition-copies.ts";
import { boundCondition } from "./sql/partition.ts";

type KeyKind = "primaryKey" | "unique" | "index";

/** The payload of attachPartition. */
export interface AttachPayload {
  schema: string;
  name: string;
  to: { schema: string; table: string };
  bound: string;
  proof?: string;
  keys?: { kind: KeyKind; name: string; to: { kind: KeyKind; name: string } }[];
  foreignKeys?: string[];
  references?: { schema: string; table: string }[];
  default?: { schema: string; table: string };
  builds?: true;
}

type Bound = NonNullable<Table["partitionOf"]>;

/** What attaching a table as a partition amounts to, from the schema as it is and as it is wanted. */
export function attachPayload(
  before: SchemaGraph,
  after: SchemaGraph,
  partition: Table,
  { bound, ...to }: Bound,
): AttachPayload {
  const { schema, name } = partition;
  const parent = getObject(after, "table", tableId(to.schema, to.table));
  const proof = parent?.partitionBy === undefined ? undefined : boundCondition(parent.partitionBy, bound);
  const keys = [...after.objects.values()].flatMap((object) => {
    if (!("attachedTo" in object) || object.attachedTo === undefined) return [];
    if (object.schema !== schema || object.table !== name) return [];
    return [
      { kind: object.kind, name: object.name, to: { kind: object.attachedTo.kind, name: object.attachedTo.name } },
    ];
  });
  const parentKeys = objectsOfKind(after, "foreignKey").filter(
    (key) => key.schema === to.schema && key.table === to.table,
  );
  const own = objectsOfKind(before, "foreignKey").filter((key) => key.schema === schema && key.table === name);
  const merged = own.filter((key) => !after.objects.has(makeId("foreignKey", schema, name, key.name)));
  const references = new Map(
    parentKeys.map(({ references: { schema, table } }) => [tableId(schema, table), { schema, table }]),
  );
  const other = objectsOfKind(before, "table").find(
    ({ name: otherName, partitionOf: of }) =>
      otherName !== name && of?.schema === to.schema && of.table === to.table && of.bound === "DEFAULT",
  );
  return {
    schema,
    name,
    to,
    bound,
    ...(proof === undefined ? {} : { proof }),
    ...(keys.length > 0 ? { keys } : {}),
    ...(parentKeys.length > 0 && merged.length > 0 ? { foreignKeys: merged.map((key) => key.name) } : {}),
    ...(references.size > 0 ? { references: [...references.values()] } : {}),
    ...(other === undefined ? {} : { default: { schema: other.schema, table: other.name } }),
    ...(hasExclusion(after, to) ? { builds: true as const } : {}),
  };
}

/** Whether a table or one it is a partition of has an exclusion constraint: no index of a partition is ever taken for it. */
function hasExclusion(graph: SchemaGraph, at: { readonly schema: string; readonly table: string }): boolean {
  if (objectsOfKind(graph, "exclusion").some(({ schema, table }) => schema === at.schema && table === at.table)) {
    return true;
  }
  const above = getObject(graph, "table", tableId(at.schema, at.table))?.partitionOf;
  return above !== undefined && hasExclusion(graph, above);
}

/** The operation that makes a table of a graph the partition it was. */
export function attachPartitionOperation(graph: SchemaGraph, partition: Table, of: Bound): Operation {
  const { foreignKeys: _, ...rest } = attachPayload(graph, graph, partition, of);
  const keys = objectsOfKind(graph, "foreignKey").filter((key) => key.schema === of.schema && key.table === of.table);
  // Detaching gave it the parent's keys for its own; attaching takes them back.
  return operation("attachPartition", {
    ...rest,
    ...(keys.length > 0 ? { foreignKeys: keys.map(({ name }) => name) } : {}),
  });
}

/** The operation that detaches a partition of a graph, on the way to `after`; undefined when it is none. */
export function detachPartitionOperation(graph: SchemaGraph, table: Table, after?: SchemaGraph): Operation | undefined {
  const { schema, name, partitionOf } = table;
  if (partitionOf === undefined) return undefined;
  const from = { schema: partitionOf.schema, table: partitionOf.table };
  const parent = getObject(graph, "table", tableId(from.schema, from.table));
  const keys = foreignKeysOf(graph, parent).map((key): ForeignKey => {
    const { comment: _, partitioned: __, ...own } = { comment: undefined, partitioned: undefined, ...key };
    return { ...own, schema, table: name, ...(table.partitionBy === undefined ? {} : { partitioned: true }) };
  });
  const proof =
    parent?.partitionBy === undefined || hasDefault(graph, from)
      ? undefined
      : boundCondition(parent.partitionBy, partitionOf.bound);
  const copies = copiesOf(graph, table, after);
  return operation("detachPartition", {
    schema,
    name,
    from,
    ...(proof === undefined ? {} : { proof }),
    ...(keys.length > 0 ? { foreignKeys: keys } : {}),
    ...(copies.length > 0 ? { copies } : {}),
  });
}

/** The foreign keys of a table and of those it is a partition of. */
function foreignKeysOf(graph: SchemaGraph, table: Table | undefined): ForeignKey[] {
  if (table === undefined) return [];
  const own = objectsOfKind(graph, "foreignKey").filter(
    (key) => key.schema === table.schema && key.table === table.name,
  );
  const { partitionOf } = table;
  const above = partitionOf && getObject(graph, "table", tableId(partitionOf.schema, partitionOf.table));
  return [...own, ...foreignKeysOf(graph, above)];
}

/** Whether a table has a default partition: nothing is detached from it concurrently then. */
function hasDefault(graph: SchemaGraph, parent: { readonly schema: string; readonly table: string }): boolean {
  return objectsOfKind(graph, "table").some(
    ({ partitionOf: of }) => of?.schema === parent.schema && of.table === parent.table && of.bound === "DEFAULT",
  );
}
