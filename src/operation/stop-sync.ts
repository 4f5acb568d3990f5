/** stopSync: ends what keeps two forms of the same columns in step: the end of a split or a merge. */
import * as v from "valibot";
import { columnSchema, limits } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { defineOperation } from "./define.ts";
import { inWords } from "./place.ts";
import { stopSegment } from "./sql/sync.ts";

const { schema, table, name } = columnSchema.entries;

const payload = v.strictObject({
  schema,
  table,
  /** the new columns, in the order they were made in */
  columns: v.pipe(v.array(name), v.minLength(1), v.maxLength(limits.listLength)),
});

type StopSync = v.InferOutput<typeof payload>;

const example = "create table users (id int primary key, first text, last text)";

export const stopSync = defineOperation<"stopSync", StopSync>({
  kind: "stopSync",
  family: "recovery & advanced",
  product: false,
  summary: "end what keeps old and new columns in step",
  base: "medium",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${inWords(op.schema, op.table)} (${op.columns.map(quoteIdent).join(", ")})`,
  emit: (op) => [stopSegment(op, op.columns)],
  invert: () => ({ reversible: false, why: "what was written since went to one form only" }),
  predict: () => [],
  risks: () => [finding("medium", undefined, "writers that know only the old columns are not followed any more")],
  examples: [
    {
      name: "one column",
      before: example,
      op: { schema: "public", table: "users", columns: ["last"] },
      after: example,
      notFromDiff: true,
    },
    {
      name: "several columns",
      before: example,
      op: { schema: "public", table: "users", columns: ["first", "last"] },
      after: example,
      notFromDiff: true,
    },
    {
      name: "quoted names",
      before: 'create schema "App"; create table "App"."User" (id int primary key, "Last Name" text)',
      op: { schema: "App", table: "User", columns: ["Last Name"] },
      after: 'create schema "App"; create table "App"."User" (id int primary key, "Last Name" text)',
      notFromDiff: true,
    },
  ],
});
