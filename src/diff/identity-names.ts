/** Sequences of identity columns that take each other's names: those that stand in each other's way step aside first. */
import type { SchemaGraph } from "../model/graph.ts";
import { type ObjectId, occupiedNames } from "../model/kinds.ts";
import { unsharedObjects } from "../model/lined-graph.ts";
import { type Operation, operation } from "../operation/define.ts";
import { placeOf } from "../operation/place.ts";
import { temporaryName } from "../operation/replacement.ts";
import { generatedSequenceName } from "../sql/identifier.ts";

/**
 * The operations that give a sequence a name of its own for the time being: where the name it is to have is another one's
 * still, and its own is wanted by another. A plan can then give all of them their names in some order.
 */
export function steppingAside(before: SchemaGraph, after: SchemaGraph): Operation[] {
  const operations: Operation[] = [];
  let holders: Map<string, ObjectId> | undefined;
  let wanted: Map<string, ObjectId> | undefined;
  const [left, right] = unsharedObjects(before, after);
  for (const [id, column] of left) {
    if (column.kind !== "column" || column.identity === undefined) continue;
    const now = right.get(id);
    if (now?.kind !== "column" || now.identity === undefined) continue;
    const [from, to] = [occupiedNames(column)[0], occupiedNames(now)[0]];
    if (from === undefined || to === undefined || from === to) continue;
    holders ??= holdersOf(before);
    wanted ??= holdersOf(after);
    if (!holders.has(to) || !wanted.has(from)) continue;
    const sequence = column.identity.sequence ?? generatedSequenceName(column.table, column.name);
    operations.push(
      operation("setIdentity", {
        ...placeOf(column),
        from: column.identity,
        to: { ...column.identity, sequence: temporaryName(sequence, "old") },
      }),
    );
  }
  return operations;
}

function holdersOf(graph: SchemaGraph): Map<string, ObjectId> {
  return new Map(
    [...graph.objects].flatMap(([id, object]) => occupiedNames(object).map((name) => [name, id] as const)),
  );
}
