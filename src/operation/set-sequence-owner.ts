/** setSequenceOwner: gives a sequence to a column, with which it will be dropped, or sets it free. */
import * as v from "valibot";
import { getObject, type SchemaGraph } from "../model/graph.ts";
import { columnId, makeId, type ObjectId } from "../model/kinds.ts";
import { type Sequence, sequenceSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { remaking } from "./replacement.ts";
import { continueSequenceStatement, ownSequenceStatement } from "./sql/sequence.ts";

const { schema, name, ownedBy } = sequenceSchema.entries;

const payload = v.strictObject({
  schema,
  name,
  /** absent: nothing will own it */
  to: ownedBy,
  /** whether it is new and the column is not: it goes on after the largest number that is there */
  continues: v.optional(v.literal(true)),
});

type SetSequenceOwner = v.InferOutput<typeof payload>;

export const setSequenceOwner = defineOperation<"setSequenceOwner", SetSequenceOwner>({
  kind: "setSequenceOwner",
  family: "types & sequences",
  product: false,
  summary: "give a sequence to a column or set it free",
  base: "safe",
  reasons: [],
  payload,
  on: ["alter sequence.ownedBy"],
  incidental: true,
  claims: (change, { before }) => {
    if (change.type !== "alter" || change.after.kind !== "sequence") return undefined;
    const continues = !before.objects.has(change.id) && continuesNumbers(change.after, before);
    return { ...ownerOf(change.after), ...(continues ? { continues: true as const } : {}) };
  },
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => {
    const { schema, to } = op;
    if (to === undefined) return [together(ownSequenceStatement(op, "none"))];
    const own = ownSequenceStatement(op, `${qualified(schema, to.table)}.${quoteIdent(to.column)}`);
    return [together(own, ...(op.continues ? [continueSequenceStatement(op, { schema, ...to })] : []))];
  },
  invert: (op, before) =>
    remaking(before, "sequence", idOf(op), (sequence) => [operation("setSequenceOwner", ownerOf(sequence))]),
  predict: (op, graph) => {
    // The sequence may be made in the same migration: what it needs then is all that is known of it.
    const sequence = getObject(graph, "sequence", idOf(op)) ?? { kind: "sequence", schema: op.schema, name: op.name };
    return [{ put: withMembers<Sequence>(sequence, { ownedBy: op.to }) }];
  },
  risks: (op) => [
    finding(
      "safe",
      undefined,
      op.to === undefined
        ? "it stays when the column that owned it goes"
        : op.continues
          ? "it goes on after the largest number that is there, and goes when the column or its table is dropped"
          : "it goes when the column or its table is dropped",
    ),
  ],
  examples: [
    {
      name: "given to a column",
      before: "create table users (id int); create sequence numbers",
      op: { schema: "public", name: "numbers", to: { table: "users", column: "id" } },
      after: "create table users (id int); create sequence numbers owned by users.id",
    },
    {
      name: "set free, quoted names, options and comment stay",
      before: `create table "User" ("Id" int); create sequence "Numbers" as integer increment by 2 owned by "User"."Id"; comment on sequence "Numbers" is 'x'`,
      op: { schema: "public", name: "Numbers" },
      after: `create table "User" ("Id" int); create sequence "Numbers" as integer increment by 2; comment on sequence "Numbers" is 'x'`,
    },
    {
      name: "new, for a column that has numbers",
      before: 'create table "User" ("Id" int); insert into "User" values (41); create sequence "Numbers"',
      op: { schema: "public", name: "Numbers", to: { table: "User", column: "Id" }, continues: true },
      after: 'create table "User" ("Id" int); create sequence "Numbers" owned by "User"."Id"',
      notFromDiff: true,
    },
    {
      name: "given to another column, in another schema",
      before:
        "create schema app; create table app.users (a int, b int); create sequence app.numbers owned by app.users.a",
      op: { schema: "app", name: "numbers", to: { table: "users", column: "b" } },
      after:
        "create schema app; create table app.users (a int, b int); create sequence app.numbers owned by app.users.b",
    },
  ],
});

function idOf(op: SetSequenceOwner): ObjectId {
  return makeId("sequence", op.schema, op.name);
}

/** Whether a new sequence can go on after the numbers of the column that will own it: it ascends from 1, and there are some. */
function continuesNumbers({ schema, ownedBy, start, increment, min }: Sequence, before: SchemaGraph): boolean {
  if (ownedBy === undefined || (start ?? increment ?? min) !== undefined) return false;
  const column = getObject(before, "column", columnId(schema, ownedBy.table, ownedBy.column));
  return column !== undefined && ["smallint", "integer", "bigint"].includes(column.type);
}

function ownerOf({ schema, name, ownedBy }: Sequence): SetSequenceOwner {
  return { schema, name, ...(ownedBy === undefined ? {} : { to: ownedBy }) };
}
