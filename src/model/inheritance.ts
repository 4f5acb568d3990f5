/**
 * Tables that are made of, or made like, other tables: partitions and what inherits. Says which tables follow which, and what
 * a change of columns and checks of one does to those that follow it, as Postgres carries it through by itself.
 */
import { sameValue } from "../base/ordered.ts";
import { followersIn, parentsOf } from "./followers.ts";
import type { GraphEdit, SchemaGraph } from "./graph.ts";
import { makeId, type ObjectId, objectId, ownerId, tableId } from "./kinds.ts";
import type { Check, Column, SchemaObject, Table } from "./object.ts";

/** Whether any table of a graph follows another. */
export function hasFollowers(graph: SchemaGraph): boolean {
  return followersIn(graph.objects).size > 0;
}

/** The tables that follow a table directly, in id order. */
export function followersOf(graph: SchemaGraph, table: ObjectId): readonly Table[] {
  return followersIn(graph.objects).get(table) ?? [];
}

/** The tables that follow a table, directly or not, parents first. */
export function allFollowersOf(graph: SchemaGraph, table: ObjectId): Table[] {
  const found: Table[] = [];
  const seen = new Set<ObjectId>([table]);
  for (const queue = [table]; queue.length > 0; ) {
    for (const follower of followersOf(graph, queue.shift() as ObjectId)) {
      const id = objectId(follower);
      if (seen.has(id)) continue;
      seen.add(id);
      found.push(follower);
      queue.push(id);
    }
  }
  return found;
}

/** The columns' and checks' attributes that ALTER TABLE of a parent carries through to what follows it (14 to 18). */
const carried = {
  column: ["type", "collation", "notNull", "default", "generated"],
  check: ["expression", "notValid", "notEnforced"],
} as const;

/** Whether a change of an attribute of a column or check is carried through to the tables that follow. */
export function isCarried(kind: string, attribute: string): boolean {
  const names: readonly string[] = kind === "column" || kind === "check" ? carried[kind] : [];
  return names.includes(attribute);
}

/** The same part of another table. */
export function partIn(table: Table, part: Column | Check): ObjectId {
  return makeId(part.kind, table.schema, table.name, part.name);
}

/**
 * The edits with what Postgres does along with them: columns and checks of a parent are made, changed and dropped in the
 * tables that follow it, and what is attached to a key or index goes when that one goes.
 */
export function withFollowers(graph: SchemaGraph, edits: readonly GraphEdit[]): readonly GraphEdit[] {
  const more: GraphEdit[] = [];
  for (const edit of edits) {
    if ("drop" in edit) {
      const old = graph.objects.get(edit.drop);
      if (old !== undefined) more.push(...dropsAlong(graph, old));
    } else if (edit.put.kind === "column" || edit.put.kind === "check") {
      more.push(...putsAlong(graph, edit.put, edit.at));
    }
  }
  return more.length === 0 ? edits : [...edits, ...more];
}

function dropsAlong(graph: SchemaGraph, old: SchemaObject): GraphEdit[] {
  if (old.kind === "column" || old.kind === "check") {
    return followersOf(graph, tableId(old.schema, old.table)).flatMap((table) => {
      const id = partIn(table, old);
      const part = graph.objects.get(id) as Column | Check | undefined;
      if (part === undefined || !goesAlong(graph, table, part)) return [];
      return [{ drop: id }, ...dropsAlong(graph, part)];
    });
  }
  if ((old.kind !== "index" && old.kind !== "primaryKey" && old.kind !== "unique") || !old.partitioned) return [];
  const id = objectId(old);
  const attached = followersOf(graph, tableId(old.schema, old.table)).flatMap((table) => keysOf(graph, table, id));
  return attached.flatMap((key) => [{ drop: objectId(key) }, ...dropsAlong(graph, key)]);
}

/** A part that is declared here as well, or that another parent has, outlives the parent's. */
function goesAlong(graph: SchemaGraph, table: Table, part: Column | Check): boolean {
  if (table.partitionOf) return true;
  if (!part.inherited) return false;
  const holders = parentsOf(table).filter((parent) =>
    graph.objects.has(
      `${part.kind}:${parent.slice("table:".length)}${objectId(part).slice(partIdPrefix(part).length)}`,
    ),
  );
  return holders.length < 2;
}

function partIdPrefix(part: Column | Check): string {
  return `${part.kind}:${tableId(part.schema, part.table).slice("table:".length)}`;
}

/** The keys and indexes of a table that are attached to one of its parent. */
function keysOf(graph: SchemaGraph, table: Table, owner: ObjectId): SchemaObject[] {
  return attachedTo(graph, owner).filter(
    (key) => "table" in key && key.schema === table.schema && key.table === table.name,
  );
}

/** The keys and indexes that are attached to one of a partitioned table, directly, in id order. */
export function attachedTo(graph: SchemaGraph, owner: ObjectId): SchemaObject[] {
  return [...graph.objects.values()].filter(
    (object) => "attachedTo" in object && object.attachedTo !== undefined && ownerId(object) === owner,
  );
}

function putsAlong(graph: SchemaGraph, now: Column | Check, at: ObjectId | undefined): GraphEdit[] {
  const tables = followersOf(graph, tableId(now.schema, now.table));
  if (tables.length === 0) return [];
  const held = graph.objects.get(at ?? objectId(now)) as Column | Check | undefined;
  const ownAlone = held?.kind === "check" && held.noInherit === true;
  if (now.kind === "check" && now.noInherit) return held === undefined || ownAlone ? [] : dropsAlong(graph, held);
  // What no follower has because it was not passed on comes to them as if it were new.
  const old = ownAlone ? undefined : held;
  // A column's rename is carried through by the rename itself, with all that mentions it.
  if (at !== undefined && now.kind === "column") return [];
  return tables.flatMap((table): GraphEdit[] => {
    const id = partIn(table, old ?? now);
    const part = graph.objects.get(id) as Column | Check | undefined;
    const put = part === undefined ? (old === undefined ? partOf(table, now) : undefined) : followed(part, old, now);
    if (put === undefined || put === part) return [];
    const moved = objectId(put) !== id;
    return [moved ? { put, at: id } : { put }, ...putsAlong(graph, put, moved ? id : undefined)];
  });
}

/** A new part as it comes to a table that follows. */
export function partOf(table: Table, part: Column | Check): Column | Check {
  const { comment: _, dependsOn: __, ...rest } = part;
  const ids = referencesIn(tableId(table.schema, table.name), part);
  const members = {
    schema: table.schema,
    table: table.name,
    ...(ids.length > 0 ? { dependsOn: ids } : {}),
    ...(table.partitionOf ? {} : { inherited: true as const }),
  };
  if (rest.kind === "check") return { ...rest, ...members };
  // Identity is the parent's alone in the graph: since 17 a partition takes its numbers from there, before that it has none.
  const { identity: _identity, position: _position, notNullName: _name, ...column } = withoutOwnStorage(rest);
  return { ...column, ...members };
}

/** What a part depends on, with the columns of another table in place of those of its own. */
function referencesIn(table: ObjectId, part: Column | Check): ObjectId[] {
  const prefix = `column:${tableId(part.schema, part.table).slice("table:".length)}.`;
  const own = `column:${table.slice("table:".length)}.`;
  return (part.dependsOn ?? []).map((id) => (id.startsWith(prefix) ? own + id.slice(prefix.length) : id));
}

/** A column without how its values are stored and analysed: each table has its own say in that. */
function withoutOwnStorage<C extends Omit<Column, "comment" | "dependsOn">>(column: C): C {
  const { storage: _storage, compression: _compression, statistics: _statistics, options: _options, ...rest } = column;
  return rest as C;
}

/** A part after its parent's changed. */
function followed(part: Column | Check, old: Column | Check | undefined, now: Column | Check): Column | Check {
  if (old === undefined) return part;
  const copy = { ...part } as unknown as Record<string, unknown>;
  const [left, right] = [old, now] as unknown as [Record<string, unknown>, Record<string, unknown>];
  let changed = false;
  for (const name of ["name", ...carried[now.kind as "column" | "check"]]) {
    if (sameValue(left[name], right[name])) continue;
    if (sameValue(copy[name], right[name])) continue;
    changed = true;
    if (right[name] === undefined) delete copy[name];
    else copy[name] = right[name];
    // ALTER TYPE gives the column what is usual for its new type.
    if (name === "type") for (const own of ["storage", "compression"]) delete copy[own];
  }
  if (changed) {
    const table = tableId(part.schema, part.table);
    const gone = new Set(referencesIn(table, old));
    const come = referencesIn(table, now);
    const ids = [...new Set([...(part.dependsOn ?? []).filter((id) => !gone.has(id)), ...come])].sort();
    if (ids.length > 0) copy["dependsOn"] = ids;
    else delete copy["dependsOn"];
  }
  return changed ? (copy as unknown as Column | Check) : part;
}

/** Whether a parent of its table has the same column or check. */
export function isFollowing(graph: SchemaGraph, part: Column | Check): boolean {
  const table = graph.objects.get(tableId(part.schema, part.table));
  if (table?.kind !== "table") return false;
  return parentsOf(table).some((parent) => {
    const found = graph.objects.get(parent);
    return found?.kind === "table" && graph.objects.has(partIn(found, part));
  });
}

/** How many tables there are above a table: 0 for one that follows no other. */
export function generationOf(graph: SchemaGraph, table: ObjectId): number {
  const object = graph.objects.get(table);
  const parents = object?.kind === "table" ? parentsOf(object) : [];
  return parents.length === 0 ? 0 : 1 + Math.max(...parents.map((parent) => generationOf(graph, parent)));
}
