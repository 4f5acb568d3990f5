/** dropForeignKey: removes a foreign key, an operation of its own because it also locks the referenced table. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import type { ForeignKey } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { onTablePlace, partInWords, partPlace, placeOfPart } from "./part.ts";
import { remaking } from "./replacement.ts";
import { dropStaged } from "./sql/staged-constraint.ts";

const payload = v.strictObject({
  ...partPlace,
  /** the table it refers to: it is locked as well */
  references: v.strictObject(onTablePlace),
});

type DropForeignKey = v.InferOutput<typeof payload>;

export const dropForeignKey = defineOperation<"dropForeignKey", DropForeignKey>({
  kind: "dropForeignKey",
  family: "index & constraint",
  product: true,
  summary: "remove a foreign key",
  base: "medium",
  reasons: ["drops_foreign_key"],
  payload,
  on: ["drop foreignKey"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "foreignKey" ? droppedForeignKey(change.before) : undefined,
  describe: partInWords,
  emit: (op) => [together(...dropStaged(op))],
  invert: (op, before) =>
    remaking(before, "foreignKey", makeId("foreignKey", op.schema, op.table, op.name), (foreignKey) => [
      operation("addForeignKey", { foreignKey }),
    ]),
  predict: (op) => [{ drop: makeId("foreignKey", op.schema, op.table, op.name) }],
  risks: () => [
    finding(
      "medium",
      "drops_foreign_key",
      "orphans can be written from then on; both tables are locked against reads for a moment",
    ),
  ],
  examples: [
    {
      name: "plain",
      before: "create table users (id int primary key); create table posts (id int, author int references users)",
      op: {
        schema: "public",
        table: "posts",
        name: "posts_author_fkey",
        references: { schema: "public", table: "users" },
      },
      after: "create table users (id int primary key); create table posts (id int, author int)",
    },
    {
      name: "to the table itself, with a comment",
      before: `create table "Staff" (id int primary key, boss int constraint "Boss" references "Staff");
        comment on constraint "Boss" on "Staff" is 'who leads'`,
      op: { schema: "public", table: "Staff", name: "Boss", references: { schema: "public", table: "Staff" } },
      after: `create table "Staff" (id int primary key, boss int)`,
    },
    {
      name: "not valid, across schemas",
      before: `create schema a; create schema b; create table a.x (id int primary key); create table b.y (x int);
        alter table b.y add constraint to_x foreign key (x) references a.x not valid`,
      op: { schema: "b", table: "y", name: "to_x", references: { schema: "a", table: "x" } },
      after: "create schema a; create schema b; create table a.x (id int primary key); create table b.y (x int)",
    },
  ],
});

/** What the operation needs to know of a foreign key. */
export function droppedForeignKey(key: ForeignKey): DropForeignKey {
  return { ...placeOfPart(key), references: { schema: key.references.schema, table: key.references.table } };
}
