/** The live schema against the last snapshot, allowing for what an unfinished migration has done since. Pure. */
import { type Change, diffGraphs } from "../diff/graph-diff.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import { type Migration, operationDigest } from "../migration/migration.ts";
import { areaOf, type SchemaGraph } from "../model/graph.ts";
import { kindOfId, nameOfId, ruleOf } from "../model/kinds.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";
import type { StepProgress } from "./step-progress.ts";

/**
 * Differences in words. Steps of a migration that is not complete are expected to have had their effect; a step that was
 * begun and that `mayFinish` excuses what differs on its table or object: it stands somewhere between two states.
 */
export function schemaDrift(
  snapshot: SchemaGraph,
  live: SchemaGraph,
  pending: readonly Migration[],
  progress: ReadonlyMap<string, StepProgress>,
  mayFinish: (migration: string, step: number) => boolean,
): string[] {
  let expected = snapshot;
  const excused = new Set<string>();
  for (const { id, ops } of pending) {
    const { applied, begun } = progress.get(id) ?? { applied: new Set<number>(), begun: new Map() };
    if (applied.size === 0 && begun.size === 0) continue;
    // What a statement of its own did to the schema is known only once the migration is complete.
    if (
      ops.some((op, index) => kindOf(op.kind).opaque && (applied.has(index) || (begun.has(index) && leavesParts(op))))
    )
      return [];
    for (const [index, op] of ops.entries()) {
      if (begun.get(index)?.digest === operationDigest(op) && mayFinish(id, index)) {
        for (const area of areasOf(op, expected)) excused.add(area);
      }
      if (applied.has(index)) expected = predictOperations(expected, [op]);
    }
  }
  return describeDrift(expected, live, excused);
}

/** Whether a failure of an operation can leave part of its effect: not when all of it is one transaction. */
export function leavesParts(op: Operation): boolean {
  const segments = kindOf(op.kind).emit(op, { server: newestServer, isFresh: () => false });
  return segments.length > 1 || segments.some(({ mode }) => mode !== "transaction");
}

const newestServer = 180000;

function areasOf(op: Operation, graph: SchemaGraph): string[] {
  return kindOf(op.kind)
    .predict(op, graph)
    .flatMap((edit) => {
      const object = "put" in edit ? edit.put : graph.objects.get(edit.drop);
      const old = "put" in edit && edit.at !== undefined ? graph.objects.get(edit.at) : undefined;
      return [object, old].flatMap((found) => (found === undefined ? [] : [areaOf(found)]));
    });
}

function describeDrift(expected: SchemaGraph, live: SchemaGraph, excused: ReadonlySet<string>): string[] {
  return diffGraphs(expected, live).flatMap((change) => {
    const object = change.type === "drop" ? change.before : change.after;
    return excused.has(areaOf(object)) ? [] : [inWords(change)];
  });
}

/** `column public.users.email is gone, the last snapshot has it`. */
function inWords(change: Change): string {
  const name = `${ruleOf(kindOfId(change.id)).label} ${nameOfId(change.id)}`;
  if (change.type === "create") return `${name} is there, the last snapshot does not have it`;
  if (change.type === "drop") return `${name} is gone, the last snapshot has it`;
  return `${name} differs from the last snapshot in ${change.attributes.join(", ")}`;
}
