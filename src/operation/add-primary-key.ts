/** addPrimaryKey: a primary key by way of an index that is built while writes go on. Its columns are NOT NULL already. */
import * as v from "valibot";
import { type PrimaryKey, primaryKeySchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, placeOfPart, tableIdOfPart } from "./part.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { addKey, overlapFinding } from "./sql/add-key.ts";
import { duplicatesProbe, keyNullsProbe } from "./sql/key-probe.ts";

const payload = v.strictObject({
  primaryKey: primaryKeySchema,
  /** the key of the same name that this one takes the place of */
  replaces: v.optional(primaryKeySchema),
});

type AddPrimaryKey = v.InferOutput<typeof payload>;

export const addPrimaryKey = defineOperation<"addPrimaryKey", AddPrimaryKey>({
  kind: "addPrimaryKey",
  family: "index & constraint",
  product: false,
  summary: "add a primary key by way of an index built while writes go on",
  base: "medium",
  baseNote: "safe on a table of the same migration",
  reasons: ["adds_unique_constraint"],
  payload,
  shares: true,
  on: ["create primaryKey", "alter primaryKey.*", "alter primaryKey.comment"],
  claims: (change) => {
    const addition = additionOf("primaryKey", change, () => ["attachedTo", "tablespace"]);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    return { primaryKey: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.primaryKey, op.replaces, change),
  describe: (op) => partInWords(op.primaryKey),
  emit: (op, context) => addKey(op.primaryKey, op.replaces, context),
  invert: (op) => ({
    reversible: true,
    operations: [
      op.replaces === undefined
        ? operation("dropPrimaryKey", placeOfPart(op.primaryKey))
        : operation("addPrimaryKey", { primaryKey: op.replaces, replaces: op.primaryKey }),
    ],
  }),
  predict: (op) => [{ put: op.primaryKey }],
  risks: (op, facts) => {
    if (facts.isFresh(tableIdOfPart(op.primaryKey))) {
      return [finding("safe", "adds_unique_constraint", "the table is made in the same migration")];
    }
    if (op.primaryKey.withoutOverlaps) return [overlapFinding(facts, op.primaryKey)];
    const message = "fails on duplicates, and rejects them while its index is built; the table is read twice";
    return [sizedFinding(facts, op.primaryKey, "medium", "adds_unique_constraint", message)];
  },
  probes: (op) => [
    ...(op.primaryKey.withoutOverlaps ? [] : [duplicatesProbe(op.primaryKey)]),
    keyNullsProbe(op.primaryKey),
  ],
  examples: [
    {
      name: "on one column",
      before: "create table users (id int not null)",
      op: { primaryKey: primaryKey("users", "users_pkey", ["id"]) },
      after: "create table users (id int primary key)",
    },
    {
      name: "on two columns, deferrable, quoted names and a comment",
      before: `create table "Line" ("Order" int not null, no int not null)`,
      op: {
        primaryKey: { ...primaryKey("Line", "Line PK", ["Order", "no"]), deferrable: true, comment: "order and line" },
      },
      after: `create table "Line" ("Order" int not null, no int not null, constraint "Line PK" primary key ("Order", no) deferrable);
        comment on constraint "Line PK" on "Line" is 'order and line'`,
    },
    {
      name: "without overlaps",
      before: "create table rooms (no int4range not null, during daterange not null)",
      op: { primaryKey: { ...primaryKey("rooms", "rooms_key", ["no", "during"]), withoutOverlaps: true } },
      after:
        "create table rooms (no int4range, during daterange, constraint rooms_key primary key (no, during without overlaps))",
      since: 180000,
    },
    {
      name: "in place of one on fewer columns",
      before: "create table users (id int not null, part int not null, constraint users_pkey primary key (id))",
      op: {
        primaryKey: primaryKey("users", "users_pkey", ["part", "id"]),
        replaces: primaryKey("users", "users_pkey", ["id"]),
      },
      after: "create table users (id int not null, part int not null, constraint users_pkey primary key (part, id))",
    },
  ],
});

/** A primary key of the examples. */
function primaryKey(table: string, name: string, columns: string[]): PrimaryKey {
  return { kind: "primaryKey", schema: "public", table, name, columns };
}
