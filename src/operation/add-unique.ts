/** addUnique: a unique constraint by way of an index that is built while writes go on. */
import * as v from "valibot";
import { type Unique, uniqueSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, placeOfPart, tableIdOfPart } from "./part.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { addKey, overlapFinding } from "./sql/add-key.ts";
import { duplicatesProbe } from "./sql/key-probe.ts";

const payload = v.strictObject({
  unique: uniqueSchema,
  /** the constraint of the same name that this one takes the place of */
  replaces: v.optional(uniqueSchema),
});

type AddUnique = v.InferOutput<typeof payload>;

export const addUnique = defineOperation<"addUnique", AddUnique>({
  kind: "addUnique",
  family: "index & constraint",
  product: true,
  summary: "add a unique constraint by way of an index built while writes go on",
  base: "medium",
  baseNote: "safe on a table of the same migration",
  reasons: ["adds_unique_constraint"],
  payload,
  shares: true,
  on: ["create unique", "alter unique.*", "alter unique.comment"],
  claims: (change) => {
    const addition = additionOf("unique", change, () => ["attachedTo", "tablespace"]);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    return { unique: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.unique, op.replaces, change),
  describe: (op) => partInWords(op.unique),
  emit: (op, context) => addKey(op.unique, op.replaces, context),
  invert: (op) => ({
    reversible: true,
    operations: [
      op.replaces === undefined
        ? operation("dropUnique", placeOfPart(op.unique))
        : operation("addUnique", { unique: op.replaces, replaces: op.unique }),
    ],
  }),
  predict: (op) => [{ put: op.unique }],
  risks: (op, facts) => {
    if (facts.isFresh(tableIdOfPart(op.unique))) {
      return [finding("safe", "adds_unique_constraint", "the table is made in the same migration")];
    }
    if (op.unique.withoutOverlaps) return [overlapFinding(facts, op.unique)];
    const message = "fails on duplicates, and rejects them while its index is built; the table is read twice";
    return [sizedFinding(facts, op.unique, "medium", "adds_unique_constraint", message)];
  },
  probes: (op) => (op.unique.withoutOverlaps ? [] : [duplicatesProbe(op.unique, op.unique.nullsNotDistinct === true)]),
  examples: [
    {
      name: "on one column",
      before: "create table users (id int, email text)",
      op: { unique: unique("users", "users_email_key", ["email"]) },
      after: "create table users (id int, email text unique)",
    },
    {
      name: "deferrable, on two columns, with a comment",
      before: `create table "Seat" (room int, "No" int)`,
      op: {
        unique: {
          ...unique("Seat", "one seat", ["room", "No"]),
          deferrable: true,
          initiallyDeferred: true,
          comment: "checked at commit",
        },
      },
      after: `create table "Seat" (room int, "No" int, constraint "one seat" unique (room, "No") deferrable initially deferred);
        comment on constraint "one seat" on "Seat" is 'checked at commit'`,
    },
    {
      name: "with included columns",
      before: "create table users (id int, email text)",
      op: { unique: { ...unique("users", "users_key", ["email"]), include: ["id"] } },
      after: "create table users (id int, email text, constraint users_key unique (email) include (id))",
    },
    {
      name: "NULLs not distinct",
      before: "create table users (id int, email text)",
      op: { unique: { ...unique("users", "users_key", ["email"]), nullsNotDistinct: true } },
      after: "create table users (id int, email text, constraint users_key unique nulls not distinct (email))",
      since: 150000,
    },
    {
      name: "without overlaps",
      before: "create table rooms (no int4range, during daterange)",
      op: { unique: { ...unique("rooms", "rooms_key", ["no", "during"]), withoutOverlaps: true } },
      after:
        "create table rooms (no int4range, during daterange, constraint rooms_key unique (no, during without overlaps))",
      since: 180000,
    },
    {
      name: "in place of one on fewer columns, its comment changed",
      before:
        "create table users (id int, email text, constraint users_key unique (email)); comment on constraint users_key on users is 'one'",
      op: {
        unique: { ...unique("users", "users_key", ["email", "id"]), comment: "two" },
        replaces: { ...unique("users", "users_key", ["email"]), comment: "one" },
      },
      after:
        "create table users (id int, email text, constraint users_key unique (email, id)); comment on constraint users_key on users is 'two'",
    },
  ],
});

/** A unique constraint of the examples. */
function unique(table: string, name: string, columns: string[]): Unique {
  return { kind: "unique", schema: "public", table, name, columns };
}
