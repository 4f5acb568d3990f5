/**
 * expandColumn: a new column beside an old one that holds the same facts under another name or type. A trigger keeps both in
 * step while versions of an application write one or the other, until contractColumn; old rows are filled in batches.
 */
import * as v from "valibot";
import { objectId } from "../model/kinds.ts";
import { type Column, columnSchema } from "../model/object.ts";
import { type Finding, finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { typeChange } from "../sql/type-change.ts";
import { defineOperation, operation } from "./define.ts";
import { columnInWords, withMembers } from "./place.ts";
import { expressionMember } from "./sql/assignments.ts";
import { expandSegments, type Sync } from "./sql/sync.ts";

const { name, type } = columnSchema.entries;

const payload = v.strictObject({
  /** the new column: nullable and without a default for as long as there are two, for both would hide who wrote what */
  column: columnSchema,
  /** the old column */
  from: v.strictObject({ name, type }),
  /** the new column's value from the old one */
  forward: expressionMember,
  /** the old column's value from the new one */
  back: expressionMember,
  /** columns of the key to go by; the primary key, else a unique index over NOT NULL columns, without it */
  key: v.optional(v.pipe(v.array(name), v.minLength(1))),
});

type ExpandColumn = v.InferOutput<typeof payload>;

function syncOf({ column, from, forward, back, key }: ExpandColumn): Sync {
  const { schema, table, collation } = column;
  const made = { name: column.name, type: column.type, ...(collation === undefined ? {} : { collation }) };
  return {
    schema,
    table,
    old: [from.name],
    made: [{ ...made, expression: forward }],
    back: [{ column: from.name, expression: back }],
    key,
  };
}

export const expandColumn = defineOperation<"expandColumn", ExpandColumn>({
  kind: "expandColumn",
  family: "recovery & advanced",
  product: false,
  summary: "put a new column beside an old one and keep both in step",
  base: "medium",
  baseNote: "high when values may not fit the other column's type",
  reasons: ["requires_backfill", "narrows_column_type", "changes_column_type"],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) =>
    `${columnInWords({ ...op.column, name: op.from.name })} as ${quoteIdent(op.column.name)} ${op.column.type}`,
  emit: (op) => expandSegments(syncOf(op)),
  invert: ({ column: { schema, table, name: made } }) => ({
    reversible: true,
    operations: [
      operation("stopSync", { schema, table, columns: [made] }),
      operation("dropColumn", { schema, table, name: made }),
    ],
    loses: "what only the new column can hold; everything else is in the old one",
  }),
  writes: (op) => [objectId(op.column)],
  sideBySide: (op) => ({ begins: objectId(op.column) }),
  predict: (op) => [{ put: madeColumn(op.column) }],
  risks: (op, facts) => [
    sizedFinding(
      facts,
      op.column,
      "medium",
      "requires_backfill",
      `adds a column, keeps it in step with ${quoteIdent(op.from.name)} by a trigger until contractColumn, and fills old rows in batches`,
    ),
    ...fitOf(op),
  ],
  examples: [
    {
      name: "under another name",
      before: "create table users (id int primary key, mail text not null default 'none')",
      op: {
        column: { kind: "column", schema: "public", table: "users", name: "email", type: "text" },
        from: { name: "mail", type: "text" },
        forward: "mail",
        back: "email",
      },
      after: "create table users (id int primary key, mail text not null default 'none', email text)",
      notFromDiff: true,
    },
    {
      name: "of a wider type, by a key that is named",
      before: "create table orders (number text not null unique, total integer)",
      op: {
        column: { kind: "column", schema: "public", table: "orders", name: "total_zanith_new", type: "bigint" },
        from: { name: "total", type: "integer" },
        forward: "total",
        back: "total_zanith_new",
        key: ["number"],
      },
      after: "create table orders (number text not null unique, total integer, total_zanith_new bigint)",
      notFromDiff: true,
    },
    {
      name: "of an enum type and a collated one, quoted names",
      before: `create schema "App"; create type "App"."Mood" as enum ('ok', 'bad'); create table "App"."User" ("No." int primary key, "How" text)`,
      op: {
        column: {
          kind: "column",
          schema: "App",
          table: "User",
          name: "How it goes",
          type: '"App"."Mood"',
          dependsOn: ['enum:"App"."Mood"'],
        },
        from: { name: "How", type: "text" },
        forward: '"How"::"App"."Mood"',
        back: '"How it goes"::text',
      },
      after: `create schema "App"; create type "App"."Mood" as enum ('ok', 'bad');
        create table "App"."User" ("No." int primary key, "How" text, "How it goes" "App"."Mood")`,
      notFromDiff: true,
    },
    {
      name: "with another collation",
      before: "create table users (id int primary key, name text)",
      op: {
        column: {
          kind: "column",
          schema: "public",
          table: "users",
          name: "label",
          type: "character varying(40)",
          collation: 'pg_catalog."C"',
        },
        from: { name: "name", type: "text" },
        forward: "name",
        back: "label",
      },
      after: `create table users (id int primary key, name text, label varchar(40) collate "C")`,
      notFromDiff: true,
    },
  ],
});

/** The column as it is made: what would say who wrote a value comes later. */
export function madeColumn(column: Column): Column {
  return withMembers(column, { position: undefined, notNull: undefined, default: undefined, comment: undefined });
}

/** What happens to values that one of the columns cannot hold: whoever writes one gets the error. */
function fitOf({ column, from }: ExpandColumn): Finding[] {
  if (from.type === column.type) return [];
  const { nature } = typeChange(from.type, column.type);
  if (nature === "compatible" || nature === "widening") {
    return [
      finding(
        "medium",
        "changes_column_type",
        `a write of ${quoteIdent(column.name)} that does not fit ${from.type} fails until contractColumn`,
      ),
    ];
  }
  return [
    finding(
      "high",
      nature === "narrowing" ? "narrows_column_type" : "changes_column_type",
      `${from.type} → ${column.type}: the batches stop at a value that does not fit, and from its first moment on a write of ${quoteIdent(from.name)} that does not fit fails`,
    ),
  ];
}

/** The operation that puts a column beside an old one. */
export function expandColumnOperation(
  column: Column,
  from: Column,
  values: { readonly forward: string; readonly back: string },
) {
  const { forward, back } = values;
  return operation("expandColumn", {
    column: madeColumn(column),
    from: { name: from.name, type: from.type },
    forward,
    back,
  });
}
