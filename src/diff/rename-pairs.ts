/**
 * Reads `old=new` pairs: what the old side names in the schema as it is, and what it is to be called. Names are taken as
 * they are (no folding to lower case), with double quotes around those that hold a dot, a quote or an equals sign.
 */
import { toolError } from "../base/errors.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { columnId, makeId, type ObjectId, schemaId, tableId } from "../model/kinds.ts";
import type { ObjectKind } from "../model/object.ts";
import { typeKinds } from "../model/renamed-object.ts";
import { inWords } from "../operation/place.ts";

/** A rename of a table as it was said. */
export interface TableRename {
  readonly of: "table";
  readonly text: string;
  readonly schema: string;
  readonly from: string;
  readonly to: string;
}

/** A rename of a column as it was said. */
export interface ColumnRename extends Omit<TableRename, "of"> {
  readonly of: "column";
  /** the table's name before any rename */
  readonly table: string;
  /** the table as the new side names it, if it does */
  readonly newTable?: string;
}

/** A rename of a schema as it was said. */
export interface SchemaRename {
  readonly of: "schema";
  readonly text: string;
  readonly from: string;
  readonly to: string;
}

/** A rename of an enum's value as it was said. */
export interface ValueRename extends Omit<TableRename, "of"> {
  readonly of: "enumValue";
  /** the type's name before any rename */
  readonly type: string;
}

/** A rename of something else that is in a schema, as it was said. */
export interface NamedRename extends Omit<TableRename, "of"> {
  readonly of: "named";
  /** its id before any rename */
  readonly id: ObjectId;
}

export type SaidPair = TableRename | ColumnRename | SchemaRename | ValueRename | NamedRename;

const pairForm =
  "a rename reads old=new: users=people, users.mail=users.email or public.users.mail=email; type:mood=feeling, value:mood.sad=low or schema:app=core where it could be something else";

/** What `old=new` pairs say. Throws `usage` when an old side is not in `before`. */
export function readRenames(before: SchemaGraph, renames: readonly string[]): SaidPair[] {
  return renames.map((text) => parseRename(text, before));
}

/** The error about a pair that cannot be used. */
export function wrongPair(text: string, why: string): Error {
  return toolError({
    code: "usage",
    what: `cannot use the rename ${JSON.stringify(text)}`,
    why,
    state: "nothing was changed",
    next: pairForm,
  });
}

/** What may stand before the old side, and what it can be then. */
const words: Readonly<Record<string, readonly Target["of"][]>> = {
  table: ["table"],
  column: ["column"],
  schema: ["schema"],
  value: ["enumValue"],
  type: ["named"],
  sequence: ["named"],
};

const kindsOfWord: Readonly<Record<string, readonly ObjectKind[]>> = {
  type: typeKinds,
  sequence: ["sequence"],
};

function parseRename(text: string, before: SchemaGraph): SaidPair {
  const sides = splitOutsideQuotes(text, "=");
  const [left = "", right = ""] = sides;
  const word = /^\s*([a-z]+):/.exec(left)?.[1];
  const said = word !== undefined && Object.hasOwn(words, word) ? word : undefined;
  const old = said === undefined ? left : left.slice(left.indexOf(":") + 1);
  const now = sides.length === 2 ? parsePath(right, text) : [];
  const to = now[now.length - 1];
  if (to === undefined) throw wrongPair(text, pairForm);
  const target = resolveOld(old, text, before, said);
  if (target === undefined) {
    const what = said === undefined ? "nothing that can be renamed" : `no ${said}`;
    throw wrongPair(text, `${left.trim()} is ${what} in the schema as it is`);
  }
  if (target.of === "schema") {
    if (now.length > 1) throw wrongPair(text, "the old side is a schema, the new one reads like something in one");
    return { of: "schema", text, from: target.name, to };
  }
  if (target.of === "enumValue") {
    const { schema, type, name } = target;
    return { of: "enumValue", text, schema, type, from: name, to };
  }
  if (target.of === "column") {
    const { schema, table, name } = target;
    const newTable = now.length > 1 ? now[now.length - 2] : undefined;
    if (now.length === 3 && now[0] !== schema) {
      throw wrongPair(text, `a column stays in its table: the old side is in ${inWords(schema, table)}`);
    }
    return { of: "column", text, schema, table, from: name, to, ...(newTable === undefined ? {} : { newTable }) };
  }
  const { schema, name } = target;
  const what = target.of === "table" ? "table" : "type or sequence";
  if (now.length > 2) throw wrongPair(text, `the old side is a ${what}, the new one reads like a column`);
  if (now.length > 1 && now[0] !== schema) {
    throw wrongPair(text, `a ${what} stays in its schema: the old side is in ${schema}`);
  }
  return target.of === "table"
    ? { of: "table", text, schema, from: name, to }
    : { of: "named", text, schema, from: name, to, id: target.id };
}

type Target =
  | { readonly of: "table"; readonly schema: string; readonly name: string }
  | { readonly of: "column"; readonly schema: string; readonly table: string; readonly name: string }
  | { readonly of: "schema"; readonly name: string }
  | { readonly of: "enumValue"; readonly schema: string; readonly type: string; readonly name: string }
  | { readonly of: "named"; readonly schema: string; readonly name: string; readonly id: ObjectId };

/** What the old side names: a table before a column before anything else where more could be meant. */
function resolveOld(side: string, text: string, graph: SchemaGraph, word: string | undefined): Target | undefined {
  const readings = readingsOf(parsePath(side, text), graph, word);
  return readings.find(({ of }) => word === undefined || words[word]?.includes(of));
}

function readingsOf(path: readonly string[], graph: SchemaGraph, word: string | undefined): Target[] {
  const has = (id: ObjectId): boolean => graph.objects.has(id);
  const found: Target[] = [];
  const inSchema = (schema: string, name: string): void => {
    const kinds = word === undefined ? Object.values(kindsOfWord).flat() : (kindsOfWord[word] ?? []);
    for (const kind of kinds) {
      const id = makeId(kind, schema, name);
      if (has(id)) found.push({ of: "named", schema, name, id });
    }
  };
  const column = (schema: string, table: string, name: string): void => {
    if (has(columnId(schema, table, name))) found.push({ of: "column", schema, table, name });
  };
  const value = (schema: string, type: string, name: string): void => {
    const object = graph.objects.get(makeId("enum", schema, type));
    if (object?.kind === "enum" && object.values.includes(name)) found.push({ of: "enumValue", schema, type, name });
  };
  const [a = "", b = "", c = ""] = path;
  if (path.length === 1) {
    if (has(tableId("public", a))) found.push({ of: "table", schema: "public", name: a });
    inSchema("public", a);
    if (has(schemaId(a))) found.push({ of: "schema", name: a });
  } else if (path.length === 2) {
    if (has(tableId(a, b))) found.push({ of: "table", schema: a, name: b });
    column("public", a, b);
    inSchema(a, b);
    value("public", a, b);
  } else if (path.length === 3) {
    column(a, b, c);
    value(a, b, c);
  }
  return found;
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
