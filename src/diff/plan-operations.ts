/** Changes to ordered operations: each change is claimed by exactly one kind, the order follows from what refers to what. */
import { toolError } from "../base/errors.ts";
import { areaOf, childrenByParent, draftGraph, type SchemaGraph } from "../model/graph.ts";
import { hasFollowers } from "../model/inheritance.ts";
import { kindOfId, nameOfId, ruleOf } from "../model/kinds.ts";

import type { AnyOperationKind, ClaimContext, Operation, SingleChange } from "../operation/define.ts";
import { kindOf, operationKinds } from "../operation/registry.ts";
import { leadingChanges, leaveParents } from "./followers.ts";
import { orderOperations } from "./order.ts";
import { applyRenames } from "./renames.ts";
import { singleChanges } from "./single-changes.ts";

export interface PlanOptions {
  /** `old=new` pairs that settle a rename */
  readonly renames?: readonly string[];
  /** server_version_num the operations are for; the newest when unknown */
  readonly server?: number;
}

export interface PlannedOperations {
  readonly operations: readonly Operation[];
  /** the graph the operations lead to: `after` but for what cannot be changed, such as the order of columns */
  readonly predicted: SchemaGraph;
}

const newestServer = 180000;

/** The operations that turn one schema into another. */
export function planOperations(before: SchemaGraph, after: SchemaGraph, options: PlanOptions = {}): PlannedOperations {
  const renamed = applyRenames(before, after, options.renames ?? []);
  const left = leaveParents(renamed.graph, after);
  const claimed = claimChanges(left.graph, after, options.server ?? newestServer);
  const [first, closing] = [
    claimed.filter(({ kind }) => !isClosing(kind)),
    claimed.filter(({ kind }) => isClosing(kind)),
  ];
  const operations = [...renamed.operations, ...left.operations, ...orderOperations(left.graph, first)];
  let predicted = predictOperations(before, operations);
  if (closing.length > 0) {
    const last = orderOperations(predicted, closing);
    operations.push(...last);
    predicted = predictOperations(predicted, last);
  }
  if (!hasFollowers(predicted)) return { operations, predicted };
  // What follows a parent was left to the parent's operations: where it is to differ from the parent, it is changed last.
  const own = orderOperations(predicted, claimChanges(predicted, after, options.server ?? newestServer));
  return { operations: [...operations, ...own], predicted: predictOperations(predicted, own) };
}

function isClosing(kind: string): boolean {
  return kindOf(kind).closing === true;
}

/** The graph after some operations, by their own predictions. */
export function predictOperations(before: SchemaGraph, operations: readonly Operation[]): SchemaGraph {
  const draft = draftGraph(before);
  for (const op of operations) draft.edit(kindOf(op.kind).predict(op, draft.current));
  return draft.graph();
}

/** The operations that the changes amount to, in no particular order. */
function claimChanges(before: SchemaGraph, after: SchemaGraph, server: number): Operation[] {
  const changes = singleChanges(before, after, server).filter(leadingChanges(before, after));
  const context = claimContext(before, after, changes);
  const byTrigger = kindsByTrigger();
  const absorbed = new Set<SingleChange>();
  const operations: Operation[] = [];
  const said = new Set<string>();
  const byArea = changesByArea(changes);
  for (const change of changes) {
    if (absorbed.has(change)) continue;
    const { kind, op } = claimOne(change, context, byTrigger);
    // Several tables may ask the same of a parent of theirs.
    const text = change.type === "alter" ? JSON.stringify(op) : undefined;
    if (text !== undefined && said.has(text)) continue;
    if (text !== undefined) said.add(text);
    operations.push(op);
    if (kind.absorbs === undefined) continue;
    for (const other of byArea.get(areaOfChange(change)) ?? []) {
      if (other !== change && !absorbed.has(other) && kind.absorbs(op, other, context)) absorbed.add(other);
    }
  }
  return operations;
}

function claimOne(
  change: SingleChange,
  context: ClaimContext,
  byTrigger: ReadonlyMap<string, readonly AnyOperationKind[]>,
): { kind: AnyOperationKind; op: Operation } {
  const claims: { kind: AnyOperationKind; op: Operation }[] = [];
  for (const trigger of triggersOf(change)) {
    for (const kind of byTrigger.get(trigger) ?? []) {
      const op = kind.claims(change, context);
      if (op !== undefined) claims.push({ kind, op });
    }
    // A kind that names the attribute outranks one that takes any.
    if (claims.length > 0) break;
  }
  const first = claims[0];
  if (first !== undefined && claims.length === 1) return first;
  if (claims.length > 1) {
    throw new Error(`internal: ${change.id} is claimed by ${claims.map(({ kind }) => kind.kind).join(" and ")}`);
  }
  const fixed = change.type === "alter" ? ruleOf(kindOfId(change.id)).fixed?.[change.attribute] : undefined;
  if (fixed !== undefined && change.type === "alter") {
    throw toolError({
      code: "not_supported",
      what: `cannot change ${change.attribute} of ${kindOfId(change.id)} ${nameOfId(change.id)}`,
      why: fixed,
      state: "nothing was changed",
      next: "make a new one under another name, copy the rows over, and rename both in a migration of its own",
      details: { object: change.id },
    });
  }
  const verb = change.type === "alter" ? `change ${change.attribute} of` : change.type;
  throw toolError({
    code: "not_supported",
    what: `cannot ${verb} ${kindOfId(change.id)} ${nameOfId(change.id)}`,
    why: "no operation kind covers this change yet",
    state: "nothing was changed",
    next: "make the change in a migration of its own with a .sql file in the migrations folder",
    details: { object: change.id },
  });
}

function triggersOf(change: SingleChange): string[] {
  const kind = kindOfId(change.id);
  if (change.type !== "alter") return [`${change.type} ${kind}`];
  return [`alter ${kind}.${change.attribute}`, `alter *.${change.attribute}`, `alter ${kind}.*`];
}

let triggers: ReadonlyMap<string, readonly AnyOperationKind[]> | undefined;

function kindsByTrigger(): ReadonlyMap<string, readonly AnyOperationKind[]> {
  if (triggers !== undefined) return triggers;
  const map = new Map<string, AnyOperationKind[]>();
  for (const kind of operationKinds) {
    for (const trigger of kind.on) map.set(trigger, [...(map.get(trigger) ?? []), kind]);
  }
  triggers = map;
  return map;
}

/** Changes are absorbed only within a table or a free object, so that claiming stays linear. */
function areaOfChange(change: SingleChange): string {
  return areaOf(change.type === "drop" ? change.before : change.after);
}

function changesByArea(changes: readonly SingleChange[]): Map<string, SingleChange[]> {
  const areas = new Map<string, SingleChange[]>();
  for (const change of changes) {
    const area = areaOfChange(change);
    const list = areas.get(area);
    if (list) list.push(change);
    else areas.set(area, [change]);
  }
  return areas;
}

function claimContext(before: SchemaGraph, after: SchemaGraph, changes: readonly SingleChange[]): ClaimContext {
  const altered = new Set(
    changes.map((change) => (change.type === "alter" ? `${change.attribute} of ${change.id}` : "")),
  );
  return {
    before,
    after,
    childrenBefore: (id) => childrenByParent(before).get(id) ?? [],
    childrenAfter: (id) => childrenByParent(after).get(id) ?? [],
    alters: (id, attribute) => altered.has(`${attribute} of ${id}`),
  };
}
