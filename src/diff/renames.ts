/** Renames that somebody said: `old=new` pairs become operations; and what looks like a rename, for messages alone. */
import { toolError } from "../base/errors.ts";
import { sortedBy } from "../base/ordered.ts";
import { editGraph, type SchemaGraph } from "../model/graph.ts";
import { columnId, type ObjectId, tableId } from "../model/kinds.ts";
import { type ObjectMap, unsharedObjects } from "../model/lined-graph.ts";
import type { Column, Table } from "../model/object.ts";
import type { Operation } from "../operation/define.ts";
import { inWords } from "../operation/place.ts";
import { kindOf } from "../operation/registry.ts";
import { renameColumnOperation } from "../operation/rename-column.ts";
import { renameTableOperation } from "../operation/rename-table.ts";
import { steppingAside } from "./identity-names.ts";
import { partRenames } from "./part-renames.ts";

/** Renames as operations, and the graph they lead to: what is then compared with the wanted one. */
export interface AppliedRenames {
  readonly operations: readonly Operation[];
  readonly graph: SchemaGraph;
}

/** A rename of a table as it was said. */
export interface TableRename {
  readonly text: string;
  readonly schema: string;
  readonly from: string;
  readonly to: string;
}

/** A rename of a column as it was said. */
export interface ColumnRename extends TableRename {
  /** the table's name before any rename */
  readonly table: string;
  /** the table as the new side names it, if it does */
  readonly newTable?: string;
}

const pairForm = "a rename reads old=new: users=people, users.mail=users.email or public.users.mail=email";

/**
 * Turns `old=new` pairs into operations, tables first, then what only got another name on its table. Names are taken as they are (no folding to lower case), with double
 * quotes around those that hold a dot, a quote or an equals sign; the schema may be left out where it is public. Throws
 * `usage` when the old side is not in `before` or the new one not in `after`.
 */
export function applyRenames(before: SchemaGraph, after: SchemaGraph, renames: readonly string[]): AppliedRenames {
  const parsed = readRenames(before, renames);
  const operations: Operation[] = [];
  let graph = before;
  const apply = (op: Operation): void => {
    operations.push(op);
    graph = editGraph(graph, kindOf(op.kind).predict(op, graph));
  };
  const newNames = new Map<string, string>();
  for (const rename of parsed) {
    if ("table" in rename) continue;
    const { text, schema, from, to } = rename;
    requireNew(
      text,
      inWords(schema, to),
      after.objects.has(tableId(schema, to)),
      graph.objects.has(tableId(schema, to)),
    );
    apply(renameTableOperation(graph, after, schema, from, to));
    newNames.set(tableId(schema, from), to);
  }
  for (const rename of parsed) {
    if (!("table" in rename)) continue;
    const { text, schema, from, to } = rename;
    const table = newNames.get(tableId(schema, rename.table)) ?? rename.table;
    if (rename.newTable !== undefined && rename.newTable !== table && rename.newTable !== rename.table) {
      throw wrongPair(text, `a column stays in its table: the old side is in ${inWords(schema, table)}`);
    }
    const id = columnId(schema, table, to);
    requireNew(text, inWords(schema, table, to), after.objects.has(id), graph.objects.has(id));
    apply(renameColumnOperation(graph, after, schema, table, from, to));
  }
  for (const op of steppingAside(graph, after)) apply(op);
  for (const op of partRenames(graph, after)) apply(op);
  return { operations, graph };
}

/** What `old=new` pairs say, as `applyRenames` reads them. Throws `usage` when an old side is not in `before`. */
export function readRenames(before: SchemaGraph, renames: readonly string[]): (TableRename | ColumnRename)[] {
  return renames.map((text) => parseRename(text, before));
}

function requireNew(text: string, name: string, inAfter: boolean, inBefore: boolean): void {
  if (!inAfter) throw wrongPair(text, `${name} is not in the schema that is wanted`);
  if (inBefore) throw wrongPair(text, `${name} is already there before the rename`);
}

function wrongPair(text: string, why: string): Error {
  return toolError({
    code: "usage",
    what: `cannot use the rename ${JSON.stringify(text)}`,
    why,
    state: "nothing was changed",
    next: pairForm,
  });
}

function parseRename(text: string, before: SchemaGraph): TableRename | ColumnRename {
  const sides = splitOutsideQuotes(text, "=");
  const [old, now] = sides.map((side) => parsePath(side, text));
  if (sides.length !== 2 || old === undefined || now === undefined) throw wrongPair(text, pairForm);
  const target = resolveOld(old, before);
  if (target === undefined) throw wrongPair(text, `${sides[0]?.trim()} is no table or column of the schema as it is`);
  const to = now[now.length - 1] as string;
  if (target.of === "table") {
    const [schema = target.schema] = now.length > 1 ? now : [];
    if (now.length > 2) throw wrongPair(text, "the old side is a table, the new one reads like a column");
    if (schema !== target.schema)
      throw wrongPair(text, `a table stays in its schema: the old side is in ${target.schema}`);
    return { text, schema, from: target.name, to };
  }
  const { schema, table, name } = target;
  const newTable = now.length > 1 ? now[now.length - 2] : undefined;
  if (now.length === 3 && now[0] !== schema) {
    throw wrongPair(text, `a column stays in its table: the old side is in ${inWords(schema, table)}`);
  }
  return { text, schema, table, from: name, to, ...(newTable === undefined ? {} : { newTable }) };
}

type Target =
  | { readonly of: "table"; readonly schema: string; readonly name: string }
  | { readonly of: "column"; readonly schema: string; readonly table: string; readonly name: string };

/** What the old side names: a table before a column where both could be meant. */
function resolveOld(path: readonly string[], graph: SchemaGraph): Target | undefined {
  const [a = "", b = "", c = ""] = path;
  const readings: Target[] =
    path.length === 1
      ? [{ of: "table", schema: "public", name: a }]
      : path.length === 2
        ? [
            { of: "table", schema: a, name: b },
            { of: "column", schema: "public", table: a, name: b },
          ]
        : path.length === 3
          ? [{ of: "column", schema: a, table: b, name: c }]
          : [];
  return readings.find((reading) =>
    graph.objects.has(
      reading.of === "table"
        ? tableId(reading.schema, reading.name)
        : columnId(reading.schema, reading.table, reading.name),
    ),
  );
}

function parsePath(side: string, text: string): string[] {
  return splitOutsideQuotes(side.trim(), ".").map((part) => {
    const quoted = /^"((?:[^"]|"")+)"$/.exec(part);
    const name = quoted ? (quoted[1] as string).replaceAll('""', '"') : part;
    if (name === "" || (!quoted && part.includes('"'))) throw wrongPair(text, pairForm);
    return name;
  });
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts = [""];
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === separator && !quoted) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** Something that looks like a rename; `old=new` of it is what `applyRenames` reads. */
export interface RenameCandidate {
  readonly of: "table" | "column";
  readonly old: string;
  readonly new: string;
}

/** Candidates that are left when some renames are settled. */
export function unsettledRenames(
  before: SchemaGraph,
  after: SchemaGraph,
  renames: readonly string[],
): RenameCandidate[] {
  return renameCandidates(applyRenames(before, after, renames).graph, after);
}

/**
 * What may be renames by structure: a table that goes and one that comes in the same schema with the same columns; a column
 * that goes and one that comes in the same table with the same type. For messages and questions: nothing is decided here.
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
  return candidates;
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
