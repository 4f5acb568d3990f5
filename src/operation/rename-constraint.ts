/** renameConstraint: another name for a key, a check or a foreign key. Claimed by no diff: planning finds equal constraints. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { columnSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { renamedObject } from "./rename-part.ts";
import { renameIndex } from "./sql/build-index.ts";

const { schema, table, name } = columnSchema.entries;

const payload = v.strictObject({
  constraint: v.picklist(["primaryKey", "unique", "check", "foreignKey", "exclusion"]),
  schema,
  table,
  from: name,
  to: name,
});

type RenameConstraint = v.InferOutput<typeof payload>;

export const renameConstraint = defineOperation<"renameConstraint", RenameConstraint>({
  kind: "renameConstraint",
  family: "index & constraint",
  product: false,
  summary: "give a constraint another name",
  base: "low",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${quoteIdent(op.from)} to ${quoteIdent(op.to)} on ${inWords(op.schema, op.table)}`,
  emit: (op) => {
    // The index of a key has its name, and renaming it renames the key under a weaker lock.
    if (op.constraint !== "check" && op.constraint !== "foreignKey") {
      return [together(renameIndex(op.schema, op.from, op.to))];
    }
    const on = qualified(op.schema, op.table);
    const sql = `alter table ${on} rename constraint ${quoteIdent(op.from)} to ${quoteIdent(op.to)}`;
    return [together(statement(sql, "access exclusive", [on]))];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("renameConstraint", { ...op, from: op.to, to: op.from })],
  }),
  predict: (op, graph) => renamedObject(graph, makeId(op.constraint, op.schema, op.table, op.from), op.to),
  risks: () => [finding("low", undefined, "messages and tools say the new name from then on; nothing else changes")],
  examples: [
    {
      name: "a primary key",
      before: "create table users (id int primary key); create table posts (author int references users)",
      op: { constraint: "primaryKey", schema: "public", table: "users", from: "users_pkey", to: "users_key" },
      after:
        "create table users (id int constraint users_key primary key); create table posts (author int references users)",
    },
    {
      name: "a foreign key, quoted names",
      before: `create table users (id int primary key); create table "Post" (author int constraint "By" references users)`,
      op: { constraint: "foreignKey", schema: "public", table: "Post", from: "By", to: "Written by" },
      after: `create table users (id int primary key); create table "Post" (author int constraint "Written by" references users)`,
    },
    {
      name: "a check with a comment",
      before: "create table users (id int constraint a check (id > 0)); comment on constraint a on users is 'x'",
      op: { constraint: "check", schema: "public", table: "users", from: "a", to: "b" },
      after: "create table users (id int constraint b check (id > 0)); comment on constraint b on users is 'x'",
    },
  ],
});
