/** What restoring an artifact takes: its own operations, what it needs before and what hung on it after, and what cannot be. Pure. */
import { planOperations, predictOperations } from "../diff/plan-operations.ts";
import type { SchemaGraph } from "../model/graph.ts";
import {
  columnId,
  kindOfId,
  type ObjectId,
  objectId,
  occupiedNames,
  ruleOf,
  schemaId,
  tableId,
} from "../model/kinds.ts";
import type { Column, SchemaObject } from "../model/object.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";
import type { RecoveryNotes } from "./notes.ts";
import { goalOf, labelOf, type NotRestorable, type Target } from "./what-hung.ts";

export interface RestoreChoices {
  /** another name for it */
  readonly as?: string;
  /** leave a NOT NULL column nullable, because rows came that have no value for it */
  readonly nullable?: boolean;
  /** fill a column in batches */
  readonly batches?: boolean;
}

export interface RestorePlan {
  readonly operations: readonly Operation[];
  /** what hung on it and does not come back, and why */
  readonly lost: readonly NotRestorable[];
  /** why it cannot be restored at all */
  readonly blocked: readonly NotRestorable[];
}

/** The way from the schema of now to one with the target back in it. */
export function planRestore(
  now: SchemaGraph,
  notes: RecoveryNotes,
  target: Target,
  choices: RestoreChoices,
  server: number,
): RestorePlan {
  const back = notes.operations.map((op) => chosen(op, now, choices));
  const needed = withSupport(now, notes.hung);
  const blocked = blockers(needed, back, target, choices);
  const before = planOperations(now, needed, { server }).operations;
  if (blocked.length > 0) return { operations: [], lost: [], blocked };
  const there = predictOperations(needed, back);
  if (choices.as !== undefined) return { operations: [...before, ...back], lost: [], blocked };
  const { graph, impossible } = goalOf(there, notes.hung);
  const after = planOperations(there, graph, { server }).operations;
  return { operations: [...before, ...back, ...after], lost: impossible, blocked };
}

/** What is left to do once the target itself is back: what hung on it and is missing. */
export function planRemainder(now: SchemaGraph, notes: RecoveryNotes, server: number): RestorePlan {
  const { graph, impossible } = goalOf(now, notes.hung);
  return { operations: planOperations(now, graph, { server }).operations, lost: impossible, blocked: [] };
}

/** The types, functions, schemas and free sequences that were dropped along, made again first. */
function withSupport(now: SchemaGraph, hung: readonly SchemaObject[]): SchemaGraph {
  const support = hung.filter(
    (object) =>
      ruleOf(object.kind).parent === undefined && ruleOf(object.kind).holdsRows === undefined && !isOwned(object),
  );
  return goalOf(now, support).graph;
}

function isOwned(object: SchemaObject): boolean {
  return ruleOf(object.kind).owner?.(object) !== undefined;
}

/** An operation as the choices make it: under another name, nullable, with the names of parts that are free. */
function chosen(op: Operation, now: SchemaGraph, { as, nullable, batches }: RestoreChoices): Operation {
  const given = op as Operation & Record<string, unknown>;
  if (op.kind === "restoreTable") {
    const taken = namesOf(now);
    const free = (names: unknown): string[] =>
      (Array.isArray(names) ? names : []).filter(
        (name) => !taken.has(relationName(String(given["schema"]), String(name))),
      );
    const { indexes, sequences, ...rest } = given;
    const kept = { indexes: free(indexes), sequences: free(sequences) };
    return {
      ...rest,
      ...(kept.indexes.length > 0 ? { indexes: kept.indexes } : {}),
      ...(kept.sequences.length > 0 ? { sequences: kept.sequences } : {}),
      ...(as === undefined ? {} : { as }),
    };
  }
  if (op.kind === "restoreColumn" && (nullable || batches || as !== undefined)) {
    const { notNull, ...rest } = given["column"] as Column;
    const column = { ...rest, ...(notNull && !nullable ? { notNull } : {}), ...(as === undefined ? {} : { name: as }) };
    return {
      ...given,
      column,
      ...(as === undefined ? {} : { source: rest.name }),
      ...(batches && rest.generated === undefined ? { batches } : {}),
    } as Operation;
  }
  return op;
}

function namesOf(graph: SchemaGraph): Map<string, ObjectId> {
  const names = new Map<string, ObjectId>();
  for (const [id, object] of graph.objects) for (const name of occupiedNames(object)) names.set(name, id);
  return names;
}

function relationName(schema: string, name: string): string {
  const [first = ""] = occupiedNames({ kind: "sequence", schema, name });
  return first;
}

/** Why the target itself cannot come back. */
function blockers(
  now: SchemaGraph,
  back: readonly Operation[],
  target: Target,
  { as }: RestoreChoices,
): NotRestorable[] {
  const { schema, table, column } = target;
  if (column === undefined) {
    const object = labelOf(tableId(schema, as ?? table));
    if (!now.objects.has(schemaId(schema))) return [{ object, why: `${labelOf(schemaId(schema))} is gone` }];
    const holder = namesOf(now).get(relationName(schema, as ?? table));
    return holder === undefined ? [] : [{ object, why: `its name is taken by ${labelOf(holder)}` }];
  }
  const id = columnId(schema, table, as ?? column);
  const object = labelOf(id);
  if (!now.objects.has(tableId(schema, table))) return [{ object, why: `${labelOf(tableId(schema, table))} is gone` }];
  if (now.objects.has(id)) return [{ object, why: "there is a column of that name" }];
  const found: NotRestorable[] = [];
  for (const op of back) {
    for (const edit of kindOf(op.kind).predict(op, now)) {
      if (!("put" in edit) || objectId(edit.put) !== id) continue;
      for (const needed of edit.put.dependsOn ?? [])
        if (kindOfId(needed) !== "sequence" && !now.objects.has(needed))
          found.push({ object, why: `${labelOf(needed)} is gone` });
    }
    const { key = [], witness = [] } = op as { readonly key?: readonly string[]; readonly witness?: readonly string[] };
    for (const name of [...key, ...witness]) {
      const needed = columnId(schema, table, name);
      if (!now.objects.has(needed))
        found.push({ object, why: `its rows are told apart by ${labelOf(needed)}, which is gone` });
    }
  }
  return found;
}
