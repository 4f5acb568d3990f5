/** alterConstraintDeferral: changes when a foreign key is checked. Other constraints have to be replaced for that. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { type ForeignKey, foreignKeySchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart, tableOfPart } from "./part.ts";
import { withMembers } from "./place.ts";
import { editObject, isReplaced, remaking } from "./replacement.ts";
import { alterableInPlace } from "./sql/constraint-change.ts";

const { deferrable, initiallyDeferred } = foreignKeySchema.entries;

const payload = v.strictObject({
  ...partPlace,
  /** as it will be; absent: checked with each statement */
  deferrable,
  /** as it will be; absent: at once unless a transaction asks for the end */
  initiallyDeferred,
});

type AlterConstraintDeferral = v.InferOutput<typeof payload>;

export const alterConstraintDeferral = defineOperation<"alterConstraintDeferral", AlterConstraintDeferral>({
  kind: "alterConstraintDeferral",
  family: "index & constraint",
  product: false,
  summary: "change when a foreign key is checked",
  base: "low",
  reasons: [],
  payload,
  on: ["alter foreignKey.deferrable", "alter foreignKey.initiallyDeferred"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "foreignKey" || change.after.kind !== "foreignKey") {
      return undefined;
    }
    const { before, after } = change;
    return isReplaced(before, after, alterableInPlace(before, after)) ? undefined : deferralOf(after);
  },
  absorbs: (op, change) =>
    change.type === "alter" &&
    change.id === idOf(op) &&
    (change.attribute === "deferrable" || change.attribute === "initiallyDeferred"),
  describe: partInWords,
  emit: (op) => [
    together(
      statement(
        `alter table ${tableOfPart(op)} alter constraint ${quoteIdent(op.name)} ${deferralWords(op)}`,
        "access exclusive",
        [tableOfPart(op)],
      ),
    ),
  ],
  invert: (op, before) =>
    remaking(before, "foreignKey", idOf(op), (key) => [operation("alterConstraintDeferral", deferralOf(key))]),
  predict: (op, graph) =>
    editObject(graph, "foreignKey", idOf(op), (key) =>
      withMembers(key, { deferrable: op.deferrable, initiallyDeferred: op.initiallyDeferred }),
    ),
  risks: (op) => [
    finding(
      "low",
      undefined,
      op.deferrable
        ? "violations can come to light as late as COMMIT"
        : "transactions that relied on a check at COMMIT fail earlier",
    ),
  ],
  examples: [
    {
      name: "deferrable",
      before: "create table users (id int primary key); create table posts (author int constraint by references users)",
      op: { schema: "public", table: "posts", name: "by", deferrable: true },
      after:
        "create table users (id int primary key); create table posts (author int constraint by references users deferrable)",
    },
    {
      name: "initially deferred, quoted names",
      before: `create table users (id int primary key); create table "Post" ("Author" int constraint "By" references users)`,
      op: { schema: "public", table: "Post", name: "By", deferrable: true, initiallyDeferred: true },
      after: `create table users (id int primary key);
        create table "Post" ("Author" int constraint "By" references users deferrable initially deferred)`,
    },
    {
      name: "no longer deferrable",
      before:
        "create table users (id int primary key); create table posts (author int constraint by references users deferrable initially deferred)",
      op: { schema: "public", table: "posts", name: "by" },
      after: "create table users (id int primary key); create table posts (author int constraint by references users)",
    },
  ],
});

function idOf(op: AlterConstraintDeferral): string {
  return makeId("foreignKey", op.schema, op.table, op.name);
}

function deferralOf(key: ForeignKey): AlterConstraintDeferral {
  return {
    ...placeOfPart(key),
    ...(key.deferrable ? { deferrable: true } : {}),
    ...(key.initiallyDeferred ? { initiallyDeferred: true } : {}),
  };
}

function deferralWords(op: AlterConstraintDeferral): string {
  if (!op.deferrable) return "not deferrable";
  return op.initiallyDeferred ? "deferrable initially deferred" : "deferrable initially immediate";
}
