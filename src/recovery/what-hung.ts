/** What hung on a table or column and can be made again: found in the schema from before, compared with the one of now. Pure. */
import { belongingsByOwner, childrenByParent, dependentsById, makeGraph, type SchemaGraph } from "../model/graph.ts";
import {
  columnId,
  kindOfId,
  nameOfId,
  type ObjectId,
  objectId,
  occupiedNames,
  referencesOf,
  ruleOf,
  tableId,
} from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";

/** A table, or a column of one. */
export interface Target {
  readonly schema: string;
  readonly table: string;
  readonly column?: string;
}

/** The id of a target in a graph. */
export function targetId({ schema, table, column }: Target): ObjectId {
  return column === undefined ? tableId(schema, table) : columnId(schema, table, column);
}

/**
 * The target, its parts, what refers to them and holds no rows of its own (keys, indexes, policies, foreign keys of other
 * tables, views, …), and the types, functions and sequences all of that needs; in id order.
 */
export function whatHung(before: SchemaGraph, target: Target): SchemaObject[] {
  const parts = childrenByParent(before);
  const owned = belongingsByOwner(before);
  const dependents = dependentsById(before);
  const found = new Set<ObjectId>();
  const downwards = [targetId(target)];
  for (const id of downwards) {
    const object = before.objects.get(id);
    if (object === undefined || found.has(id)) continue;
    found.add(id);
    for (const part of parts.get(id) ?? []) downwards.push(objectId(part));
    const users = (dependents.get(id) ?? []).flatMap((dependent) => before.objects.get(dependent) ?? []);
    for (const user of [...(owned.get(id) ?? []), ...users.filter((one) => !holdsRows(one))])
      if (target.column !== undefined || !isOfPartition(user)) downwards.push(objectId(user));
  }
  const upwards = [...found];
  for (const id of upwards) {
    const object = before.objects.get(id);
    if (object === undefined) continue;
    for (const needed of referencesOf(object)) {
      const support = before.objects.get(needed);
      if (support === undefined || found.has(needed) || holdsRows(support) || isAttached(support)) continue;
      found.add(needed);
      upwards.push(needed);
    }
  }
  return [...found].sort().flatMap((id) => before.objects.get(id) ?? []);
}

function holdsRows(object: SchemaObject | undefined): boolean {
  return object === undefined || (ruleOf(object.kind).holdsRows?.(object) ?? false);
}

/** Whether an object is a part of a table and holds no rows: it can be made again from its definition alone. */
function isAttached(object: SchemaObject | undefined): boolean {
  return object !== undefined && ruleOf(object.kind).parent !== undefined && !holdsRows(object);
}

/** Whether it is a key or index of a partition that is part of one of the parent: it comes back with the partition. */
function isOfPartition(object: SchemaObject): boolean {
  return "attachedTo" in object && object.attachedTo !== undefined;
}

/** What cannot come back, and why. */
export interface NotRestorable {
  readonly object: string;
  readonly why: string;
}

export interface Goal {
  readonly graph: SchemaGraph;
  readonly impossible: readonly NotRestorable[];
}

/** The schema of now with everything that hung on the target and is missing, as far as names and what it needs allow. */
export function goalOf(now: SchemaGraph, hung: readonly SchemaObject[]): Goal {
  const objects = new Map(now.objects);
  const names = new Map<string, ObjectId>();
  for (const [id, object] of objects) for (const name of occupiedNames(object)) names.set(name, id);
  const impossible = rejoin(objects, hung);
  let open = hung.filter((object) => !objects.has(objectId(object)));
  for (;;) {
    const later: SchemaObject[] = [];
    for (const object of open) {
      const id = objectId(object);
      if (referencesOf(object).some((needed) => !objects.has(needed))) {
        later.push(object);
        continue;
      }
      const taken = occupiedNames(object).find((name) => names.has(name));
      if (taken !== undefined) {
        impossible.push({ object: labelOf(id), why: `its name is taken by ${labelOf(names.get(taken) ?? "")}` });
        continue;
      }
      objects.set(id, object);
      for (const name of occupiedNames(object)) names.set(name, id);
    }
    if (later.length === open.length) {
      for (const object of later) impossible.push(withoutNeeds(object, objects));
      break;
    }
    open = later;
  }
  return { graph: makeGraph(objects.values(), now.unmodelled), impossible };
}

/** A partition that came back as a table of its own becomes part of its parent again, with what hangs on the parent's parts. */
function rejoin(objects: Map<ObjectId, SchemaObject>, hung: readonly SchemaObject[]): NotRestorable[] {
  const impossible: NotRestorable[] = [];
  const known = new Set(hung.map(objectId));
  for (const object of hung) {
    if (object.kind !== "table" || object.partitionOf === undefined) continue;
    const now = objects.get(objectId(object));
    if (now?.kind !== "table" || now.partitionOf !== undefined) continue;
    const parent = tableId(object.partitionOf.schema, object.partitionOf.table);
    if (!objects.has(parent)) {
      impossible.push({ object: `${labelOf(objectId(object))} as a partition`, why: `${labelOf(parent)} is gone` });
      continue;
    }
    objects.set(objectId(object), { ...now, partitionOf: object.partitionOf });
    for (const part of hung) {
      const { attachedTo } = part as { readonly attachedTo?: unknown };
      if (attachedTo !== undefined && objects.has(objectId(part))) objects.set(objectId(part), part);
    }
    // Leaving gave it the parent's foreign keys for its own.
    for (const [id, own] of objects)
      if (own.kind === "foreignKey" && own.schema === object.schema && own.table === object.name && !known.has(id))
        objects.delete(id);
  }
  return impossible;
}

function withoutNeeds(object: SchemaObject, objects: ReadonlyMap<ObjectId, SchemaObject>): NotRestorable {
  const gone = referencesOf(object).filter((id) => !objects.has(id));
  return { object: labelOf(objectId(object)), why: `${gone.map(labelOf).join(", ")} is gone` };
}

/** `index public.users_email`: an object in a message. */
export function labelOf(id: ObjectId): string {
  return id === "" ? "something" : `${ruleOf(kindOfId(id)).label} ${nameOfId(id)}`;
}
