/**
 * Two schemas side by side, indexed for browsing: the models with their marks, the parts of each, and who refers to whom.
 * Made once per pair; everything asked later is a look-up, so that a key costs the same at any size.
 */
import { compareText, sortedBy } from "../base/ordered.ts";
import { type Change, diffGraphs } from "../diff/graph-diff.ts";
import { planOperations } from "../diff/plan-operations.ts";
import { childrenByParent, emptyGraph, makeGraph, type SchemaGraph } from "../model/graph.ts";
import { kindOfId, modelId, nameOfId, type ObjectId, objectId, ruleOf, tableId } from "../model/kinds.ts";
import { graphSize } from "../model/lined-graph.ts";
import type { ObjectKind, SchemaObject } from "../model/object.ts";
import { planSteps, stepSql } from "../risk/plan.ts";

export type Mark = "created" | "dropped" | "altered" | "same";

/** A model, or another object that is part of none. */
export interface ModelRow {
  readonly id: ObjectId;
  readonly name: string;
  readonly kind: ObjectKind;
  readonly mark: Mark;
  /** changed parts; for an altered model only */
  readonly created: number;
  readonly altered: number;
  readonly dropped: number;
}

/** One relation as seen from one model. */
export interface RelationRow {
  readonly direction: "to" | "from";
  /** the model at the other end */
  readonly model: ObjectId;
  readonly name: string;
  readonly columns: readonly string[];
}

/** A part of a model in both schemas. */
export interface PartRow {
  readonly kind: ObjectKind;
  readonly mark: Mark;
  readonly before: SchemaObject | undefined;
  readonly after: SchemaObject | undefined;
}

export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly before: SchemaGraph;
  readonly after: SchemaGraph;
  readonly sizes: {
    readonly before: { readonly models: number; readonly relations: number };
    readonly after: { readonly models: number; readonly relations: number };
  };
  readonly counts: { readonly created: number; readonly dropped: number; readonly altered: number };
  /** models by name, then other objects */
  readonly rows: readonly ModelRow[];
  /** characters of the longest name */
  readonly widestName: number;
  parts(id: ObjectId): readonly PartRow[];
  relations(id: ObjectId): readonly RelationRow[];
  /** the statements that make the model as it is in the second schema, or was in the first */
  sql(id: ObjectId): string;
}

/** Compares and indexes; one pass over each schema. */
export function compareSchemas(a: string, before: SchemaGraph, b: string, after: SchemaGraph): Comparison {
  const changes = new Map<ObjectId, Change[]>();
  for (const change of before === after ? [] : diffGraphs(before, after)) {
    const object = change.type === "create" ? change.after : change.before;
    const model = modelId(object) ?? change.id;
    const list = changes.get(model);
    if (list === undefined) changes.set(model, [change]);
    else list.push(change);
  }
  const rows = modelRows(before, after, changes);
  const children = { before: childrenByParent(before), after: childrenByParent(after) };
  const relations = relationIndex(before, after);
  const scripts = new Map<ObjectId, string>();
  const models = rows.filter(({ kind }) => kind === "table");
  const count = (mark: Mark): number => models.filter((row) => row.mark === mark).length;
  return {
    a,
    b,
    before,
    after,
    sizes: { before: graphSize(before), after: graphSize(after) },
    counts: { created: count("created"), dropped: count("dropped"), altered: count("altered") },
    rows,
    widestName: rows.reduce((most, { name }) => Math.max(most, name.length), 0),
    parts: (id) => partRows(id, children.before.get(id) ?? [], children.after.get(id) ?? [], changes.get(id) ?? []),
    relations: (id) => relations.get(id) ?? [],
    sql(id) {
      const known = scripts.get(id);
      if (known !== undefined) return known;
      const graph = after.objects.has(id) ? after : before;
      const script = modelScript(id, graph, (graph === after ? children.after : children.before).get(id) ?? []);
      scripts.set(id, script);
      return script;
    },
  };
}

function modelRows(
  before: SchemaGraph,
  after: SchemaGraph,
  changes: ReadonlyMap<ObjectId, readonly Change[]>,
): ModelRow[] {
  const rows = new Map<ObjectId, ModelRow>();
  const add = (id: ObjectId, object: SchemaObject): void => {
    if (rows.has(id) || modelId(object) !== undefined) return;
    const own = changes.get(id) ?? [];
    if (own.length === 0 && object.kind !== "table" && object.kind !== "enum") return;
    const self = own.find((change) => change.id === id);
    const whole = self !== undefined && self.type !== "alter";
    const of = (type: Change["type"]): number =>
      whole ? 0 : own.filter((change) => change.type === type && change.id !== id).length;
    rows.set(id, {
      id,
      name: nameOfId(id),
      kind: object.kind,
      mark: own.length === 0 ? "same" : whole ? (self.type === "create" ? "created" : "dropped") : "altered",
      created: of("create"),
      altered: of("alter"),
      dropped: of("drop"),
    });
  };
  for (const [id, object] of before.objects) add(id, object);
  for (const [id, object] of after.objects) add(id, object);
  const all = sortedBy(rows.values(), ({ name }) => name);
  return [...all.filter(({ kind }) => kind === "table"), ...all.filter(({ kind }) => kind !== "table")];
}

function partRows(
  id: ObjectId,
  before: readonly SchemaObject[],
  after: readonly SchemaObject[],
  changes: readonly Change[],
): PartRow[] {
  const marks = new Map(changes.map((change) => [change.id, change.type]));
  const parts = new Map<ObjectId, PartRow>();
  const words = { create: "created", drop: "dropped", alter: "altered" } as const;
  for (const object of [...before, ...after]) {
    const key = objectId(object);
    const known = parts.get(key);
    const type = marks.get(key);
    parts.set(key, {
      kind: object.kind,
      mark: type === undefined ? "same" : words[type],
      before: known?.before ?? (before.includes(object) ? object : undefined),
      after: after.includes(object) ? object : undefined,
    });
  }
  const own = changes.find((change) => change.id === id);
  if (parts.size === 0 && own !== undefined) {
    return [
      {
        kind: kindOfId(id),
        mark: words[own.type],
        before: own.type === "create" ? undefined : own.before,
        after: own.type === "drop" ? undefined : own.after,
      },
    ];
  }
  const place = ({ before: old, after: now }: PartRow): number => {
    const object = now ?? old;
    return object?.kind === "column" ? (object.position ?? 0) + (now === undefined ? 0.5 : 0) : 0;
  };
  return [...parts]
    .sort(([leftId, left], [rightId, right]) => {
      const ranks = ruleOf(left.kind).rank - ruleOf(right.kind).rank;
      if (ranks !== 0) return ranks;
      const places = place(left) - place(right);
      return places === 0 ? compareText(leftId, rightId) : places;
    })
    .map(([, part]) => part);
}

function relationIndex(before: SchemaGraph, after: SchemaGraph): Map<ObjectId, RelationRow[]> {
  const index = new Map<ObjectId, RelationRow[]>();
  const add = (at: ObjectId, row: RelationRow): void => {
    const list = index.get(at);
    if (list === undefined) index.set(at, [row]);
    else list.push(row);
  };
  const collect = (graph: SchemaGraph, skip: SchemaGraph | undefined): void => {
    for (const [id, object] of graph.objects) {
      if (object.kind !== "foreignKey" || skip?.objects.has(id) === true) continue;
      const { name, columns } = object;
      const from = tableId(object.schema, object.table);
      const to = tableId(object.references.schema, object.references.table);
      add(from, { direction: "to", model: to, name, columns });
      add(to, { direction: "from", model: from, name, columns });
    }
  };
  collect(after, undefined);
  if (before !== after) collect(before, after);
  for (const rows of index.values()) {
    rows.sort((x, y) => (x.direction === y.direction ? compareText(x.model, y.model) : x.direction === "to" ? -1 : 1));
  }
  return index;
}

function modelScript(id: ObjectId, graph: SchemaGraph, children: readonly SchemaObject[]): string {
  const own = graph.objects.get(id);
  if (own === undefined) return "";
  const operations = planOperations(
    emptyGraph,
    makeGraph([...emptyGraph.objects.values(), own, ...children]),
  ).operations;
  return planSteps(operations, emptyGraph).map(stepSql).join("\n\n");
}
