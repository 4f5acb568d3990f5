/** Relations between models: what a model refers to and what refers to it, to any depth. Foreign keys are the edges. */
import { compareText } from "../base/ordered.ts";
import type { SchemaGraph } from "./graph.ts";
import { nameOfId, type ObjectId, objectId, tableId } from "./kinds.ts";
import type { ForeignKey } from "./object.ts";

/** One foreign key met on the way, at its distance from the model that was asked about (1 is next to it). */
export interface RelationStep {
  readonly depth: number;
  readonly from: ObjectId;
  readonly to: ObjectId;
  readonly key: ForeignKey;
}

export interface ModelRelations {
  readonly model: ObjectId;
  readonly refersTo: readonly RelationStep[];
  readonly referredBy: readonly RelationStep[];
}

/** Edges by the model they leave and by the model they reach. One pass: keep it when asking often. */
export interface RelationIndex {
  readonly outgoing: ReadonlyMap<ObjectId, readonly RelationEdge[]>;
  readonly incoming: ReadonlyMap<ObjectId, readonly RelationEdge[]>;
}

interface RelationEdge {
  readonly from: ObjectId;
  readonly to: ObjectId;
  readonly key: ForeignKey;
}

/** Indexes the foreign keys of a graph. */
export function indexRelations(graph: SchemaGraph): RelationIndex {
  const outgoing = new Map<ObjectId, RelationEdge[]>();
  const incoming = new Map<ObjectId, RelationEdge[]>();
  const add = (index: Map<ObjectId, RelationEdge[]>, at: ObjectId, edge: RelationEdge): void => {
    const edges = index.get(at);
    if (edges) edges.push(edge);
    else index.set(at, [edge]);
  };
  for (const key of graph.objects.values()) {
    if (key.kind !== "foreignKey") continue;
    const edge = {
      from: tableId(key.schema, key.table),
      to: tableId(key.references.schema, key.references.table),
      key,
    };
    add(outgoing, edge.from, edge);
    add(incoming, edge.to, edge);
  }
  return { outgoing, incoming };
}

/** The relations of a model up to a depth, nearest first; every edge once in each direction, cycles end. */
export function relationsOf(index: RelationIndex, model: ObjectId, depth: number): ModelRelations {
  return {
    model,
    refersTo: walk(index.outgoing, model, depth, ({ to }) => to),
    referredBy: walk(index.incoming, model, depth, ({ from }) => from),
  };
}

function walk(
  edges: ReadonlyMap<ObjectId, readonly RelationEdge[]>,
  start: ObjectId,
  depth: number,
  onward: (edge: RelationEdge) => ObjectId,
): RelationStep[] {
  const steps: RelationStep[] = [];
  const seen = new Set([start]);
  let border = [start];
  for (let at = 1; at <= depth && border.length > 0; at++) {
    const next: ObjectId[] = [];
    for (const model of border) {
      for (const edge of edges.get(model) ?? []) {
        steps.push({ depth: at, ...edge });
        const target = onward(edge);
        if (seen.has(target)) continue;
        seen.add(target);
        next.push(target);
      }
    }
    border = next.sort(compareText);
  }
  return steps;
}

/** Every edge of some relations once, in a fixed order. */
export function edgesOf({ refersTo, referredBy }: ModelRelations): RelationStep[] {
  const edges = new Map<ObjectId, RelationStep>();
  for (const step of [...refersTo, ...referredBy])
    if (!edges.has(objectId(step.key))) edges.set(objectId(step.key), step);
  return [...edges.values()].sort((a, b) => compareText(objectId(a.key), objectId(b.key)));
}

/**
 * The models a person may mean by a name: `schema.table` as in SQL, or a bare table name in any schema.
 */
export function findModels(graph: SchemaGraph, name: string): ObjectId[] {
  const found: ObjectId[] = [];
  for (const object of graph.objects.values()) {
    if (object.kind !== "table") continue;
    const id = objectId(object);
    if (nameOfId(id) === name || `${object.schema}.${object.name}` === name) return [id];
    if (object.name === name) found.push(id);
  }
  return found;
}
