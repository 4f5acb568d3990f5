/**
 * Parts that only got another name: constraints and indexes of a table and sequences of a column that are equal but for it.
 * A rename of them loses nothing, where dropping and making them again rebuilds indexes or forgets how far one has counted.
 */
import { canonicalJson, type Json } from "../base/hash.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { isFollowing } from "../model/inheritance.ts";
import { objectId, occupiedNames } from "../model/kinds.ts";
import { unsharedObjects } from "../model/lined-graph.ts";
import type { SchemaObject } from "../model/object.ts";
import type { Operation } from "../operation/define.ts";
import { renamePartOperation } from "../operation/rename-part.ts";

/** The renames that lead from the parts of one schema to equal ones of another; none to a name that is still taken. */
export function partRenames(before: SchemaGraph, after: SchemaGraph): Operation[] {
  const gone = new Map<string, SchemaObject[]>();
  const [left, right] = unsharedObjects(before, after);
  for (const [id, object] of left) {
    const shape = right.has(id) ? undefined : shapeOf(object);
    if (shape !== undefined) gone.set(shape, [...(gone.get(shape) ?? []), object]);
  }
  if (gone.size === 0) return [];
  let taken: Set<string> | undefined;
  const operations: Operation[] = [];
  for (const [id, object] of right) {
    const shape = left.has(id) ? undefined : shapeOf(object);
    // A check that follows a parent's gets its new name along with that one.
    const old = gone
      .get(shape ?? "")
      ?.find((candidate) => candidate.kind !== "check" || !isFollowing(before, candidate));
    if (old === undefined || shape === undefined || !("name" in object)) continue;
    taken ??= new Set([...before.objects.values()].flatMap((other) => [objectId(other), ...occupiedNames(other)]));
    const own = new Set(occupiedNames(old));
    const names = [id, ...occupiedNames(object)].filter((name) => !own.has(name));
    if (names.some((name) => taken?.has(name))) continue;
    const op = renamePartOperation(old, object.name);
    if (op === undefined) continue;
    operations.push(op);
    gone.set(
      shape,
      (gone.get(shape) ?? []).filter((other) => other !== old),
    );
    for (const name of names) taken.add(name);
  }
  return operations;
}

/**
 * What has to be equal: everything but names and comments. A sequence is known by its owner, for its options can be
 * altered; a free one by nothing.
 */
function shapeOf(object: SchemaObject): string | undefined {
  if (!("name" in object) || renamePartOperation(object, "") === undefined) return undefined;
  if (object.kind === "sequence") {
    return object.ownedBy && canonicalJson({ kind: object.kind, schema: object.schema, ownedBy: object.ownedBy });
  }
  const { name: _name, comment: _comment, dependsOn: _dependsOn, ...named } = object;
  const { attachedTo: _attachedTo, ...shape } = { attachedTo: undefined, ...named };
  return canonicalJson(shape as unknown as Json);
}
