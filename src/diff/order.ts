/**
 * The order of operations, derived from what each one makes, ends and refers to (its predicted edits), so that no kind
 * says anything about order itself.
 */
import { topologicalOrder } from "../base/digraph.ts";
import { toolError } from "../base/errors.ts";
import { compareText, sameValue } from "../base/ordered.ts";
import { childrenByParent, type GraphEdit, type SchemaGraph } from "../model/graph.ts";
import {
  kindOfId,
  type ObjectId,
  objectId,
  occupiedNames,
  ownerId,
  parentId,
  providedBy,
  referencesOf,
  reliesOn,
  ruleOf,
} from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import type { AnyOperationKind, Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";

interface Node {
  readonly op: Operation;
  readonly kind: AnyOperationKind;
  readonly puts: ReadonlyMap<ObjectId, SchemaObject>;
  /** ids dropped, parts included */
  readonly drops: ReadonlySet<ObjectId>;
  /** what its objects refer to once it has run */
  readonly needs: ReadonlySet<ObjectId>;
  /** what stops being referred to by it */
  readonly releases: ReadonlySet<ObjectId>;
  /** `object target` of the references that it does nothing but take away, */
  readonly loosened: ReadonlySet<string>;
  /** and those that end because an object becomes another one, which is of no account where somebody else takes them away */
  readonly changed: readonly (readonly [ObjectId, ObjectId])[];
  /** owners of what it drops or gives to another: nobody minds what happens to them meanwhile */
  readonly owners: ReadonlySet<ObjectId>;
  /** what has to have changed before */
  readonly follows: readonly ObjectId[];
  readonly namesTaken: ReadonlySet<string>;
  readonly namesFreed: ReadonlySet<string>;
  readonly sortKey: string;
}

/** What operations drop by name, and that with all its parts, less the parts that find another owner in time. */
interface EndedObjects {
  readonly dropped: ReadonlySet<ObjectId>;
  readonly gone: ReadonlySet<ObjectId>;
  partsOf(id: ObjectId): readonly ObjectId[];
}

/** Orders operations so that each finds what it needs; the same input gives the same order. */
export function orderOperations(before: SchemaGraph, operations: readonly Operation[]): Operation[] {
  const children = childrenByParent(before);
  const raw = operations.map((op) => kindOf(op.kind).predict(op, before));
  const leaving = leavingOwners(raw.flat(), before);
  const predicted = withoutPartsThatGo(raw, before, leaving);
  const dropped = new Set(predicted.flat().flatMap((edit) => ("drop" in edit ? [edit.drop] : [])));
  const partsOf = (id: ObjectId): ObjectId[] =>
    (children.get(id) ?? []).map(objectId).filter((part) => !leaving.has(part));
  const gone = new Set([...dropped].flatMap((id) => [id, ...partsOf(id)]));
  const nodes = operations.map((op, at) =>
    describeNode(op, at, predicted[at] ?? [], { dropped, gone, partsOf }, before),
  );
  const result = topologicalOrder(nodes.length, edgesOf(nodes, before), (a, b) =>
    compareText((nodes[a] as Node).sortKey, (nodes[b] as Node).sortKey),
  );
  if (!result.ok) {
    const names = result.stuck
      .slice(0, 6)
      .map((at) => `${(nodes[at] as Node).kind.kind} ${(nodes[at] as Node).kind.describe((nodes[at] as Node).op)}`);
    throw toolError({
      code: "not_supported",
      what: `cannot find an order for ${result.stuck.length} operations that wait for each other`,
      why: names.join(", "),
      state: "nothing was changed",
      next: "split the change in two migrations",
    });
  }
  return result.order.map((at) => (nodes[at] as Node).op);
}

/** Objects that are given from one owner to another or set free, and so outlive the first: a sequence, say. */
function leavingOwners(edits: readonly GraphEdit[], before: SchemaGraph): ReadonlySet<ObjectId> {
  const ids = edits.flatMap((edit) => {
    const held = "put" in edit ? before.objects.get(objectId(edit.put)) : undefined;
    if (!("put" in edit) || held === undefined || ruleOf(held.kind).clings) return [];
    const owner = ownerId(held);
    return owner !== undefined && owner !== ownerId(edit.put) ? [objectId(held)] : [];
  });
  return new Set(ids);
}

/**
 * Edits without the parts that would go along with an operation, where what they are parts of is dropped by another one, or
 * where they have another owner by then.
 */
function withoutPartsThatGo(
  predicted: readonly (readonly GraphEdit[])[],
  before: SchemaGraph,
  leaving: ReadonlySet<ObjectId>,
): GraphEdit[][] {
  const dropped = new Set(predicted.flat().flatMap((edit) => ("drop" in edit ? [edit.drop] : [])));
  return predicted.map((edits) => {
    const [first] = edits;
    const subject = first && "put" in first ? (parentId(first.put) ?? objectId(first.put)) : undefined;
    return edits.filter((edit, nth) => {
      if (nth === 0) return true;
      const part = "put" in edit ? edit.put : before.objects.get(edit.drop);
      if (part === undefined) return true;
      if ("drop" in edit && leaving.has(edit.drop)) return false;
      const parent = parentId(part);
      // What is handed down to a table that goes is not waited for by anybody.
      return parent === undefined || !dropped.has(parent) || ("put" in edit && parent === subject);
    });
  });
}

function describeNode(
  op: Operation,
  at: number,
  edits: readonly GraphEdit[],
  ended: EndedObjects,
  before: SchemaGraph,
): Node {
  const kind = kindOf(op.kind);
  const puts = new Map<ObjectId, SchemaObject>();
  const drops = new Set<ObjectId>();
  for (const edit of edits) {
    if ("put" in edit) {
      puts.set(objectId(edit.put), edit.put);
      if (edit.at !== undefined) drops.add(edit.at);
    } else {
      drops.add(edit.drop);
      // A part with an operation of its own is gone by then.
      for (const part of ended.partsOf(edit.drop)) if (!ended.dropped.has(part)) drops.add(part);
    }
  }
  const endedHere = new Set(drops);
  for (const id of puts.keys()) drops.delete(id);
  const needs = new Set<ObjectId>();
  const releases = new Set<ObjectId>();
  const loosened = new Set<string>();
  const changed: [ObjectId, ObjectId][] = [];
  const owners = new Set<ObjectId>();
  const namesTaken = new Set<string>();
  const namesFreed = new Set<string>();
  for (const id of drops) {
    const old = before.objects.get(id);
    if (old === undefined) continue;
    for (const name of namesOf(id, old)) namesFreed.add(name);
    for (const target of linksOf(old)) releases.add(target);
    const owner = ownerId(old);
    if (owner !== undefined) owners.add(owner);
  }
  for (const [id, object] of puts) {
    const links = new Set(linksOf(object));
    // What another operation ends is made anew here, whatever its name was worn by before.
    const old = ended.gone.has(id) && !endedHere.has(id) ? undefined : before.objects.get(id);
    // An owner that stays is no reason to wait for what happens to it.
    const owner = old === undefined ? undefined : ownerId(old);
    if (owner !== undefined) owners.add(owner);
    // An operation that only takes something away has all the rest already, as it is now.
    const bare = old !== undefined && puts.size === 1 && onlyLoses(old, object);
    for (const target of links) if (!bare && !puts.has(target) && target !== owner) needs.add(target);
    const taken = namesOf(id, object);
    if (old === undefined) for (const name of taken) namesTaken.add(name);
    else {
      const held = namesOf(id, old);
      for (const name of taken) if (!held.includes(name)) namesTaken.add(name);
      for (const name of held) if (!taken.includes(name)) namesFreed.add(name);
      for (const target of linksOf(old)) {
        if (links.has(target)) continue;
        releases.add(target);
        if (bare) loosened.add(`${id} ${target}`);
        else changed.push([id, target]);
      }
    }
  }
  return {
    op,
    kind,
    puts,
    drops,
    needs,
    releases,
    loosened,
    changed,
    owners,
    follows: kind.follows?.(op, before) ?? [],
    namesTaken,
    namesFreed,
    sortKey: sortKeyOf(kind, op, puts, drops, before, at),
  };
}

function namesOf(id: ObjectId, object: SchemaObject): readonly string[] {
  return [id, ...occupiedNames(object)];
}

function linksOf(object: SchemaObject): ObjectId[] {
  const owner = ownerId(object);
  return [...referencesOf(object), ...reliesOn(object), ...(owner === undefined ? [] : [owner])];
}

/** Ids, each followed by the keys of what its object provides. */
function* withProvided(objects: Iterable<readonly [ObjectId, SchemaObject | undefined]>): Iterable<string> {
  for (const [id, object] of objects) {
    yield id;
    if (object !== undefined) yield* providedBy(object);
  }
}

function edgesOf(nodes: readonly Node[], before: SchemaGraph): [number, number][] {
  const edges: [number, number][] = [];
  const makers = indexBy(nodes, (node) => (node.kind.incidental ? [] : withProvided(node.puts)));
  const ended = (ids: Iterable<ObjectId>): Iterable<string> =>
    withProvided([...ids].map((id): [ObjectId, SchemaObject | undefined] => [id, before.objects.get(id)]));
  const enders = indexBy(nodes, (node) => ended(node.drops));
  const changers = indexBy(nodes, (node) =>
    node.kind.incidental ? [] : ended([...node.puts.keys()].filter((id) => before.objects.has(id))),
  );
  const freers = indexBy(nodes, (node) => node.namesFreed);
  const loosened = new Set(nodes.flatMap((node) => [...node.loosened]));
  const releasesOf = (node: Node): Iterable<ObjectId> => {
    if (loosened.size === 0) return node.releases;
    const elsewhere = node.changed
      .filter(([id, target]) => loosened.has(`${id} ${target}`))
      .map(([, target]) => target);
    return elsewhere.length === 0 ? node.releases : [...node.releases].filter((id) => !elsewhere.includes(id));
  };
  nodes.forEach((node, at) => {
    for (const id of node.needs) {
      for (const maker of makers.get(id) ?? []) edges.push([maker, at]);
      // What provides it only until then must not be what it is found in.
      for (const ender of enders.get(id) ?? []) edges.push([ender, at]);
      for (const changer of changers.get(id) ?? []) edges.push([changer, at]);
    }
    // What is made again is dropped first; what is only adorned is there first.
    for (const id of node.puts.keys()) {
      for (const first of (node.kind.incidental ? makers : enders).get(id) ?? []) edges.push([first, at]);
    }
    for (const id of releasesOf(node)) for (const ender of enders.get(id) ?? []) edges.push([at, ender]);
    for (const name of node.namesTaken) for (const freer of freers.get(name) ?? []) edges.push([freer, at]);
    for (const id of node.follows) {
      for (const first of [...(changers.get(id) ?? []), ...(makers.get(id) ?? [])]) {
        if (first !== at) edges.push([first, at]);
      }
    }
    // On one object, what takes an attribute away goes before what gives one: an identity before a default, say.
    for (const id of node.puts.keys()) {
      const old = before.objects.get(id);
      if (old === undefined || !takesAway(old, node.puts.get(id))) continue;
      for (const other of changers.get(id) ?? [])
        if (givesOnly(old, nodes[other]?.puts.get(id))) edges.push([at, other]);
    }
    // What stops referring to an object that is about to change goes first: Postgres refuses the change under it.
    for (const id of releasesOf(node)) {
      if (node.owners.has(id)) continue;
      for (const changer of changers.get(id) ?? []) if (!nodes[changer]?.kind.underUsers) edges.push([at, changer]);
    }
  });
  return edges;
}

const asides = new Set(["comment", "dependsOn"]);

/** Whether an object loses an attribute. */
function takesAway(old: SchemaObject, now: SchemaObject | undefined): boolean {
  return now !== undefined && Object.keys(old).some((name) => !asides.has(name) && !(name in now));
}

/** Whether an object loses attributes and nothing else happens to it. */
function onlyLoses(old: SchemaObject, now: SchemaObject): boolean {
  const held = old as unknown as Record<string, unknown>;
  return (
    takesAway(old, now) &&
    Object.entries(now).every(([name, value]) => asides.has(name) || sameValue(held[name], value))
  );
}

/** Whether an object gets attributes and loses none. */
function givesOnly(old: SchemaObject, now: SchemaObject | undefined): boolean {
  if (now === undefined || takesAway(old, now)) return false;
  return Object.keys(now).some((name) => !asides.has(name) && !(name in old));
}

function indexBy(nodes: readonly Node[], keys: (node: Node) => Iterable<string>): Map<string, number[]> {
  const index = new Map<string, number[]>();
  nodes.forEach((node, at) => {
    for (const key of keys(node)) {
      const list = index.get(key);
      if (list) list.push(at);
      else index.set(key, [at]);
    }
  });
  return index;
}

/** New things first by creation rank and in the order given, then what changes, then what is dropped, last made first. */
function sortKeyOf(
  kind: AnyOperationKind,
  op: Operation,
  puts: ReadonlyMap<ObjectId, SchemaObject>,
  drops: ReadonlySet<ObjectId>,
  before: SchemaGraph,
  at: number,
): string {
  const made = puts.keys().next().value;
  const subject = made ?? drops.keys().next().value ?? "";
  if (kind.last) return `3 ${subject}`;
  if (subject === "") return `1 ${kind.describe(op)}`;
  const rank = ruleOf(kindOfId(subject)).rank;
  const phase = made === undefined ? 2 : before.objects.has(made) ? 1 : 0;
  const place = phase === 0 ? String(at).padStart(8, "0") : subject;
  return `${phase} ${String(phase === 2 ? 99 - rank : rank).padStart(2, "0")} ${place} ${kind.kind}`;
}
