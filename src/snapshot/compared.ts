/** A comparison of two graphs arranged for reading: the models that differ with their texts, and what touches a relation. */
import { compareText, groupBy } from "../base/ordered.ts";
import type { Change } from "../diff/graph-diff.ts";
import { childrenByParent, type SchemaGraph } from "../model/graph.ts";
import { columnId, kindOfId, modelId, nameOfId, type ObjectId, ruleOf } from "../model/kinds.ts";
import { graphSize } from "../model/lined-graph.ts";
import { textsOf } from "../render/schema-text.ts";

/** One object that stands by itself and differs, with everything that is part of it. */
export interface ComparedModel {
  readonly id: ObjectId;
  readonly kind: string;
  readonly name: string;
  readonly type: "create" | "drop" | "alter";
  readonly counts: { readonly created: number; readonly dropped: number; readonly altered: number };
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly changes: readonly Change[];
}

export interface Comparison {
  readonly sizes: { readonly before: Size; readonly after: Size };
  readonly models: readonly ComparedModel[];
  /** ids of changes to foreign keys, and to columns that a foreign key uses on either side */
  readonly touchesRelation: ReadonlySet<ObjectId>;
}

interface Size {
  readonly models: number;
  readonly relations: number;
}

/** Arranges the changes between two graphs by model, in the order of kinds and names. */
export function compare(before: SchemaGraph, after: SchemaGraph, changes: readonly Change[]): Comparison {
  const groups = groupBy(
    changes,
    (change) => modelId(change.type === "create" ? change.after : change.before) ?? change.id,
  );
  const ids = new Set(groups.keys());
  const textsBefore = textsOf(before, ids, ids.size > 0 ? childrenByParent(before) : new Map());
  const textsAfter = textsOf(after, ids, ids.size > 0 ? childrenByParent(after) : new Map());
  const models = [...groups].map(([id, members]): ComparedModel => {
    const own = members.find((change) => change.id === id);
    const parts = members.filter((change) => change.id !== id);
    const count = (type: Change["type"]): number => parts.filter((change) => change.type === type).length;
    return {
      id,
      kind: ruleOf(kindOfId(id)).label,
      name: nameOfId(id),
      type: own?.type ?? "alter",
      counts: { created: count("create"), dropped: count("drop"), altered: count("alter") },
      before: textsBefore.get(id) ?? [],
      after: textsAfter.get(id) ?? [],
      changes: members,
    };
  });
  models.sort((a, b) => ruleOf(kindOfId(a.id)).rank - ruleOf(kindOfId(b.id)).rank || compareText(a.name, b.name));
  return {
    sizes: { before: graphSize(before), after: graphSize(after) },
    models,
    touchesRelation: touching(before, after, changes),
  };
}

function touching(before: SchemaGraph, after: SchemaGraph, changes: readonly Change[]): Set<ObjectId> {
  const touched = new Set<ObjectId>();
  let used: Set<ObjectId> | undefined;
  for (const { id } of changes) {
    const kind = kindOfId(id);
    if (kind === "foreignKey") touched.add(id);
    if (kind !== "column") continue;
    used ??= new Set([...keyColumns(before), ...keyColumns(after)]);
    if (used.has(id)) touched.add(id);
  }
  return touched;
}

function* keyColumns(graph: SchemaGraph): Generator<ObjectId> {
  for (const key of graph.objects.values()) {
    if (key.kind !== "foreignKey") continue;
    for (const name of key.columns) yield columnId(key.schema, key.table, name);
    for (const name of key.references.columns) yield columnId(key.references.schema, key.references.table, name);
  }
}
