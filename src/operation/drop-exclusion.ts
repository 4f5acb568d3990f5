/** dropExclusion: removes an exclusion constraint and its index. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart } from "./part.ts";
import { remaking } from "./replacement.ts";
import { dropConstraint } from "./sql/add-key.ts";

const payload = v.strictObject(partPlace);

type DropExclusion = v.InferOutput<typeof payload>;

export const dropExclusion = defineOperation<"dropExclusion", DropExclusion>({
  kind: "dropExclusion",
  family: "index & constraint",
  product: false,
  summary: "remove an exclusion constraint and its index",
  base: "medium",
  reasons: [],
  payload,
  on: ["drop exclusion"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "exclusion" ? placeOfPart(change.before) : undefined,
  describe: partInWords,
  emit: (op) => [together(dropConstraint(op))],
  invert: (op, before) =>
    remaking(before, "exclusion", idOf(op), (exclusion) => [operation("addExclusion", { exclusion })]),
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [
    finding("medium", undefined, "rows that exclude each other can be written from then on; queries lose its index"),
  ],
  examples: [
    {
      name: "plain",
      before:
        "create table bookings (id int, during daterange, constraint no_overlap exclude using gist (during with &&))",
      op: { schema: "public", table: "bookings", name: "no_overlap" },
      after: "create table bookings (id int, during daterange)",
    },
    {
      name: "partial and deferrable, quoted names, with a comment",
      before: `create schema "App"; create table "App"."B" (c circle, x bool, constraint "A b" exclude using gist (c with &&) where (x) deferrable);
        comment on constraint "A b" on "App"."B" is 'x'`,
      op: { schema: "App", table: "B", name: "A b" },
      after: `create schema "App"; create table "App"."B" (c circle, x bool)`,
    },
    {
      name: "one of two",
      before: `create table b (c circle, r int4range, constraint one exclude using gist (c with &&), constraint two exclude using gist (r with &&))`,
      op: { schema: "public", table: "b", name: "two" },
      after: "create table b (c circle, r int4range, constraint one exclude using gist (c with &&))",
    },
  ],
});

function idOf(op: DropExclusion): ObjectId {
  return makeId("exclusion", op.schema, op.table, op.name);
}
