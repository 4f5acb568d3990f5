/** Graph against graph: which objects were made, which are gone and which attributes differ. Knows no kind of object. */
import { sameValue } from "../base/ordered.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { type ObjectId, ruleOf } from "../model/kinds.ts";
import { unsharedObjects } from "../model/lined-graph.ts";
import type { SchemaObject } from "../model/object.ts";

/** One difference between two graphs. */
export type Change =
  | { readonly type: "create"; readonly id: ObjectId; readonly after: SchemaObject }
  | { readonly type: "drop"; readonly id: ObjectId; readonly before: SchemaObject }
  | {
      readonly type: "alter";
      readonly id: ObjectId;
      readonly before: SchemaObject;
      readonly after: SchemaObject;
      /** names of the attributes that differ, sorted */
      readonly attributes: readonly string[];
    };

const notCompared = new Set(["kind", "dependsOn"]);

/** All differences, in id order: drops and alterations of `before` first, then what is new. */
export function diffGraphs(before: SchemaGraph, after: SchemaGraph): Change[] {
  const changes: Change[] = [];
  const [left, right] = unsharedObjects(before, after);
  for (const [id, old] of left) {
    const now = right.get(id);
    if (now === undefined) changes.push({ type: "drop", id, before: old });
    else if (now !== old) {
      const attributes = differingAttributes(old, now);
      if (attributes.length > 0) changes.push({ type: "alter", id, before: old, after: now, attributes });
    }
  }
  for (const [id, object] of right) {
    if (!left.has(id)) changes.push({ type: "create", id, after: object });
  }
  return changes;
}

/** The change of one object to another of the same id, one a differing attribute. */
export function alterations(
  id: ObjectId,
  before: SchemaObject,
  after: SchemaObject,
): (Omit<Extract<Change, { type: "alter" }>, "attributes"> & { readonly attribute: string })[] {
  return differingAttributes(before, after).map((attribute) => ({ type: "alter", id, before, after, attribute }));
}

const none: readonly string[] = [];

function differingAttributes(before: SchemaObject, after: SchemaObject): readonly string[] {
  let found: string[] | undefined;
  const left = before as unknown as Record<string, unknown>;
  const right = after as unknown as Record<string, unknown>;
  for (const key in left) {
    const a = left[key];
    const b = right[key];
    if (a === b || notCompared.has(key)) continue;
    if (!sameValue(a, b)) {
      found ??= [];
      found.push(key);
    }
  }
  for (const key in right) {
    if (left[key] === undefined && right[key] !== undefined && !notCompared.has(key)) {
      found ??= [];
      found.push(key);
    }
  }
  if (found === undefined) return none;
  const unchangeable = ruleOf(before.kind).unchangeable;
  return (unchangeable ? found.filter((name) => !unchangeable.includes(name)) : found).sort();
}
