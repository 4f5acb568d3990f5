/** The SchemaGraph: an immutable set of schema objects by id, with the few lookups everything else needs. */
import { sortedBy } from "../base/ordered.ts";
import { kindOfId, type ObjectId, objectId, ownerId, parentId, referencesOf } from "./kinds.ts";
import type { ObjectKind, ObjectOf, SchemaObject } from "./object.ts";

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
  let last = "";
  for (const id of byId.keys()) {
    if (id < last) return { objects: new Map(sortedBy(byId, ([key]) => key)), unmodelled };
    last = id;
  }
  return { objects: byId, unmodelled };
}

/** The graph with nothing in it but what a new database has: the schema public. */
export const emptyGraph: SchemaGraph = makeGraph([{ kind: "schema", name: "public" }]);

/** The object of an id, if it is there and of that kind. */
export function getObject<K extends ObjectKind>(graph: SchemaGraph, kind: K, id: ObjectId): ObjectOf<K> | undefined {
  const object = graph.objects.get(id);
  return object?.kind === kind ? (object as ObjectOf<K>) : undefined;
}

/** All objects of a kind, in id order. */
export function objectsOfKind<K extends ObjectKind>(graph: SchemaGraph, kind: K): ObjectOf<K>[] {
  const found: ObjectOf<K>[] = [];
  for (const object of graph.objects.values()) if (object.kind === kind) found.push(object as ObjectOf<K>);
  return found;
}

/** The parts of each object, by its id. One pass: keep the result when asking often. */
export function childrenByParent(graph: SchemaGraph): Map<ObjectId, SchemaObject[]> {
  const children = new Map<ObjectId, SchemaObject[]>();
  for (const object of graph.objects.values()) {
    const parent = parentId(object);
    if (parent === undefined) continue;
    const list = children.get(parent);
    if (list) list.push(object);
    else children.set(parent, [object]);
  }
  return children;
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

/** The table an object is or is a part of, or the object by itself: what changes together is in one area. */
export function areaOf(object: SchemaObject): string {
  if ("table" in object) return JSON.stringify([object.schema, object.table]);
  return JSON.stringify("schema" in object ? [object.schema, object.name] : [object.name]);
}

/** The columns of a table in their order. */
export function columnsOfTable(graph: SchemaGraph, schema: string, table: string): ObjectOf<"column">[] {
  const columns: ObjectOf<"column">[] = [];
  for (const object of graph.objects.values()) {
    if (object.kind === "column" && object.schema === schema && object.table === table) columns.push(object);
  }
  return columns.sort((a, b) => (a.position ?? 1601) - (b.position ?? 1601));
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
  const renumber = new Set<string>();
  const dropTree = (root: ObjectId): void => {
    objects.delete(root);
    const kind = kindOfId(root);
    if (kind !== "table" && kind !== "column") return;
    const gone = new Set([root]);
    for (const [id, object] of objects) {
      if (parentId(object) !== root) continue;
      objects.delete(id);
      gone.add(id);
    }
    for (const [id, object] of objects) {
      const owner = ownerId(object);
      if (owner !== undefined && gone.has(owner)) objects.delete(id);
    }
  };
  return {
    current,
    edit(edits) {
      for (const edit of edits) {
        if ("drop" in edit) {
          const gone = objects.get(edit.drop);
          if (gone?.kind === "column") renumber.add(tableKey(gone));
          dropTree(edit.drop);
          continue;
        }
        if (edit.at !== undefined) objects.delete(edit.at);
        const { put } = edit;
        if (put.kind === "column") renumber.add(tableKey(put));
        objects.set(objectId(put), put);
      }
    },
    graph() {
      const byTable = new Map<string, ObjectOf<"column">[]>();
      if (renumber.size > 0) {
        for (const object of objects.values()) {
          if (object.kind !== "column" || !renumber.has(tableKey(object))) continue;
          const list = byTable.get(tableKey(object));
          if (list) list.push(object);
          else byTable.set(tableKey(object), [object]);
        }
      }
      for (const columns of byTable.values()) {
        columns.sort((a, b) => (a.position ?? 1601) - (b.position ?? 1601));
        columns.forEach((column, index) => {
          if (column.position !== index + 1) objects.set(objectId(column), { ...column, position: index + 1 });
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

/** Models and relations: the two figures a snapshot is known by. */
export function graphSize(graph: SchemaGraph): { readonly models: number; readonly relations: number } {
  let models = 0;
  let relations = 0;
  for (const object of graph.objects.values()) {
    if (object.kind === "table") models++;
    else if (object.kind === "foreignKey") relations++;
  }
  return { models, relations };
}
