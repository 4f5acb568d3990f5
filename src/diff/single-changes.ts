/**
 * From what differs to what must be done: one change per attribute, replacements where nothing can be altered in place,
 * and the dependents that have to be dropped and made again around a change that Postgres refuses under them.
 */
import { toolError } from "../base/errors.ts";
import { compareText } from "../base/ordered.ts";
import { dependentsById, type SchemaGraph } from "../model/graph.ts";
import {
  kindOfId,
  nameOfId,
  type ObjectId,
  objectId,
  ownerId,
  parentId,
  providedBy,
  reliesOn,
  ruleOf,
} from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import type { SingleChange } from "../operation/define.ts";
import { givenByDefault } from "./default-privileges.ts";
import { alterations, type Change, diffGraphs } from "./graph-diff.ts";

/** All single changes from one graph to another, parents before parts, in a fixed order; columns in that of their table. */
export function singleChanges(before: SchemaGraph, after: SchemaGraph, server: number): SingleChange[] {
  const changes = new Map<ObjectId, Change>();
  for (const change of diffGraphs(before, after)) changes.set(change.id, change);
  const { remade, released } = remadeObjects(before, after, changes, server);
  const single: SingleChange[] = [];
  for (const [id, without] of released) single.push(...restored(id, without, before, after, changes));
  const made: SchemaObject[] = [];
  for (const [id, object] of before.objects) {
    if (!remade.has(id)) continue;
    changes.delete(id);
    const { clings, bare } = ruleOf(object.kind);
    if (bare === undefined && (!clings || !goesWithOwner(object, changes, remade))) {
      single.push({ type: "drop", id, before: object });
    }
    const again = after.objects.get(id);
    if (again !== undefined) single.push(...created(id, again));
    if (again !== undefined) made.push(again);
  }
  for (const change of changes.values()) {
    if (change.type === "create") {
      single.push(...created(change.id, change.after));
      made.push(change.after);
    } else if (change.type === "drop") {
      if (!goesAlong(change.before, after, changes, remade)) single.push(...dropped(change.id, change.before));
    } else {
      const { attributes, ...rest } = change;
      for (const attribute of attributes) single.push({ ...rest, attribute });
    }
  }
  single.push(...givenByDefault(made, before, after));
  return single.sort(
    (a, b) =>
      rankOf(a) - rankOf(b) ||
      comparePlaces(a, b) ||
      compareText(a.id, b.id) ||
      compareText(attributeOf(a), attributeOf(b)),
  );
}

/** Orders what has a place among the parts of its parent, such as columns; 0 for everything else. */
function comparePlaces(a: SingleChange, b: SingleChange): number {
  const [left, right] = [objectOf(a), objectOf(b)];
  if (!ruleOf(left.kind).unchangeable?.includes("position")) return 0;
  return compareText(parentId(left) ?? "", parentId(right) ?? "") || positionOf(left) - positionOf(right);
}

function positionOf(object: SchemaObject): number {
  return ("position" in object ? object.position : undefined) ?? Number.MAX_VALUE;
}

function objectOf(change: SingleChange): SchemaObject {
  return change.type === "drop" ? change.before : change.after;
}

function rankOf(change: SingleChange): number {
  return ruleOf(objectOf(change).kind).rank;
}

function attributeOf(change: SingleChange): string {
  return change.type === "alter" ? change.attribute : change.type;
}

/** A new object; one that belongs to another is made free first and given away once the owner is there. */
function created(id: ObjectId, object: SchemaObject): SingleChange[] {
  const { bare, later: attribute } = ruleOf(object.kind);
  if (bare !== undefined) return alterations(id, bare(object), object);
  if (attribute === undefined || !(attribute in object)) return [{ type: "create", id, after: object }];
  const free = Object.fromEntries(Object.entries(object).filter(([name]) => name !== attribute)) as SchemaObject;
  return [
    { type: "create", id, after: free },
    { type: "alter", id, before: free, after: object, attribute },
  ];
}

/** An object that goes; one that is neither made nor dropped becomes what it is when nobody says anything. */
function dropped(id: ObjectId, object: SchemaObject): SingleChange[] {
  const bare = ruleOf(object.kind).bare?.(object);
  return bare === undefined ? [{ type: "drop", id, before: object }] : alterations(id, object, bare);
}

/**
 * An object that holds rows while something it refers to is made again: the reference is taken away and given back as the
 * wanted schema has it, as far as nothing else says what becomes of it.
 */
function restored(
  id: ObjectId,
  without: SchemaObject,
  before: SchemaGraph,
  after: SchemaGraph,
  changes: Map<ObjectId, Change>,
): SingleChange[] {
  const [old, wanted] = [before.objects.get(id), after.objects.get(id)];
  if (old === undefined || wanted === undefined) return [];
  const change = changes.get(id);
  const taken = Object.keys(old).filter((name) => !(name in without) && name !== "dependsOn");
  if (change?.type === "alter") {
    const attributes = change.attributes.filter((name) => !taken.includes(name));
    if (attributes.length === 0) changes.delete(id);
    else changes.set(id, { ...change, attributes });
  }
  return taken.flatMap((attribute): SingleChange[] => [
    { type: "alter", id, before: old, after: without, attribute },
    ...(attribute in wanted ? [{ type: "alter" as const, id, before: without, after: wanted, attribute }] : []),
  ]);
}

/** Whether an object goes along with its owner, or with what it says something about: it needs no operation of its own. */
function goesAlong(
  object: SchemaObject,
  after: SchemaGraph,
  changes: ReadonlyMap<ObjectId, Change>,
  remade: ReadonlySet<ObjectId>,
): boolean {
  const subject = ruleOf(object.kind).bare === undefined ? undefined : parentId(object);
  if (subject !== undefined) return !after.objects.has(subject) || remade.has(subject);
  return goesWithOwner(object, changes, remade);
}

/** Whether the server drops an object along with its owner. */
function goesWithOwner(
  object: SchemaObject,
  changes: ReadonlyMap<ObjectId, Change>,
  remade: ReadonlySet<ObjectId>,
): boolean {
  const owner = ownerId(object);
  return owner !== undefined && (changes.get(owner)?.type === "drop" || remade.has(owner));
}

interface Remade {
  /** ids of objects that are dropped and made again although (or because) they exist on both sides */
  readonly remade: Set<ObjectId>;
  /** objects that hold rows and stay, as they are while what they refer to is made again */
  readonly released: Map<ObjectId, SchemaObject>;
}

function remadeObjects(
  before: SchemaGraph,
  after: SchemaGraph,
  changes: ReadonlyMap<ObjectId, Change>,
  server: number,
): Remade {
  const remade = new Set<ObjectId>();
  const released = new Map<ObjectId, SchemaObject>();
  const found = [...changes.values()].filter(({ type }) => type !== "create");
  if (found.length === 0) return { remade, released };
  let dependents: Map<ObjectId, ObjectId[]> | undefined;
  /** what is dropped for good and refers to what has to go for a while */
  const inBetween = new Set<ObjectId>();
  const spread = (id: ObjectId, onto: (dependent: SchemaObject) => boolean): void => {
    dependents ??= dependentsById(before);
    for (const dependentId of dependents.get(id) ?? []) {
      const dependent = before.objects.get(dependentId);
      if (dependent === undefined || remade.has(dependentId) || dependentId === parentId(dependent)) continue;
      if (changes.get(dependentId)?.type === "drop") {
        if (!inBetween.has(dependentId)) {
          inBetween.add(dependentId);
          spread(dependentId, () => false);
        }
        continue;
      }
      if (!onto(dependent)) continue;
      const { holdsRows, released: release } = ruleOf(dependent.kind);
      if (holdsRows?.(dependent) && parentId(dependent) !== id) {
        const without = release?.(dependent, id);
        if (without === undefined) throw cannotBeRemade(id, dependentId);
        released.set(dependentId, without);
        continue;
      }
      remade.add(dependentId);
      spread(dependentId, () => true);
    }
  };
  const disrupt = (id: ObjectId, before: SchemaObject, after: SchemaObject): void =>
    spread(id, (dependent) => {
      const { binds, holdsRows } = ruleOf(dependent.kind);
      if (binds?.(dependent, before.kind, before, after)) return true;
      // A column of a type that is made anew is converted: what cannot be there meanwhile goes, too.
      if (holdsRows?.(dependent) && parentId(dependent) !== id) {
        const [was, now] = ruleOf(before.kind).converts?.(before, after, dependent) ?? [dependent, dependent];
        disrupt(objectId(dependent), was, now);
      }
      return false;
    });
  let reliant: Map<string, ObjectId[]> | undefined;
  const withdraw = (object: SchemaObject): void => {
    for (const key of providedBy(object)) {
      reliant ??= reliantById(before);
      for (const id of reliant.get(key) ?? []) if (changes.get(id)?.type !== "drop") remade.add(id);
    }
  };
  for (const change of found) {
    if (change.type === "drop") {
      withdraw(change.before);
      // What reads the same on both sides refers to something else of that name afterwards.
      spread(change.id, (dependent) => !changes.has(objectId(dependent)));
    }
    if (change.type !== "alter") continue;
    const rule = ruleOf(change.before.kind);
    if (rule.remade?.(change.before, change.after, change.attributes, server)) {
      remade.add(change.id);
      spread(change.id, () => true);
    } else if (rule.disrupts?.(change.before, change.after, change.attributes)) {
      withdraw(change.before);
      disrupt(change.id, change.before, change.after);
    }
  }
  // What stops using something that is dropped cannot do so ahead of it by being replaced, if its new form needs what is
  // made again only once that drop has cleared the way.
  const users = inBetween.size > 0 ? dependentsById(after) : new Map<ObjectId, ObjectId[]>();
  for (let found = inBetween.size > 0; found; ) {
    found = false;
    const later = reachedFrom(remade, users);
    for (const id of [...inBetween]) {
      spread(id, (dependent) => {
        if (!later.has(objectId(dependent))) return false;
        found = true;
        return true;
      });
    }
  }
  const clinging = [...before.objects].filter(([, object]) => ruleOf(object.kind).clings && ownerId(object));
  // An owner may cling to another one: those that go with theirs are found level by level.
  for (let found = true; found; ) {
    found = false;
    for (const [id, object] of clinging) {
      if (remade.has(id) || changes.get(id)?.type === "drop" || !goesWithOwner(object, changes, remade)) continue;
      remade.add(id);
      found = true;
    }
  }
  return { remade, released };
}

/** All that refers to one of some objects, directly or not. */
function reachedFrom(ids: Iterable<ObjectId>, dependents: ReadonlyMap<ObjectId, readonly ObjectId[]>): Set<ObjectId> {
  const reached = new Set<ObjectId>();
  for (const queue = [...ids]; queue.length > 0; ) {
    for (const id of dependents.get(queue.pop() as ObjectId) ?? []) {
      if (reached.has(id)) continue;
      reached.add(id);
      queue.push(id);
    }
  }
  return reached;
}

function cannotBeRemade(id: ObjectId, holder: ObjectId): Error {
  const [what, who] = [id, holder].map((at) => `${kindOfId(at)} ${nameOfId(at)}`);
  return toolError({
    code: "not_supported",
    what: `cannot change ${what}`,
    why: `Postgres would have to make it anew, and ${who}, which holds rows, refers to it`,
    state: "nothing was changed",
    next: "make another one under a new name, move the column over to it, and drop the old one in a later migration",
    details: { object: id },
  });
}

/** Objects by the keys they rely on. */
function reliantById(graph: SchemaGraph): Map<string, ObjectId[]> {
  const reliant = new Map<string, ObjectId[]>();
  for (const [id, object] of graph.objects) {
    for (const key of reliesOn(object)) reliant.set(key, [...(reliant.get(key) ?? []), id]);
  }
  return reliant;
}
