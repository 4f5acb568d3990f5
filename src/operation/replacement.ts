/**
 * Objects that Postgres cannot alter: which changes mean that a new one has to take the old one's place, and how the
 * kind that makes the new one claims and absorbs them. Says nothing about how the replacement is done.
 */

import { hashText, shortHash } from "../base/hash.ts";
import { sameValue } from "../base/ordered.ts";
import type { GraphEdit, SchemaGraph } from "../model/graph.ts";
import { getObject } from "../model/graph.ts";
import { type ObjectId, objectId } from "../model/kinds.ts";
import type { ObjectKind, ObjectOf, SchemaObject } from "../model/object.ts";
import { cutIdentifier, maxIdentifierBytes } from "../sql/identifier.ts";
import type { Inversion, Operation, SingleChange } from "./define.ts";

/** Never a reason for a replacement: COMMENT changes one in place, the other is no attribute. */
const neverReplaced = new Set(["comment", "dependsOn"]);

/** Whether objects differ in an attribute that cannot be changed in place; `inPlace` names those that can. */
export function isReplaced(before: SchemaObject, after: SchemaObject, inPlace: readonly string[] = []): boolean {
  const left = before as unknown as Record<string, unknown>;
  const right = after as unknown as Record<string, unknown>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].some(
    (name) => !neverReplaced.has(name) && !inPlace.includes(name) && !sameValue(left[name], right[name]),
  );
}

/** What an add kind takes from a change: the new object, and the one it replaces if there is one. */
export interface Addition<T> {
  readonly object: T;
  readonly replaces?: T;
}

/**
 * The addition a change amounts to: a new object, or an altered one that cannot be altered in place. `inPlace` names the
 * attributes that can, for these two objects.
 */
export function additionOf<K extends ObjectKind>(
  kind: K,
  change: SingleChange,
  inPlace: (before: ObjectOf<K>, after: ObjectOf<K>) => readonly string[] = () => [],
): Addition<ObjectOf<K>> | undefined {
  if (change.type === "drop" || change.after.kind !== kind) return undefined;
  const object = change.after as ObjectOf<K>;
  if (change.type === "create") return { object };
  const replaces = change.before as ObjectOf<K>;
  return isReplaced(replaces, object, inPlace(replaces, object)) ? { object, replaces } : undefined;
}

/** Whether a change is another attribute of an object that is replaced as a whole. */
export function isPartOfReplacement(
  object: SchemaObject,
  replaces: SchemaObject | undefined,
  change: SingleChange,
): boolean {
  return replaces !== undefined && change.type === "alter" && change.id === objectId(object);
}

/** The inversion that makes an object again as it was before it was dropped. */
export function remaking<K extends ObjectKind>(
  before: SchemaGraph,
  kind: K,
  id: ObjectId,
  make: (object: ObjectOf<K>) => readonly Operation[],
  loses?: string,
): Inversion {
  const object = getObject(before, kind, id);
  if (object === undefined) return { reversible: false, why: "what it was like before is not known" };
  return { reversible: true, operations: make(object), ...(loses === undefined ? {} : { loses }) };
}

/** The edit that changes members of an object; none when the graph has no such object. */
export function editObject<K extends ObjectKind>(
  graph: SchemaGraph,
  kind: K,
  id: ObjectId,
  change: (object: ObjectOf<K>) => ObjectOf<K>,
): readonly GraphEdit[] {
  const object = getObject(graph, kind, id);
  return object === undefined ? [] : [{ put: change(object) }];
}

/**
 * The name an object has while another stands in for it, within 63 bytes. A name that has to be cut gets a hash of the
 * whole, so that two long names with the same start never meet.
 */
export function temporaryName(name: string, role: "old" | "new"): string {
  const suffix = `_zanith_${role}`;
  if (Buffer.byteLength(name + suffix) <= maxIdentifierBytes) return name + suffix;
  const whole = `_${shortHash(hashText(name), 8)}${suffix}`;
  return cutIdentifier(name, maxIdentifierBytes - Buffer.byteLength(whole)) + whole;
}
