/** What looks like a rename when two schemas are compared: for messages and questions, nothing is decided here. */
import { canonicalJson, type Json } from "../base/hash.ts";
import { sortedBy } from "../base/ordered.ts";
import { editGraph, type SchemaGraph } from "../model/graph.ts";
import { type ObjectId, tableId } from "../model/kinds.ts";
import { type ObjectMap, unsharedObjects } from "../model/lined-graph.ts";
import type { Column, Enum, Table } from "../model/object.ts";
import { objectRenameEdits } from "../model/object-rename.ts";
import { inWords } from "../operation/place.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { isNamedKind, namedShape } from "./named-renames.ts";
import { readRenames } from "./rename-pairs.ts";

/** Something that looks like a rename; `old=new` of it is what `applyRenames` reads. */
export interface RenameCandidate {
  readonly of: "table" | "column" | "schema" | "type" | "value" | "sequence";
  readonly old: string;
  readonly new: string;
}

/**
 * What may be renames by structure: a table that goes and one that comes in the same schema with the same columns; a column
 * that goes and one that comes in the same table with the same type; a type or sequence that goes and an equal one that
 * comes; an enum of which one value differs; a schema that goes and one that comes with the same members.
 */
export function renameCandidates(before: SchemaGraph, after: SchemaGraph): RenameCandidate[] {
  const [left, right] = unsharedObjects(before, after);
  const gone = onlyIn(left, right);
  const come = onlyIn(right, left);
  const candidates: RenameCandidate[] = [];
  for (const [id, columns] of sortedBy(gone.columns, ([key]) => key)) {
    if (!gone.tables.has(id)) candidates.push(...columnCandidates(columns, come.columns.get(id) ?? []));
  }
  const shapes = new Map([...come.tables.keys()].map((id) => [id, shapeOf(come.columns.get(id) ?? [])]));
  for (const [id, table] of gone.tables) {
    const shape = shapeOf(gone.columns.get(id) ?? []);
    for (const [otherId, other] of come.tables) {
      if (other.schema !== table.schema || shapes.get(otherId) !== shape || shape === "[]") continue;
      candidates.push({ of: "table", old: inWords(table.schema, table.name), new: inWords(other.schema, other.name) });
    }
  }
  const others = [
    ...schemaCandidates(before, left, right),
    ...namedCandidates(left, right),
    ...valueCandidates(left, right),
  ];
  return [...candidates, ...others.map((candidate) => unmistakable(before, candidate))];
}

/** A candidate whose old side says what it is where it would be read as something else. */
function unmistakable(before: SchemaGraph, candidate: RenameCandidate): RenameCandidate {
  const [read] = readRenames(before, [`${candidate.of}:${candidate.old}=${candidate.new}`]);
  const [plain] = readRenames(before, [`${candidate.old}=${candidate.new}`]);
  const same = read?.of === plain?.of && (!read || !("id" in read) || (plain && "id" in plain && plain.id === read.id));
  return same ? candidate : { ...candidate, old: `${candidate.of}:${candidate.old}` };
}

interface Relations {
  readonly tables: Map<ObjectId, Table>;
  readonly columns: Map<ObjectId, Column[]>;
}

/** The tables, and the columns by table, that only one side has. */
function onlyIn(side: ObjectMap, other: ObjectMap): Relations {
  const found: Relations = { tables: new Map(), columns: new Map() };
  for (const [id, object] of side) {
    if ((object.kind !== "table" && object.kind !== "column") || other.has(id)) continue;
    if (object.kind === "table") found.tables.set(id, object);
    else {
      const table = tableId(object.schema, object.table);
      const columns = found.columns.get(table);
      if (columns) columns.push(object);
      else found.columns.set(table, [object]);
    }
  }
  return found;
}

/** Names and types of columns, whatever their order. */
function shapeOf(columns: readonly Column[]): string {
  return JSON.stringify(columns.map(({ name, type }) => JSON.stringify([name, type])).sort());
}

function columnCandidates(gone: readonly Column[], come: readonly Column[]): RenameCandidate[] {
  return gone.flatMap((column) =>
    come
      .filter((other) => other.type === column.type)
      .map((other) => ({
        of: "column" as const,
        old: inWords(column.schema, column.table, column.name),
        new: inWords(column.schema, column.table, other.name),
      })),
  );
}

/** What goes and what comes of the same kind in the same schema, equal but for the name. */
function namedCandidates(left: ObjectMap, right: ObjectMap): RenameCandidate[] {
  const come = new Map<string, string[]>();
  for (const [id, object] of right) {
    if (left.has(id) || !isNamedKind(object)) continue;
    const shape = canonicalJson(namedShape(object) as Json);
    come.set(shape, [...(come.get(shape) ?? []), object.name]);
  }
  const found: RenameCandidate[] = [];
  for (const [id, object] of left) {
    if (right.has(id) || !isNamedKind(object)) continue;
    const of = object.kind === "sequence" ? "sequence" : "type";
    for (const name of come.get(canonicalJson(namedShape(object) as Json)) ?? []) {
      found.push({ of, old: inWords(object.schema, object.name), new: inWords(object.schema, name) });
    }
  }
  return found;
}

/** Enums with as many values on both sides of which one has another label. */
function valueCandidates(left: ObjectMap, right: ObjectMap): RenameCandidate[] {
  const found: RenameCandidate[] = [];
  for (const [id, old] of left) {
    const now = right.get(id);
    if (old.kind !== "enum" || now?.kind !== "enum") continue;
    const pair = oneOtherValue(old, now);
    if (pair === undefined) continue;
    const [from, to] = pair;
    const place = inWords(old.schema, old.name);
    found.push({ of: "value", old: `${place}.${quoteIdent(from)}`, new: `${place}.${quoteIdent(to)}` });
  }
  return found;
}

function oneOtherValue({ values: old }: Enum, { values: now }: Enum): readonly [string, string] | undefined {
  if (old.length !== now.length) return undefined;
  const places = old.flatMap((value, at) => (value === now[at] ? [] : [at]));
  const [from, to] = [old[places[0] ?? -1], now[places[0] ?? -1]];
  if (places.length !== 1 || !from || !to || old.includes(to) || now.includes(from)) return undefined;
  return [from, to];
}

/** A schema that goes and one that comes with objects of the same kinds and names in it. */
function schemaCandidates(before: SchemaGraph, left: ObjectMap, right: ObjectMap): RenameCandidate[] {
  const found: RenameCandidate[] = [];
  const come = schemasOnlyIn(right, left);
  const gone = schemasOnlyIn(left, right);
  if (come.length === 0 || gone.length === 0) return found;
  // All that is in a schema which the other side has not is in what the two do not share.
  const wanted = new Map(come.map((name) => [name, membersOf(right, name)]));
  for (const from of gone) {
    for (const name of come) {
      const edits = objectRenameEdits(before, { of: "schema", from, to: name });
      const members = membersOf(editGraph(before, edits).objects, name);
      if (members.length > 0 && members.join("\n") === wanted.get(name)?.join("\n")) {
        found.push({ of: "schema", old: quoteIdent(from), new: quoteIdent(name) });
      }
    }
  }
  return found;
}

function schemasOnlyIn(side: ObjectMap, other: ObjectMap): string[] {
  return [...side].flatMap(([id, object]) => (object.kind === "schema" && !other.has(id) ? [object.name] : []));
}

/** The ids of the objects in a schema, but for those that go with others: constraints, indexes, grants. */
function membersOf(objects: ObjectMap, schema: string): ObjectId[] {
  const found: ObjectId[] = [];
  for (const [id, object] of objects) {
    if (!("schema" in object) || object.schema !== schema) continue;
    if (object.kind === "table" || object.kind === "column" || isNamedKind(object)) found.push(id);
  }
  return found;
}
