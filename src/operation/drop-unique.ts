/** dropUnique: removes a unique constraint together with its index. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart } from "./part.ts";
import { remakeAttached } from "./remake.ts";
import { remaking } from "./replacement.ts";
import { dropConstraint } from "./sql/add-key.ts";

const payload = v.strictObject(partPlace);

type DropUnique = v.InferOutput<typeof payload>;

export const dropUnique = defineOperation<"dropUnique", DropUnique>({
  kind: "dropUnique",
  family: "index & constraint",
  product: true,
  summary: "remove a unique constraint and its index",
  base: "medium",
  reasons: ["drops_unique_constraint"],
  payload,
  on: ["drop unique"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "unique" ? placeOfPart(change.before) : undefined,
  describe: partInWords,
  emit: (op) => [together(dropConstraint(op))],
  invert: (op, before) =>
    remaking(before, "unique", makeId("unique", op.schema, op.table, op.name), (unique) => [
      operation("addUnique", { unique }),
      ...remakeAttached(before, makeId("unique", op.schema, op.table, op.name)),
    ]),
  predict: (op) => [{ drop: makeId("unique", op.schema, op.table, op.name) }],
  risks: () => [
    finding(
      "medium",
      "drops_unique_constraint",
      "duplicates can be written from then on, and its index is gone for queries and ON CONFLICT",
    ),
  ],
  examples: [
    {
      name: "of a column",
      before: "create table users (id int, email text unique)",
      op: { schema: "public", table: "users", name: "users_email_key" },
      after: "create table users (id int, email text)",
    },
    {
      name: "of a partitioned table, with those of its partitions",
      before: `create table t (id int, constraint t_id unique (id)) partition by list (id);
        create table t_1 partition of t for values in (1)`,
      op: { schema: "public", table: "t", name: "t_id" },
      after: "create table t (id int) partition by list (id); create table t_1 partition of t for values in (1)",
    },
    {
      name: "deferrable, quoted names",
      before: `create table "Seat" (room int, "No" int, constraint "one seat" unique (room, "No") deferrable initially deferred)`,
      op: { schema: "public", table: "Seat", name: "one seat" },
      after: `create table "Seat" (room int, "No" int)`,
    },
    {
      name: "with a comment, in another schema",
      before:
        "create schema app; create table app.users (id int constraint one unique); comment on constraint one on app.users is 'x'",
      op: { schema: "app", table: "users", name: "one" },
      after: "create schema app; create table app.users (id int)",
    },
  ],
});
