/** dropPrimaryKey: removes a primary key together with its index. Its columns stay NOT NULL. */
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

type DropPrimaryKey = v.InferOutput<typeof payload>;

export const dropPrimaryKey = defineOperation<"dropPrimaryKey", DropPrimaryKey>({
  kind: "dropPrimaryKey",
  family: "index & constraint",
  product: false,
  summary: "remove a primary key and its index",
  base: "medium",
  reasons: ["drops_unique_constraint"],
  payload,
  on: ["drop primaryKey"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "primaryKey" ? placeOfPart(change.before) : undefined,
  describe: partInWords,
  emit: (op) => [together(dropConstraint(op))],
  invert: (op, before) =>
    remaking(before, "primaryKey", makeId("primaryKey", op.schema, op.table, op.name), (primaryKey) => [
      operation("addPrimaryKey", { primaryKey }),
      ...remakeAttached(before, makeId("primaryKey", op.schema, op.table, op.name)),
    ]),
  predict: (op) => [{ drop: makeId("primaryKey", op.schema, op.table, op.name) }],
  risks: () => [
    finding(
      "medium",
      "drops_unique_constraint",
      "rows can no longer be told apart: logical replication refuses updates and deletes, and backfills lose their order",
    ),
  ],
  examples: [
    {
      name: "of a column",
      before: "create table users (id int primary key)",
      op: { schema: "public", table: "users", name: "users_pkey" },
      after: "create table users (id int not null)",
    },
    {
      name: "of two columns, quoted names",
      before: `create table "Line" ("Order" int, no int, constraint "Line PK" primary key ("Order", no))`,
      op: { schema: "public", table: "Line", name: "Line PK" },
      after: `create table "Line" ("Order" int not null, no int not null)`,
    },
    {
      name: "with a comment, in another schema",
      before:
        "create schema app; create table app.users (id int constraint pk primary key); comment on constraint pk on app.users is 'x'",
      op: { schema: "app", table: "users", name: "pk" },
      after: "create schema app; create table app.users (id int not null)",
    },
  ],
});
