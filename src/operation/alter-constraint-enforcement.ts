/**
 * alterConstraintEnforcement: a foreign key that is no longer checked (18). Enforced again it is replaced, by addForeignKey,
 * but for that of a partitioned table, beside which Postgres lets none stand that is enforced otherwise.
 */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { droppedForeignKey } from "./drop-foreign-key.ts";
import { onTablePlace, partInWords, partPlace } from "./part.ts";
import { withMembers } from "./place.ts";
import { editObject, isReplaced, remaking } from "./replacement.ts";
import { alterableInPlace } from "./sql/constraint-change.ts";
import { alterEnforcement } from "./sql/staged-constraint.ts";

const payload = v.strictObject({
  ...partPlace,
  /** the table it refers to: it is locked as well */
  references: v.strictObject(onTablePlace),
  /** as it will be; absent: not enforced */
  enforced: v.optional(v.literal(true)),
});

type AlterConstraintEnforcement = v.InferOutput<typeof payload>;

export const alterConstraintEnforcement = defineOperation<"alterConstraintEnforcement", AlterConstraintEnforcement>({
  kind: "alterConstraintEnforcement",
  family: "index & constraint",
  product: false,
  summary: "stop enforcing a foreign key without removing it, or enforce that of a partitioned table",
  base: "medium",
  baseNote: "high when it is enforced again: every row is checked under a lock",
  reasons: ["drops_foreign_key", "adds_foreign_key"],
  payload,
  on: ["alter foreignKey.notEnforced"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "foreignKey" || change.after.kind !== "foreignKey") {
      return undefined;
    }
    const { before, after } = change;
    if (isReplaced(before, after, alterableInPlace(before, after))) return undefined;
    return { ...droppedForeignKey(after), ...(after.notEnforced ? {} : { enforced: true }) };
  },
  absorbs: (op, change) => change.type === "alter" && change.id === idOf(op) && change.attribute === "notValid",
  describe: partInWords,
  emit: (op) => [together(...alterEnforcement(op, op.enforced === true))],
  invert: (op, before) =>
    remaking(before, "foreignKey", idOf(op), (foreignKey) => {
      const { enforced: _, ...place } = op;
      if (op.enforced) return [operation("alterConstraintEnforcement", place)];
      if (foreignKey.partitioned) return [operation("alterConstraintEnforcement", { ...place, enforced: true })];
      const replaces = withMembers(foreignKey, { notValid: undefined, notEnforced: true });
      return [operation("addForeignKey", { foreignKey, replaces })];
    }),
  predict: (op, graph) =>
    editObject(graph, "foreignKey", idOf(op), (key) =>
      withMembers(key, { notValid: undefined, notEnforced: op.enforced ? undefined : true }),
    ),
  risks: (op, facts) =>
    op.enforced
      ? [
          sizedFinding(
            facts,
            op,
            "high",
            "adds_foreign_key",
            "fails if a row refers to nothing; nobody can read or write both tables while every row is checked",
          ),
        ]
      : [
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
      after:
        "create table users (id int primary key); create table posts (id int, author int references users not enforced)",
      since: 180000,
    },
    {
      name: "to the table itself, deferrable, quoted names, with a comment",
      before: `create table "Staff" (id int primary key, boss int constraint "Boss" references "Staff" deferrable initially deferred);
        comment on constraint "Boss" on "Staff" is 'who leads'`,
      op: { schema: "public", table: "Staff", name: "Boss", references: { schema: "public", table: "Staff" } },
      after: `create table "Staff" (id int primary key, boss int constraint "Boss" references "Staff" deferrable initially deferred not enforced);
        comment on constraint "Boss" on "Staff" is 'who leads'`,
      since: 180000,
    },
    {
      name: "one that was not valid",
      before: `create table users (id int primary key); create table posts (id int, author int);
        alter table posts add constraint by foreign key (author) references users not valid`,
      op: { schema: "public", table: "posts", name: "by", references: { schema: "public", table: "users" } },
      after: `create table users (id int primary key);
        create table posts (id int, author int constraint by references users not enforced)`,
      since: 180000,
    },
    {
      name: "enforced again, on a partitioned table",
      before: `create table users (id int primary key);
        create table posts (id int, author int constraint by references users not enforced) partition by list (id);
        create table posts_1 partition of posts for values in (1)`,
      op: {
        schema: "public",
        table: "posts",
        name: "by",
        references: { schema: "public", table: "users" },
        enforced: true,
      },
      after: `create table users (id int primary key);
        create table posts (id int, author int constraint by references users) partition by list (id);
        create table posts_1 partition of posts for values in (1)`,
      since: 180000,
    },
  ],
});

function idOf(op: AlterConstraintEnforcement): ObjectId {
  return makeId("foreignKey", op.schema, op.table, op.name);
}
