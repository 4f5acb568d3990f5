/**
 * Renames that a schema source says of its own objects. They stay in the source after they were made, so only
 * those that are still to be made become `old=new` pairs.
 */
import type { SchemaGraph } from "../model/graph.ts";
import { columnId, makeId, type ObjectId, schemaId, tableId } from "../model/kinds.ts";
import { typeKinds } from "../model/renamed-object.ts";
import { readRenames, type SaidPair } from "./rename-pairs.ts";

/** A table or column, by its new name, and the name it had before. */
export interface SaidTableRename {
  readonly schema: string;
  readonly table: string;
  readonly column?: string;
  readonly from: string;
}

/** A schema, a type or a value of an enum, by its new name, and the name it had before. */
export interface SaidObjectRename {
  readonly of: "schema" | "type" | "value";
  /** that of the type; of a schema its own name */
  readonly schema: string;
  /** of the type; of a schema its own name */
  readonly name: string;
  readonly value?: string;
  readonly from: string;
}

export type SaidRename = SaidTableRename | SaidObjectRename;

/**
 * The pairs for what has its old name in `before`, its new one in `after`, and is not among the pairs given already; those
 * come first. What has its new name in `before` was renamed earlier.
 */
export function withSaidRenames(
  before: SchemaGraph,
  after: SchemaGraph,
  given: readonly string[],
  said: readonly SaidRename[],
): string[] {
  if (said.length === 0) return [...given];
  const pairs = [...given];
  const oldTables = new Map<ObjectId, string>();
  const settled = new Set<ObjectId>();
  const oldSchemas = new Map<string, string>();
  const givenPairs = readRenames(before, given);
  for (const rename of givenPairs) {
    if (rename.of === "column") settled.add(columnId(rename.schema, rename.table, rename.from));
    else if (rename.of === "table") {
      settled.add(tableId(rename.schema, rename.from));
      oldTables.set(tableId(rename.schema, rename.to), rename.from);
    } else if (rename.of === "schema") oldSchemas.set(rename.to, rename.from);
  }
  const add = (old: ObjectId, now: ObjectId, target: ObjectId, pair: readonly (readonly string[])[]): boolean => {
    if (settled.has(old) || !before.objects.has(old) || before.objects.has(now) || !after.objects.has(target))
      return false;
    settled.add(old);
    pairs.push(pair.map((path) => path.map(quoted).join(".")).join("="));
    return true;
  };
  pairs.push(...objectPairs(before, after, said, givenPairs, oldSchemas));
  const tables = said.filter((rename): rename is SaidTableRename => !("of" in rename));
  for (const { schema, table, column, from } of tables) {
    if (column !== undefined) continue;
    const old = oldSchemas.get(schema) ?? schema;
    const pair = [
      [old, from],
      [old, table],
    ];
    if (add(tableId(old, from), tableId(old, table), tableId(schema, table), pair)) {
      oldTables.set(tableId(old, table), from);
    }
  }
  for (const { schema, table, column, from } of tables) {
    if (column === undefined) continue;
    const place = oldSchemas.get(schema) ?? schema;
    const old = oldTables.get(tableId(place, table)) ?? table;
    const pair = [
      [place, old, from],
      [place, table, column],
    ];
    add(columnId(place, old, from), columnId(place, old, column), columnId(schema, table, column), pair);
  }
  return pairs;
}

/** The pairs for schemas, types and values; schemas are added to those whose old names are known. */
function objectPairs(
  before: SchemaGraph,
  after: SchemaGraph,
  said: readonly SaidRename[],
  given: readonly SaidPair[],
  oldSchemas: Map<string, string>,
): string[] {
  const pairs: string[] = [];
  const objects = said.filter((rename): rename is SaidObjectRename => "of" in rename);
  const has = (graph: SchemaGraph, id: ObjectId): boolean => graph.objects.has(id);
  for (const { of, name, from } of objects) {
    if (of !== "schema" || oldSchemas.has(name) || [...oldSchemas.values()].includes(from)) continue;
    if (!has(before, schemaId(from)) || has(before, schemaId(name)) || !has(after, schemaId(name))) continue;
    oldSchemas.set(name, from);
    pairs.push(`schema:${quoted(from)}=${quoted(name)}`);
  }
  const oldTypes = new Map<ObjectId, string>();
  for (const rename of given) if (rename.of === "named") oldTypes.set(rename.id, rename.from);
  for (const { of, schema, name, from } of objects) {
    if (of !== "type") continue;
    const place = oldSchemas.get(schema) ?? schema;
    const kind = typeKinds.find(
      (each) => has(before, makeId(each, place, from)) && has(after, makeId(each, schema, name)),
    );
    if (kind === undefined || has(before, makeId(kind, place, name)) || oldTypes.has(makeId(kind, place, from)))
      continue;
    oldTypes.set(makeId(kind, schema, name), from);
    pairs.push(`type:${quoted(place)}.${quoted(from)}=${quoted(name)}`);
  }
  for (const { of, schema, name, value, from } of objects) {
    if (of !== "value" || value === undefined) continue;
    const place = oldSchemas.get(schema) ?? schema;
    const id = makeId("enum", schema, name);
    const type = oldTypes.get(id) ?? name;
    const [old, now] = [before.objects.get(makeId("enum", place, type)), after.objects.get(id)];
    if (old?.kind !== "enum" || now?.kind !== "enum" || !now.values.includes(value)) continue;
    if (!old.values.includes(from) || old.values.includes(value)) continue;
    const isGiven = given.some((rename) => rename.of === "enumValue" && rename.type === type && rename.from === from);
    if (!isGiven) pairs.push(`value:${quoted(place)}.${quoted(type)}.${quoted(from)}=${quoted(value)}`);
  }
  return pairs;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
