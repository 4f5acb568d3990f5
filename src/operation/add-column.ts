/** addColumn: a plain, defaulted or identity column at the end of a table. Generated columns are addGeneratedColumn's. */
import * as v from "valibot";
import { type Column, columnSchema } from "../model/object.ts";
import type { Facts } from "../risk/facts.ts";
import { type Finding, finding } from "../risk/levels.ts";
import { rewriteFinding, sizedFinding } from "../risk/size.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { type LockDuration, statement, together } from "../sql/statement.ts";
import { isBuiltIn, parseType } from "../sql/type-change.ts";
import { defineOperation, operation } from "./define.ts";
import { columnInWords, onFreshTable, placeOf, tableOf, withMembers } from "./place.ts";
import { columnDefinition } from "./sql/column.ts";
import { commentStatements } from "./sql/comment.ts";
import { isSequenceDefault, isVolatileDefault } from "./sql/default.ts";
import { populatedProbe } from "./sql/probe.ts";
import { columnStorageStatements } from "./sql/storage.ts";

const payload = v.strictObject({
  column: v.pipe(
    columnSchema,
    v.check((column) => column.generated === undefined, "a generated column is added by addGeneratedColumn"),
  ),
});

type AddColumn = v.InferOutput<typeof payload>;

export const addColumn = defineOperation<"addColumn", AddColumn>({
  kind: "addColumn",
  family: "create",
  product: true,
  summary: "add a column to a table",
  base: "safe",
  baseNote: "low with a default, high when NOT NULL without one or when every row has to be written",
  reasons: ["adds_nullable_column", "adds_required_column_without_default", "rebuilds_table"],
  payload,
  on: ["create column"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "column" && change.after.generated === undefined
      ? { column: withMembers(change.after, { position: undefined }) }
      : undefined,
  describe: ({ column }) => columnInWords(column),
  emit: ({ column }) => [
    together(
      statement(
        `alter table ${tableOf(column)} add column ${columnDefinition(column)}`,
        "access exclusive",
        [tableOf(column)],
        durationOf(column),
      ),
      ...columnStorageStatements([column]),
      ...commentStatements(column),
    ),
  ],
  invert: ({ column }) => ({
    reversible: true,
    operations: [operation("dropColumn", placeOf(column))],
    loses: "the values it holds by then",
  }),
  predict: ({ column }) => [{ put: withMembers(column, { position: undefined }) }],
  risks: ({ column }, facts) => risksOf(column, facts),
  probes: ({ column }) => (isRequired(column) ? [populatedProbe(column)] : []),
  examples: [
    {
      name: "nullable",
      before: "create table users (id int)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "last_login",
          type: "timestamp with time zone",
        },
      },
      after: "create table users (id int, last_login timestamptz)",
    },
    {
      name: "required, constant default and comment, quoted names",
      before: 'create schema "App"; create table "App"."Order Lines" (id int)',
      op: {
        column: {
          kind: "column",
          schema: "App",
          table: "Order Lines",
          name: 'Note "x"',
          type: "character varying(20)",
          default: "'it''s'::character varying",
          notNull: true,
          comment: "what the buyer \\ wrote",
        },
      },
      after: `create schema "App"; create table "App"."Order Lines" (id int, "Note ""x""" varchar(20) not null default 'it''s');
        comment on column "App"."Order Lines"."Note ""x""" is 'what the buyer \\ wrote'`,
    },
    {
      name: "required without default",
      before: "create table users (id int)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "email",
          type: "text",
          collation: 'pg_catalog."C"',
          notNull: true,
        },
      },
      after: 'create table users (id int, email text collate "C" not null)',
    },
    {
      name: "volatile default",
      before: "create table users (id int)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "token",
          type: "uuid",
          default: "gen_random_uuid()",
        },
      },
      after: "create table users (id int, token uuid default gen_random_uuid())",
    },
    {
      name: "stable default",
      before: "create table users (id int)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "made",
          type: "timestamp(3) with time zone",
          default: "now()",
          notNull: true,
        },
      },
      after: "create table users (id int, made timestamptz(3) not null default now())",
    },
    {
      name: "identity",
      before: "create table users (email text)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "id",
          type: "integer",
          notNull: true,
          identity: { generation: "by default", start: "100", increment: "10" },
        },
      },
      after:
        "create table users (email text, id int generated by default as identity (start with 100 increment by 10))",
    },
    {
      name: "enum with a default",
      before: "create type mood as enum ('ok', 'bad'); create table users (id int)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "mood",
          type: "public.mood",
          default: "'ok'::public.mood",
          dependsOn: ["enum:public.mood"],
        },
      },
      after: "create type mood as enum ('ok', 'bad'); create table users (id int, mood mood default 'ok')",
    },
  ],
});

function isRequired(column: Column): boolean {
  return column.notNull === true && column.default === undefined && column.identity === undefined;
}

/** Whether the column's type is neither a built-in one nor an enum: it may then be a domain with a constraint. */
function hasUnknownType(column: Column): boolean {
  const { base } = parseType(column.type);
  return !isBuiltIn(base) && !(column.dependsOn ?? []).includes(`enum:${base}`);
}

function durationOf(column: Column): LockDuration {
  const writesRows =
    column.identity !== undefined ||
    (column.default !== undefined && isVolatileDefault(column.default)) ||
    hasUnknownType(column);
  return writesRows ? "rewrite" : "instant";
}

function risksOf(column: Column, facts: Facts): Finding[] {
  if (onFreshTable(column, facts)) return [finding("safe", undefined, "the table is made in the same migration")];
  const found: Finding[] = [];
  const name = quoteIdent(column.name);
  if (column.identity) {
    found.push(
      rewriteFinding(
        facts,
        column,
        "high",
        `every row gets a number for ${name}: the table is written anew under a lock that stops reads and writes`,
      ),
    );
  } else if (column.default !== undefined && isVolatileDefault(column.default)) {
    const source = isSequenceDefault(column.default)
      ? "takes a number from a sequence"
      : "may give each row another value";
    found.push(
      rewriteFinding(
        facts,
        column,
        "high",
        `the default ${column.default} ${source}: the table is written anew under a lock that stops reads and writes; adding the column without it, then setting the default and filling old rows in batches does not`,
      ),
    );
  } else if (column.default !== undefined) {
    found.push(finding("low", undefined, `${name} gets its default without touching a row`));
  }
  if (isRequired(column)) {
    found.push(
      sizedFinding(
        facts,
        column,
        "high",
        "adds_required_column_without_default",
        `${name} is NOT NULL without a default: it fails when the table has rows, and writers that do not know it fail from then on`,
      ),
    );
  } else if (!column.notNull) {
    found.push(finding("safe", "adds_nullable_column", `${name} is nullable: nobody has to know it`));
  }
  if (hasUnknownType(column)) {
    found.push(
      sizedFinding(
        facts,
        column,
        "medium",
        undefined,
        `${column.type} is not modelled: if it is a domain with a constraint, the table is written anew under a lock that stops reads and writes`,
      ),
    );
  }
  return found;
}
