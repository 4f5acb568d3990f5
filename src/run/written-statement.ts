/**
 * What a statement that runs alone, as a person wrote it, is about, by Postgres's own grammar: enough to look afterwards for
 * what it did. Asks no server.
 */
import { characterOffset, type ParseNode, parseSql } from "../source/postgres-parser.ts";

/** A relation by name, in the schema that the statement says or means. */
export interface WrittenName {
  readonly schema: string;
  readonly name: string;
}

export type WrittenStatement =
  | {
      readonly does: "build index";
      readonly table: WrittenName;
      /** absent: the server chooses one */
      readonly name?: string;
      readonly unique: boolean;
      /** the statement from behind the table's name */
      readonly tail: string;
    }
  | { readonly does: "drop index"; readonly index: WrittenName }
  | { readonly does: "rebuild indexes"; readonly of: "index" | "table"; readonly relation: WrittenName }
  | { readonly does: "detach partition"; readonly parent: WrittenName; readonly partition: WrittenName }
  /** something of the cluster or database that has a name: the row of a catalog tells whether it is there */
  | { readonly does: "create" | "drop"; readonly kind: keyof typeof namedKinds; readonly name: string }
  /** a second time it finds nothing to do, or does the same again */
  | { readonly does: "repeatable" }
  | { readonly does: "unknown" };

/** Where things outside a schema are listed, and what their names are called there. */
export const namedKinds = {
  database: { catalog: "pg_catalog.pg_database", column: "datname" },
  tablespace: { catalog: "pg_catalog.pg_tablespace", column: "spcname" },
  subscription: { catalog: "pg_catalog.pg_subscription", column: "subname" },
} as const;

const repeatable = new Set([
  "VacuumStmt",
  "ClusterStmt",
  "AlterSystemStmt",
  "AlterDatabaseStmt",
  "AlterDatabaseSetStmt",
  "DiscardStmt",
]);

type Fields = Readonly<Record<string, unknown>>;

/** Reads a statement; names without a schema are those of `searchPath`, one schema. */
export async function readWritten(sql: string, searchPath: string): Promise<WrittenStatement> {
  const parsed = await parseSql(sql);
  const [statement, more] = parsed.ok ? parsed.statements : [];
  if (statement === undefined || more !== undefined) return { does: "unknown" };
  return written(sql, statement.node, searchPath);
}

function written(sql: string, { type, fields }: ParseNode, searchPath: string): WrittenStatement {
  const unknown = { does: "unknown" } as const;
  if (repeatable.has(type)) return { does: "repeatable" };
  switch (type) {
    case "IndexStmt": {
      const table = rangeVar(fields["relation"], searchPath);
      const tail = table === undefined ? undefined : behindName(sql, (fields["relation"] as Fields)["location"]);
      if (table === undefined || tail === undefined) return unknown;
      const name = textOf(fields["idxname"]);
      const unique = fields["unique"] === true;
      return { does: "build index", table, unique, tail, ...(name === undefined ? {} : { name }) };
    }
    case "DropStmt": {
      const index = fields["removeType"] === "OBJECT_INDEX" ? droppedName(fields["objects"], searchPath) : undefined;
      return index === undefined ? unknown : { does: "drop index", index };
    }
    case "ReindexStmt": {
      const relation = rangeVar(fields["relation"], searchPath);
      if (relation === undefined) return { does: "repeatable" };
      return { does: "rebuild indexes", of: fields["kind"] === "REINDEX_OBJECT_INDEX" ? "index" : "table", relation };
    }
    case "AlterTableStmt":
      return detachment(fields, searchPath) ?? unknown;
    default:
      return named(type, fields) ?? unknown;
  }
}

function named(type: string, fields: Fields): WrittenStatement | undefined {
  const [does, kind, member] =
    (
      {
        CreatedbStmt: ["create", "database", "dbname"],
        DropdbStmt: ["drop", "database", "dbname"],
        CreateTableSpaceStmt: ["create", "tablespace", "tablespacename"],
        DropTableSpaceStmt: ["drop", "tablespace", "tablespacename"],
        CreateSubscriptionStmt: ["create", "subscription", "subname"],
        DropSubscriptionStmt: ["drop", "subscription", "subname"],
      } as const
    )[type] ?? [];
  const name = member === undefined ? undefined : textOf(fields[member]);
  return does === undefined || name === undefined ? undefined : { does, kind, name };
}

function detachment(fields: Fields, searchPath: string): WrittenStatement | undefined {
  const [command, more] = listOf(fields["cmds"]).map((item) => fieldsOf(item["AlterTableCmd"]));
  if (command?.["subtype"] !== "AT_DetachPartition" || more !== undefined) return undefined;
  const detached = fieldsOf(fieldsOf(command["def"])?.["PartitionCmd"])?.["name"];
  const partition = rangeVar(detached, searchPath);
  const parent = rangeVar(fields["relation"], searchPath);
  return partition && parent && { does: "detach partition", parent, partition };
}

function rangeVar(value: unknown, searchPath: string): WrittenName | undefined {
  const fields = fieldsOf(value);
  const name = textOf(fields?.["relname"]);
  return name === undefined ? undefined : { schema: textOf(fields?.["schemaname"]) ?? searchPath, name };
}

function droppedName(value: unknown, searchPath: string): WrittenName | undefined {
  const [first, more] = listOf(value);
  const names = listOf(fieldsOf(first?.["List"])?.["items"]).map((item) => textOf(fieldsOf(item["String"])?.["sval"]));
  const name = names.at(-1);
  if (name === undefined || more !== undefined) return undefined;
  return { schema: names.at(-2) ?? searchPath, name };
}

function listOf(value: unknown): readonly Fields[] {
  if (!Array.isArray(value)) return [];
  return value.map(fieldsOf).filter((fields) => fields !== undefined);
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null ? (value as Fields) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const part = String.raw`(?:"(?:[^"]|"")*"|[^\s".(]+)`;
const tableName = new RegExp(String.raw`^${part}(?:\s*\.\s*${part})*\s*\*?`);

/** What follows a table's name; its place is given in bytes of UTF-8 (RangeVar.location), absent when 0. */
function behindName(sql: string, location: unknown): string | undefined {
  const before = Buffer.from(sql).toString("utf8", 0, typeof location === "number" ? location : 0);
  const rest = sql.slice(characterOffset(sql, [...before].length));
  const found = tableName.exec(rest)?.[0];
  return found === undefined ? undefined : rest.slice(found.length).trim();
}
