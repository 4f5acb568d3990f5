/**
 * Which statements of a script would reach beyond the throwaway database it is loaded into. Decides by statement type
 * alone: code that a function or a DO block runs is not looked into.
 */
import type { ParseNode } from "./postgres-parser.ts";

/** Why a statement is refused, and what to do instead. */
export interface Refusal {
  readonly why: string;
  readonly next: string;
}

const withoutCreate = "remove it, or dump without --create";
const elsewhere = "remove it: roles, databases and settings of the server are not part of a schema";

/** Statement types that act on the whole server or on another one, by their name in Postgres's parser (18). */
const refusedTypes: Readonly<Record<string, { readonly words: string; readonly next: string }>> = {
  CreatedbStmt: { words: "CREATE DATABASE", next: withoutCreate },
  DropdbStmt: { words: "DROP DATABASE", next: withoutCreate },
  AlterDatabaseStmt: { words: "ALTER DATABASE", next: withoutCreate },
  AlterDatabaseSetStmt: { words: "ALTER DATABASE … SET", next: withoutCreate },
  AlterDatabaseRefreshCollStmt: { words: "ALTER DATABASE … REFRESH COLLATION VERSION", next: withoutCreate },
  CreateRoleStmt: { words: "CREATE ROLE", next: elsewhere },
  AlterRoleStmt: { words: "ALTER ROLE", next: elsewhere },
  AlterRoleSetStmt: { words: "ALTER ROLE … SET", next: elsewhere },
  DropRoleStmt: { words: "DROP ROLE", next: elsewhere },
  GrantRoleStmt: { words: "GRANT or REVOKE of a role", next: elsewhere },
  ReassignOwnedStmt: { words: "REASSIGN OWNED", next: elsewhere },
  DropOwnedStmt: { words: "DROP OWNED", next: elsewhere },
  AlterSystemStmt: { words: "ALTER SYSTEM", next: elsewhere },
  CreateTableSpaceStmt: { words: "CREATE TABLESPACE", next: "remove it, or dump with --no-tablespaces" },
  DropTableSpaceStmt: { words: "DROP TABLESPACE", next: "remove it" },
  AlterTableSpaceOptionsStmt: { words: "ALTER TABLESPACE", next: "remove it" },
  CreateSubscriptionStmt: { words: "CREATE SUBSCRIPTION", next: "remove it, or dump with --no-subscriptions" },
  AlterSubscriptionStmt: { words: "ALTER SUBSCRIPTION", next: "remove it, or dump with --no-subscriptions" },
  DropSubscriptionStmt: { words: "DROP SUBSCRIPTION", next: "remove it" },
  ImportForeignSchemaStmt: { words: "IMPORT FOREIGN SCHEMA", next: "write the foreign tables out" },
};

/** Kinds of object that belong to the server, where a statement's type does not tell. */
const sharedObjects: Readonly<Record<string, string>> = {
  OBJECT_DATABASE: "DATABASE",
  OBJECT_ROLE: "ROLE",
  OBJECT_TABLESPACE: "TABLESPACE",
  OBJECT_PARAMETER_ACL: "PARAMETER",
  OBJECT_SUBSCRIPTION: "SUBSCRIPTION",
};

const verbs: Readonly<Record<string, { readonly words: string; readonly member: string }>> = {
  GrantStmt: { words: "GRANT or REVOKE ON", member: "objtype" },
  CommentStmt: { words: "COMMENT ON", member: "objtype" },
  SecLabelStmt: { words: "SECURITY LABEL ON", member: "objtype" },
  AlterOwnerStmt: { words: "ALTER OWNER of a", member: "objectType" },
  RenameStmt: { words: "RENAME of a", member: "renameType" },
};

const preparedKinds: Readonly<Record<string, string>> = {
  TRANS_STMT_PREPARE: "PREPARE TRANSACTION",
  TRANS_STMT_COMMIT_PREPARED: "COMMIT PREPARED",
  TRANS_STMT_ROLLBACK_PREPARED: "ROLLBACK PREPARED",
};

/** Why a statement may not be run while a schema is loaded; undefined when it may. */
export function refusalOf(node: ParseNode): Refusal | undefined {
  const { type, fields } = node;
  const refused = Object.hasOwn(refusedTypes, type) ? refusedTypes[type] : undefined;
  if (refused) return beyond(refused.words, refused.next);
  const verb = Object.hasOwn(verbs, type) ? verbs[type] : undefined;
  const shared = verb && sharedObjects[String(fields[verb.member])];
  if (verb && shared) return beyond(`${verb.words} ${shared}`, elsewhere);
  const prepared = type === "TransactionStmt" ? preparedKinds[String(fields["kind"])] : undefined;
  if (prepared) return beyond(prepared, "commit in the script itself");
  if (type === "CopyStmt") return copyRefusal(fields);
  if (type === "VariableSetStmt") return settingRefusal(fields);
  return undefined;
}

function beyond(words: string, next: string): Refusal {
  return { why: `${words} would reach beyond the throwaway database a schema is loaded into`, next };
}

function copyRefusal(fields: Readonly<Record<string, unknown>>): Refusal {
  if (fields["filename"] === undefined && fields["is_from"] === true) {
    return {
      why: "rows that follow COPY … FROM stdin are data, and a schema is loaded without data",
      next: "dump the schema only: pg_dump --schema-only",
    };
  }
  return {
    why: "COPY moves data, and may read and write files of the server or start programs there",
    next: "remove it",
  };
}

/** Settings that would change how the rest of the script is read: it is taken as UTF-8 with standard strings. */
function settingRefusal(fields: Readonly<Record<string, unknown>>): Refusal | undefined {
  const name = String(fields["name"]).toLowerCase();
  const value = settingText(fields["args"]);
  if (value === undefined) return undefined;
  if (name === "client_encoding" && !/^(utf-?8|unicode)$/i.test(value)) {
    return { why: `the script says it is written in ${value}; it is read as UTF-8`, next: "convert it to UTF-8" };
  }
  if (name === "standard_conforming_strings" && /^(off|false|no|0|f|n|of)$/i.test(value)) {
    return {
      why: "strings with backslash escapes are only read in E'' literals",
      next: "write E'…' and remove the line",
    };
  }
  return undefined;
}

function settingText(args: unknown): string | undefined {
  const [first] = Array.isArray(args) ? (args as { A_Const?: { sval?: { sval?: unknown } } }[]) : [];
  const text = first?.A_Const?.sval?.sval;
  return typeof text === "string" ? text : undefined;
}
