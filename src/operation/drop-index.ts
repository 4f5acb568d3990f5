/** dropIndex: removes an index while reads and writes go on. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart, tableIdOfPart } from "./part.ts";
import { remaking } from "./replacement.ts";
import { dropIndexConcurrently, dropIndexPlainly } from "./sql/build-index.ts";

const payload = v.strictObject(partPlace);

type DropIndex = v.InferOutput<typeof payload>;

export const dropIndex = defineOperation<"dropIndex", DropIndex>({
  kind: "dropIndex",
  family: "index & constraint",
  product: true,
  summary: "remove an index while reads and writes go on",
  base: "medium",
  reasons: ["drops_index"],
  payload,
  on: ["drop index"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "index" ? placeOfPart(change.before) : undefined,
  describe: partInWords,
  emit: (op, context) => [
    context.isFresh(tableIdOfPart(op)) ? together(dropIndexPlainly(op)) : dropIndexConcurrently(op),
  ],
  invert: (op, before) =>
    remaking(before, "index", makeId("index", op.schema, op.name), (index) => [operation("addIndex", { index })]),
  predict: (op) => [{ drop: makeId("index", op.schema, op.name) }],
  risks: () => [finding("medium", "drops_index", "queries that used it get slower plans from then on")],
  examples: [
    {
      name: "plain",
      before: "create table users (id int, email text); create index users_email_idx on users (email)",
      op: { schema: "public", table: "users", name: "users_email_idx" },
      after: "create table users (id int, email text)",
    },
    {
      name: "unique, in another schema, quoted names",
      before: `create schema "App"; create table "App"."User" (id int); create unique index "By Id" on "App"."User" (id)`,
      op: { schema: "App", table: "User", name: "By Id" },
      after: `create schema "App"; create table "App"."User" (id int)`,
    },
    {
      name: "partial, with a comment",
      before:
        "create table users (id int, gone bool); create index users_gone on users (id) where gone; comment on index users_gone is 'old'",
      op: { schema: "public", table: "users", name: "users_gone" },
      after: "create table users (id int, gone bool)",
    },
  ],
});
