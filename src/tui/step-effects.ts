/** What each step of a plan changes in the live schema, and who depends on what it changes. Pure; made once per plan. */
import { type Change, diffGraphs } from "../diff/graph-diff.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import { dependentsById, makeGraph, type SchemaGraph } from "../model/graph.ts";
import { kindOfId, nameOfId, type ObjectId, parentId, ruleOf } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import type { PlanResult } from "../usecase/plan.ts";

export interface StepEffect {
  readonly changes: readonly Change[];
  /** objects that refer to what is dropped or altered, in words */
  readonly dependents: readonly string[];
}

/** The effects of a plan's open steps by `stepKey`. */
export type StepEffects = ReadonlyMap<string, StepEffect>;

/** The key of a step. */
export function stepKey(migration: string, step: number): string {
  return `${step} ${migration}`;
}

/** Follows the steps that are not applied yet through the part of the schema that they mention. */
export function stepEffects(live: SchemaGraph, { migrations }: PlanResult): StepEffects {
  const effects = new Map<string, StepEffect>();
  const open = migrations.flatMap(({ id, steps, applied }) => {
    const done = new Set(applied);
    return steps.filter(({ index }) => !done.has(index)).map((step) => ({ id, step }));
  });
  const mentioned = new Set<string>();
  for (const { step } of open) collectTexts(step.op, mentioned);
  const objects = [...live.objects.values()].filter((object) => mentioned.has(anchorOf(object)));
  const dependents = dependentsById(live);
  let before = makeGraph(objects);
  for (const { id, step } of open) {
    const after = predictOperations(before, [step.op]);
    const changes = diffGraphs(before, after);
    effects.set(stepKey(id, step.index), { changes, dependents: dependentsOf(changes, live, dependents) });
    before = after;
  }
  return effects;
}

/** The name that an operation has to mention to be about an object: its table's, or its own. */
function anchorOf(object: SchemaObject): string {
  if (object.kind === "grant") return object.on.table ?? object.on.name;
  if (object.kind === "owner") return object.on.name;
  if (object.kind === "defaultPrivileges") return object.on;
  return "table" in object ? object.table : object.name;
}

function collectTexts(value: unknown, into: Set<string>): void {
  if (typeof value === "string") into.add(value);
  else if (typeof value === "object" && value !== null)
    for (const member of Object.values(value)) collectTexts(member, into);
}

function dependentsOf(
  changes: readonly Change[],
  live: SchemaGraph,
  dependents: ReadonlyMap<ObjectId, readonly ObjectId[]>,
): string[] {
  const touched = new Set(changes.filter(({ type }) => type !== "create").map(({ id }) => id));
  const found = new Set<ObjectId>();
  for (const target of touched) {
    for (const id of dependents.get(target) ?? []) {
      const object = live.objects.get(id);
      const isOwn = touched.has(id) || (object !== undefined && parentId(object) === target);
      if (!isOwn) found.add(id);
    }
  }
  return [...found].sort().map((id) => `${ruleOf(kindOfId(id)).label} ${nameOfId(id)}`);
}
