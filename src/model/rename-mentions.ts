/**
 * Where the printed texts of an object mention what is renamed. Postgres prints what is not in pg_catalog with its schema
 * when search_path is empty, so a mention is the two names together; values of an enum stand before their type.
 */
import { quoteIdent } from "../sql/identifier.ts";
import type { SchemaGraph } from "./graph.ts";
import { tableId } from "./kinds.ts";
import type { SchemaObject } from "./object.ts";
import { isName, tokensOf } from "./rename-text.ts";
import type { ObjectRename } from "./renamed-object.ts";

/** A text after a rename; `wanted` is how it reads in the schema that is wanted, `member` what holds it. */
export type Mentions = (text: string, wanted: string | undefined, member: string) => string;

/** How the texts of an object follow a rename; undefined when they cannot mention it. */
export function mentionsOf(graph: SchemaGraph, object: SchemaObject, rename: ObjectRename): Mentions | undefined {
  if (object.kind === "grant" || object.kind === "owner") {
    return rename.of === "enumValue" || object.on.arguments === undefined ? undefined : followingNames(rename);
  }
  if (rename.of === "schema") return followingNames(rename);
  if (rename.of === "enumValue") return followingValues(graph, object, rename);
  return followingNames(rename);
}

type NameRename = Exclude<ObjectRename, { of: "enumValue" }>;

function followingNames(rename: NameRename): Mentions {
  return (text, wanted, member) => {
    const end = member === "definition" ? bodyStart(text) : text.length;
    const head = followNames(text.slice(0, end), rename);
    const multirange = "multirange" in rename ? rename.multirange : undefined;
    const now = (multirange ? followNames(head, { ...rename, ...multirange }) : head) + text.slice(end);
    return wanted !== undefined && isSpelling(text, wanted, (a, b) => isName(a, rename.from) && isName(b, rename.to))
      ? wanted
      : now;
  };
}

/** Where the body of a routine begins that is kept as a string: nothing in it follows a rename. */
function bodyStart(definition: string): number {
  if (!/^CREATE (OR REPLACE )?(FUNCTION|PROCEDURE) /.test(definition)) return definition.length;
  const found = /\nAS \$(?:function|procedure)x*\$/.exec(definition);
  return found === null ? definition.length : found.index;
}

const objectTypes = new Set(["regclass", "regtype", "regproc", "regprocedure", "regconfig", "regdictionary"]);

function followNames(text: string, rename: NameRename): string {
  if (!text.includes(rename.from.replaceAll('"', '""'))) return text;
  const tokens = [...tokensOf(text)];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? "";
    if (token.startsWith("'") && tokens[at + 1] === ":" && tokens[at + 2] === ":") {
      if (objectTypes.has(tokens[at + 3] ?? "")) {
        tokens[at] = printed(followNames(textOf(token), rename));
      }
      continue;
    }
    if (tokens[at - 1] === "." || tokens[at + 1] !== ".") continue;
    if (rename.of === "schema") {
      if (isName(token, rename.from)) tokens[at] = quoteIdent(rename.to);
      continue;
    }
    if (!isName(token, rename.schema) || tokens[at + 3] === ".") continue;
    const name = tokens[at + 2] ?? "";
    // Before a parenthesis it is the name of a function.
    if (isName(name, rename.from) && tokens[at + 3] !== "(") tokens[at + 2] = quoteIdent(rename.to);
  }
  return tokens.join("");
}

/** Whether a text is another one in which some pieces changed as they may. */
function isSpelling(text: string, other: string, mayChange: (from: string, to: string) => boolean): boolean {
  const [old, now] = [tokensOf(text), tokensOf(other)];
  return old.length === now.length && old.every((part, at) => part === now[at] || mayChange(part, now[at] ?? ""));
}

type ValueRename = Extract<ObjectRename, { of: "enumValue" }>;

function followingValues(graph: SchemaGraph, object: SchemaObject, rename: ValueRename): Mentions | undefined {
  const [from, to] = [printed(rename.from), printed(rename.to)];
  const bare = object.kind === "table" && isBoundByValues(graph, object, rename);
  return (text, wanted, member) => {
    if (member === "bound" && bare) {
      if (wanted !== undefined && isSpelling(text, wanted, (a, b) => a === from && b === to)) return wanted;
      return tokensOf(text)
        .map((token) => (token === from ? to : token))
        .join("");
    }
    const end = member === "definition" ? bodyStart(text) : text.length;
    return followValues(text.slice(0, end), rename) + text.slice(end);
  };
}

/** Whether the bound of a partition, which is printed without types, may hold values of the enum. */
function isBoundByValues(graph: SchemaGraph, table: Extract<SchemaObject, { kind: "table" }>, rename: ValueRename) {
  if (table.partitionOf === undefined) return false;
  const { schema, table: name } = table.partitionOf;
  const parent = graph.objects.get(tableId(schema, name));
  if (parent?.kind !== "table" || parent.partitionBy === undefined) return false;
  const keys = tokensOf(parent.partitionBy);
  const type = `${quoteIdent(rename.schema)}.${quoteIdent(rename.type)}`;
  for (const column of graph.objects.values()) {
    if (column.kind !== "column" || column.schema !== schema || column.table !== name) continue;
    if (column.type === type && keys.some((token) => isName(token, column.name))) return true;
  }
  return false;
}

function followValues(text: string, rename: ValueRename): string {
  const tokens = [...tokensOf(text)];
  for (const [at, token] of tokens.entries()) {
    if (!token.startsWith("'") || tokens[at + 1] !== ":" || tokens[at + 2] !== ":" || tokens[at + 4] !== ".") continue;
    if (!isName(tokens[at + 3] ?? "", rename.schema) || !isName(tokens[at + 5] ?? "", rename.type)) continue;
    const isList = tokens[at + 6] === "[";
    if (isList) tokens[at] = printed(listWith(textOf(token), rename.from, rename.to));
    else if (token === printed(rename.from)) tokens[at] = printed(rename.to);
  }
  return tokens.join("");
}

/** A literal as the server prints it in stored texts: never as E'' (simple_quote_literal in ruleutils.c, 14 to 18). */
function printed(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function textOf(literal: string): string {
  return literal.slice(1, -1).replaceAll("''", "'");
}

/** The text of an array after one value got another name; elements are quoted as array_out does it. */
function listWith(list: string, from: string, to: string): string {
  return list.replaceAll(/"((?:[^"\\]|\\.)*)"|[^{},]+/g, (element, quoted: string | undefined) => {
    const value = quoted === undefined ? element : quoted.replaceAll(/\\(.)/g, "$1");
    if (value !== from || (quoted === undefined && element === "NULL")) return element;
    const plain = to !== "" && !/[{}",\\\s]/.test(to) && to.toUpperCase() !== "NULL";
    return plain ? to : `"${to.replaceAll(/["\\]/g, "\\$&")}"`;
  });
}
