/** What archiving a table and renaming it out of the way have in common: its parts' names, its prediction, its way back. */

import { toolError } from "../base/errors.ts";
import { childrenByParent, editGraph, type GraphEdit, getObject, type SchemaGraph } from "../model/graph.ts";
import { columnId, type ObjectId, objectId, tableId } from "../model/kinds.ts";
import type { SchemaObject, Table } from "../model/object.ts";
import { generatedSequenceName, qualified, quoteIdent } from "../sql/identifier.ts";
import { type Statement, statement } from "../sql/statement.ts";
import { type Inversion, type KeepRequest, type Operation, operation } from "./define.ts";
import { detachPartition } from "./detach-partition.ts";
import { detachPartitionOperation } from "./partition-place.ts";
import type { TablePlace } from "./place.ts";
import { ownedSequences } from "./remake.ts";

/** What of a table has a name of its own in the schema. */
export interface PartNames {
  readonly indexes?: readonly string[] | undefined;
  readonly sequences?: readonly string[] | undefined;
}

interface SetAsideTable extends TablePlace, PartNames {
  readonly id: string;
}

/** Everything that a table takes along: the table first, then its parts and the sequences of its columns. */
export function objectsOfTable(graph: SchemaGraph, place: TablePlace): SchemaObject[] {
  const id = tableId(place.schema, place.name);
  const table = getObject(graph, "table", id);
  if (table === undefined) return [];
  const parts = childrenByParent(graph).get(id) ?? [];
  const columns = new Set<ObjectId>();
  for (const part of parts) if (part.kind === "column") columns.add(columnId(part.schema, part.table, part.name));
  return [table, ...parts, ...ownedSequences(graph, columns)];
}

/** The names that the parts of a table hold in its schema: indexes, with those of its keys, and sequences of its columns. */
export function partNamesOf(objects: readonly SchemaObject[]): { indexes?: string[]; sequences?: string[] } {
  const indexes: string[] = [];
  const sequences: string[] = [];
  for (const object of objects) {
    if (object.kind === "index" || object.kind === "primaryKey" || object.kind === "unique") indexes.push(object.name);
    else if (object.kind === "sequence") sequences.push(object.name);
    else if (object.kind === "column" && object.identity !== undefined)
      sequences.push(object.identity.sequence ?? generatedSequenceName(object.table, object.name));
  }
  return { ...(indexes.length > 0 ? { indexes } : {}), ...(sequences.length > 0 ? { sequences } : {}) };
}

/** Renames indexes and sequences, so that their names are free for what comes after the table. */
export function renameParts(
  parts: PartNames,
  schema: string,
  table: string,
  names: (name: string) => readonly [from: string, to: string],
): Statement[] {
  const rename = (what: string, name: string): Statement => {
    const [from, to] = names(name);
    return statement(
      `alter ${what} ${qualified(schema, from)} rename to ${quoteIdent(to)}`,
      "access exclusive",
      // The lock is on the part; what is declared is the table it belongs to as well.
      [table, qualified(schema, name)],
    );
  };
  return [
    ...(parts.indexes ?? []).map((name) => rename("index", name)),
    ...(parts.sequences ?? []).map((name) => rename("sequence", name)),
  ];
}

/** The table and what goes with it are gone. */
export function predictGone(op: TablePlace, graph: SchemaGraph): GraphEdit[] {
  const [table, ...others] = objectsOfTable(graph, op);
  if (table === undefined) return [{ drop: tableId(op.schema, op.name) }];
  return [{ drop: objectId(table) }, ...others.filter(({ kind }) => kind === "sequence").map(dropOf)];
}

function dropOf(object: SchemaObject): GraphEdit {
  return { drop: objectId(object) };
}

/** The way back of a table that was set aside. */
export function restoreTableOf(op: SetAsideTable, before: SchemaGraph, from: "archive" | "soft"): Inversion {
  const objects = objectsOfTable(before, op);
  if (objects.length === 0) return { reversible: false, why: "what it was like before is not known" };
  const { schema, name, id, indexes, sequences } = op;
  return {
    reversible: true,
    operations: [
      operation("restoreTable", {
        schema,
        name,
        id,
        from,
        ...(indexes === undefined ? {} : { indexes }),
        ...(sequences === undefined ? {} : { sequences }),
        objects,
      }),
    ],
  };
}

/** The operations that set a table aside in the way that was asked for: a partition leaves its parent first. */
export function keepTable(place: TablePlace, before: SchemaGraph, keep: KeepRequest): Operation[] | undefined {
  const whole = objectsOfTable(before, place);
  const [table] = whole;
  if (table?.kind !== "table") return undefined;
  refuseHeir(table);
  const detach = detachPartitionOperation(before, table);
  const objects = detach === undefined ? whole : objectsOfTable(predicted(before, detach), place);
  refuseBoundTypes(objects, place, keep);
  const soft = keep.how === "soft" && !keep.alsoDropped.has(`schema:${quoteIdent(place.schema)}`);
  const setAside = operation(soft ? "softDropTable" : "archiveTable", {
    schema: place.schema,
    name: place.name,
    id: keep.id,
    ...(keep.retentionDays === undefined ? {} : { retentionDays: keep.retentionDays }),
    ...partNamesOf(objects),
  });
  return detach === undefined ? [setAside] : [leaving(detach, table, keep), setAside];
}

function predicted(graph: SchemaGraph, op: Operation): SchemaGraph {
  return editGraph(graph, detachPartition.predict(op as never, graph));
}

/** Nobody uses a parent that goes as well, so there is no need to leave it without stopping anybody. */
function leaving(detach: Operation, { partitionOf: of }: Table, { alsoDropped }: KeepRequest): Operation {
  if (of === undefined || !alsoDropped.has(tableId(of.schema, of.table))) return detach;
  const { proof: _, ...atOnce } = detach as Operation & { readonly proof?: string };
  return atOnce;
}

/** What inherits goes on showing its rows to whoever reads the parent, wherever it is. */
function refuseHeir({ schema, name, inherits = [] }: Table): void {
  const [parent] = inherits;
  if (parent === undefined) return;
  throw toolError({
    code: "not_supported",
    what: `cannot set ${qualified(schema, name)} aside: it inherits from ${qualified(parent.schema, parent.table)}`,
    why: "its rows would still be read through the parent",
    state: "nothing was written",
    next: "take it out with ALTER TABLE … NO INHERIT first, or drop it for good with --drops hard",
  });
}

/** A table that was set aside goes on using its types and functions, so they cannot be dropped in the same migration. */
function refuseBoundTypes(objects: readonly SchemaObject[], place: TablePlace, { alsoDropped }: KeepRequest): void {
  const own = new Set(objects.map(objectId));
  const bound = new Set(objects.flatMap(({ dependsOn = [] }) => dependsOn).filter((id) => alsoDropped.has(id)));
  const [first] = [...bound].filter((id) => !own.has(id)).sort();
  if (first === undefined) return;
  throw toolError({
    code: "not_supported",
    what: `cannot archive ${qualified(place.schema, place.name)} and drop ${first.replace(":", " ")} in one migration`,
    why: "an archived table goes on using its types, functions and sequences",
    state: "nothing was written",
    next: "keep it until the archive is purged, or drop both for good with --drops hard",
  });
}
