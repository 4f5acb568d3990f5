/** The SchemaGraph: an immutable set of schema objects by id, with the few lookups everything else needs. */
import { sortedBy } from "../base/ordered.ts";
import { forgetFollowers } from "./followers.ts";
import type { GrantTarget } from "./grant.ts";
import { type ObjectId, objectId, ownerId, parentId, referencesOf, tableId } from "./kinds.ts";
import type { DefaultPrivileges, Grant, ObjectKind, ObjectOf, Owner, SchemaObject } from "./object.ts";
import type { Owned } from "./owner.ts";

/** Something the catalog holds that the graph does not model: named, never passed over in silence. */
export interface Unmodelled {
  readonly kind: string;
  readonly name: string;
}

/** A schema as data. Iteration order of `objects` is the order of ids. */
export interface SchemaGraph {
  readonly objects: ReadonlyMap<ObjectId, SchemaObject>;
  readonly unmodelled: readonly Unmodelled[];
}

/** One change to a graph, as operations predict it. Dropping an object drops its parts. */
export type GraphEdit = { readonly put: SchemaObject; readonly at?: ObjectId } | { readonly drop: ObjectId };

/** A graph of these objects. A later object replaces an earlier one with the same id. */
export function makeGraph(objects: Iterable<SchemaObject>, unmodelled: readonly Unmodelled[] = []): SchemaGraph {
  const byId = new Map<ObjectId, SchemaObject>();
  for (const object of objects) byId.set(objectId(object), object);
  return graphOfMap(byId, unmodelled);
}

/** The same for objects whose ids are known. The map is taken over: nobody else may change it. */
export function graphOfMap(byId: Map<ObjectId, SchemaObject>, unmodelled: readonly Unmodelled[] = []): SchemaGraph {
  return { objects: sortedObjects(byId), unmodelled };
}

/** The same objects in the order of ids; the map itself where it has that order. */
export function sortedObjects(byId: Map<ObjectId, SchemaObject>): Map<ObjectId, SchemaObject> {
  let last = "";
  for (const id of byId.keys()) {
    if (id < last) return new Map(sortedBy(byId, ([key]) => key));
    last = id;
  }
  return byId;
}

/** The graph with nothing in it but what a new database has: the schema public. */
export const emptyGraph: SchemaGraph = makeGraph([{ kind: "schema", name: "public" }]);

/** The object of an id, if it is there and of that kind. */
export function getObject<K extends ObjectKind>(graph: SchemaGraph, kind: K, id: ObjectId): ObjectOf<K> | undefined {
  const object = graph.objects.get(id);
  return object?.kind === kind ? (object as ObjectOf<K>) : undefined;
}

/** The graph as it is hashed, stored and compared over time: who owns what is no part of that. */
export function withoutOwners(graph: SchemaGraph): SchemaGraph {
  const kept = [...graph.objects].filter(([, object]) => object.kind !== "owner");
  return kept.length === graph.objects.size ? graph : graphOfMap(new Map(kept), graph.unmodelled);
}

/** All objects of a kind, in id order. */
export function objectsOfKind<K extends ObjectKind>(graph: SchemaGraph, kind: K): ObjectOf<K>[] {
  const found: ObjectOf<K>[] = [];
  for (const object of graph.objects.values()) if (object.kind === kind) found.push(object as ObjectOf<K>);
  return found;
}

/** Parts by parent and belongings by owner. Made once per graph, and kept in step by a draft while it edits. */
interface GraphIndex {
  readonly parts: Map<ObjectId, SchemaObject[]>;
  readonly owned: Map<ObjectId, SchemaObject[]>;
}

const indexes = new WeakMap<SchemaGraph, GraphIndex>();

function indexOf(graph: SchemaGraph): GraphIndex {
  const known = indexes.get(graph);
  if (known !== undefined) return known;
  const index: GraphIndex = { parts: new Map(), owned: new Map() };
  for (const object of graph.objects.values()) addToIndex(index, object);
  indexes.set(graph, index);
  return index;
}

function addToIndex({ parts, owned }: GraphIndex, object: SchemaObject): void {
  const parent = parentId(object);
  if (parent !== undefined) addTo(parts, parent, object);
  const owner = ownerId(object);
  if (owner !== undefined) addTo(owned, owner, object);
}

function removeFromIndex({ parts, owned }: GraphIndex, object: SchemaObject): void {
  const parent = parentId(object);
  if (parent !== undefined) removeFrom(parts, parent, object);
  const owner = ownerId(object);
  if (owner !== undefined) removeFrom(owned, owner, object);
}

function addTo(lists: Map<ObjectId, SchemaObject[]>, at: ObjectId, object: SchemaObject): void {
  const list = lists.get(at);
  if (list) list.push(object);
  else lists.set(at, [object]);
}

/** Replaces the list: whoever was given the old one goes on reading it. */
function removeFrom(lists: Map<ObjectId, SchemaObject[]>, at: ObjectId, object: SchemaObject): void {
  const left = lists.get(at)?.filter((other) => other !== object) ?? [];
  if (left.length > 0) lists.set(at, left);
  else lists.delete(at);
}

/** The parts of each object, by its id. */
export function childrenByParent(graph: SchemaGraph): ReadonlyMap<ObjectId, readonly SchemaObject[]> {
  return indexOf(graph).parts;
}

/** What was given to each object and goes along with it, by its id. */
export function belongingsByOwner(graph: SchemaGraph): ReadonlyMap<ObjectId, readonly SchemaObject[]> {
  return indexOf(graph).owned;
}

/** Who refers to each object, by its id; parts refer to their parent. One pass. */
export function dependentsById(graph: SchemaGraph): Map<ObjectId, ObjectId[]> {
  const dependents = new Map<ObjectId, ObjectId[]>();
  for (const [id, object] of graph.objects) {
    for (const target of referencesOf(object)) {
      const list = dependents.get(target);
      if (list) list.push(id);
      else dependents.set(target, [id]);
    }
  }
  return dependents;
}

/** The table or domain an object is or is a part of, or the object by itself: what changes together is in one area. */
export function areaOf(object: SchemaObject): string {
  if (object.kind === "defaultPrivileges") return JSON.stringify([]);
  if (object.kind === "grant" || object.kind === "owner") return JSON.stringify(areaParts(object.on));
  return JSON.stringify(areaParts(object));
}

function areaParts(
  object: Exclude<SchemaObject, DefaultPrivileges | Grant | Owner> | GrantTarget | Owned,
): readonly unknown[] {
  if ("table" in object) return [object.schema, object.table];
  if ("domain" in object) return [object.schema, object.domain];
  return "schema" in object ? [object.schema, object.name] : [object.name];
}

/** The columns of a table in their order. */
export function columnsOfTable(graph: SchemaGraph, schema: string, table: string): ObjectOf<"column">[] {
  const parts = childrenByParent(graph).get(tableId(schema, table)) ?? [];
  return parts
    .filter((part): part is ObjectOf<"column"> => part.kind === "column")
    .sort((a, b) => (a.position ?? 1601) - (b.position ?? 1601));
}

/** The graph after some edits. Columns of touched tables keep dense positions. */
export function editGraph(graph: SchemaGraph, edits: Iterable<GraphEdit>): SchemaGraph {
  const draft = draftGraph(graph);
  draft.edit(edits);
  return draft.graph();
}

/** A graph being edited many times: cheaper than one copy per operation when replaying a migration. */
export function draftGraph(start: SchemaGraph): {
  edit(edits: Iterable<GraphEdit>): void;
  graph(): SchemaGraph;
  readonly current: SchemaGraph;
} {
  const objects = new Map(start.objects);
  const current: SchemaGraph = { objects, unmodelled: start.unmodelled };
  const index = indexOf(current);
  const renumber = new Set<string>();
  const remove = (id: ObjectId): void => {
    const object = objects.get(id);
    if (object === undefined) return;
    objects.delete(id);
    removeFromIndex(index, object);
    if (object.kind === "column") renumber.add(tableKey(object));
  };
  const dropTree = (root: ObjectId): void => {
    const gone = [root];
    // The list grows while it is walked: parts of parts go too.
    for (const id of gone) for (const part of index.parts.get(id) ?? []) gone.push(objectId(part));
    for (const id of gone) remove(id);
    for (const id of gone) for (const owned of index.owned.get(id) ?? []) remove(objectId(owned));
  };
  const place = (id: ObjectId, object: SchemaObject): void => {
    const old = objects.get(id);
    if (old !== undefined) removeFromIndex(index, old);
    objects.set(id, object);
    addToIndex(index, object);
  };
  return {
    current,
    edit(edits) {
      for (const edit of edits) {
        const changed = "drop" in edit ? [edit.drop] : [edit.at ?? objectId(edit.put), objectId(edit.put)];
        forgetFollowers(objects, ...changed.map((id) => objects.get(id)), "put" in edit ? edit.put : undefined);
        if ("drop" in edit) {
          dropTree(edit.drop);
          continue;
        }
        if (edit.at !== undefined) remove(edit.at);
        const { put } = edit;
        if (put.kind === "column") renumber.add(tableKey(put));
        place(objectId(put), put);
      }
    },
    graph() {
      for (const key of renumber) {
        const [schema, table] = JSON.parse(key) as [string, string];
        columnsOfTable(current, schema, table).forEach((column, at) => {
          if (column.position !== at + 1) place(objectId(column), { ...column, position: at + 1 });
        });
      }
      renumber.clear();
      return graphOfMap(new Map(objects), start.unmodelled);
    },
  };
}

function tableKey(column: { schema: string; table: string }): string {
  return JSON.stringify([column.schema, column.table]);
}
