/** splitColumn: spreads one column's values over new ones, which stay in step with it until stopSync. Asked for by name. */
import * as v from "valibot";
import { columnId } from "../model/kinds.ts";
import { columnSchema } from "../model/object.ts";
import { sizedFinding } from "../risk/size.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { defineOperation, operation } from "./define.ts";
import { columnInWords, columnPlace } from "./place.ts";
import { expressionMember } from "./sql/assignments.ts";
import { derivedColumn, derivedColumnsMember, expandSegments, type Sync } from "./sql/sync.ts";

const payload = v.strictObject({
  ...columnPlace,
  /** the new columns, each with what it gets from the old one */
  into: derivedColumnsMember,
  /** the old column's value from the new ones: for writers that know only those */
  join: v.optional(expressionMember),
  /** columns of the key to go by; the primary key, else a unique index over NOT NULL columns, without it */
  key: v.optional(v.pipe(v.array(columnSchema.entries.name), v.minLength(1))),
});

type SplitColumn = v.InferOutput<typeof payload>;

function syncOf({ schema, table, name, into, join, key }: SplitColumn): Sync {
  const back = join === undefined ? [] : [{ column: name, expression: join }];
  return { schema, table, old: [name], made: into, back, key };
}

export const splitColumn = defineOperation<"splitColumn", SplitColumn>({
  kind: "splitColumn",
  family: "recovery & advanced",
  product: true,
  summary: "spread one column's values over several new ones",
  base: "medium",
  reasons: ["requires_backfill"],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${columnInWords(op)} into ${op.into.map(({ name }) => quoteIdent(name)).join(", ")}`,
  emit: (op) => expandSegments(syncOf(op)),
  invert: ({ schema, table, into }) => ({
    reversible: true,
    operations: [
      operation("stopSync", { schema, table, columns: into.map(({ name }) => name) }),
      ...into.map(({ name }) => operation("dropColumn", { schema, table, name })),
    ],
    loses: "what was written to the new columns and has not gone to the old one",
  }),
  writes: ({ schema, table, into }) => into.map(({ name }) => columnId(schema, table, name)),
  predict: (op) => op.into.map((made) => ({ put: derivedColumn(syncOf(op), made) })),
  risks: (op, facts) => [
    sizedFinding(
      facts,
      op,
      "medium",
      "requires_backfill",
      "adds columns, keeps them in step by a trigger until stopSync, and fills old rows in batches",
    ),
  ],
  examples: [
    {
      name: "into two columns, and back",
      before: "create table users (id int primary key, full_name text not null)",
      op: {
        schema: "public",
        table: "users",
        name: "full_name",
        into: [
          { name: "first_name", type: "text", expression: "split_part(full_name, ' ', 1)" },
          { name: "last_name", type: "text", expression: "nullif(split_part(full_name, ' ', 2), '')" },
        ],
        join: "concat_ws(' ', first_name, last_name)",
      },
      after: "create table users (id int primary key, full_name text not null, first_name text, last_name text)",
      notFromDiff: true,
    },
    {
      name: "one way, by a key that is named",
      before: "create table events (id uuid not null unique, payload json)",
      op: {
        schema: "public",
        table: "events",
        name: "payload",
        into: [{ name: "amount", type: "numeric(12,2)", expression: "(payload ->> 'amount')::numeric" }],
        key: ["id"],
      },
      after: "create table events (id uuid not null unique, payload json, amount numeric(12,2))",
      notFromDiff: true,
    },
    {
      name: "quoted names",
      before: 'create schema "App"; create table "App"."User" ("No." int primary key, "Full Name" text)',
      op: {
        schema: "App",
        table: "User",
        name: "Full Name",
        into: [
          {
            name: "Last Name",
            type: "character varying(40)",
            collation: 'pg_catalog."C"',
            expression: '"left"("User"."Full Name", 40)',
          },
        ],
      },
      after: `create schema "App"; create table "App"."User" ("No." int primary key, "Full Name" text, "Last Name" varchar(40) collate "C")`,
      notFromDiff: true,
    },
  ],
});
