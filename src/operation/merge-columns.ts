/** mergeColumns: combines the values of several columns in a new one, which stays in step with them until stopSync. */
import * as v from "valibot";
import { columnId } from "../model/kinds.ts";
import { columnSchema, limits } from "../model/object.ts";
import { sizedFinding } from "../risk/size.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { assignmentsMember } from "./sql/assignments.ts";
import { derivedColumn, derivedColumnMember, expandSegments, type Sync } from "./sql/sync.ts";

const { schema, table, name } = columnSchema.entries;
const namesMember = v.pipe(v.array(name), v.minLength(1), v.maxLength(limits.listLength));

const payload = v.strictObject({
  schema,
  table,
  /** the columns that are combined */
  names: namesMember,
  /** the new column and what it gets from them */
  into: derivedColumnMember,
  /** values of the old columns from the new one: for writers that know only that */
  split: v.optional(assignmentsMember),
  /** columns of the key to go by; the primary key, else a unique index over NOT NULL columns, without it */
  key: v.optional(namesMember),
});

type MergeColumns = v.InferOutput<typeof payload>;

function syncOf({ schema: inSchema, table: of, names, into, split = [], key }: MergeColumns): Sync {
  return { schema: inSchema, table: of, old: names, made: [into], back: split, key };
}

export const mergeColumns = defineOperation<"mergeColumns", MergeColumns>({
  kind: "mergeColumns",
  family: "recovery & advanced",
  product: true,
  summary: "combine the values of several columns in a new one",
  base: "medium",
  reasons: ["requires_backfill"],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) =>
    `${inWords(op.schema, op.table)} (${op.names.map(quoteIdent).join(", ")}) into ${quoteIdent(op.into.name)}`,
  emit: (op) => expandSegments(syncOf(op)),
  invert: ({ schema: inSchema, table: of, into }) => ({
    reversible: true,
    operations: [
      operation("stopSync", { schema: inSchema, table: of, columns: [into.name] }),
      operation("dropColumn", { schema: inSchema, table: of, name: into.name }),
    ],
    loses: "what was written to the new column and has not gone to the old ones",
  }),
  writes: (op) => [columnId(op.schema, op.table, op.into.name)],
  predict: (op) => [{ put: derivedColumn(syncOf(op), op.into) }],
  risks: (op, facts) => [
    sizedFinding(
      facts,
      op,
      "medium",
      "requires_backfill",
      "adds a column, keeps it in step by a trigger until stopSync, and fills old rows in batches",
    ),
  ],
  examples: [
    {
      name: "two columns, one way",
      before: "create table users (id int primary key, first text, last text)",
      op: {
        schema: "public",
        table: "users",
        names: ["first", "last"],
        into: { name: "name", type: "text", expression: "concat_ws(' ', first, last)" },
      },
      after: "create table users (id int primary key, first text, last text, name text)",
      notFromDiff: true,
    },
    {
      name: "and back",
      before: "create table stays (room int, day date, at time, primary key (room, day))",
      op: {
        schema: "public",
        table: "stays",
        names: ["day", "at"],
        into: { name: "arrives", type: "timestamp without time zone", expression: "day + at" },
        split: [{ column: "at", expression: "arrives::time" }],
      },
      after: "create table stays (room int, day date, at time, primary key (room, day), arrives timestamp)",
      notFromDiff: true,
    },
    {
      name: "quoted names",
      before: 'create schema "App"; create table "App"."User" ("No." int primary key, "A b" int, "C" int)',
      op: {
        schema: "App",
        table: "User",
        names: ["A b", "C"],
        into: { name: "All", type: "integer[]", expression: 'array["A b", "C"]' },
        key: ["No."],
      },
      after: 'create schema "App"; create table "App"."User" ("No." int primary key, "A b" int, "C" int, "All" int[])',
      notFromDiff: true,
    },
  ],
});
