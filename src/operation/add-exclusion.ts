/** addExclusion: an exclusion constraint, at once; in place of an old one in the same transaction. */
import * as v from "valibot";
import { type Exclusion, exclusionSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, placeOfPart, tableIdOfPart } from "./part.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { dropConstraint } from "./sql/add-key.ts";
import { commentStatements } from "./sql/comment.ts";
import { addExclusionStatement } from "./sql/exclusion.ts";

const payload = v.strictObject({
  exclusion: exclusionSchema,
  /** the constraint of the same name that this one takes the place of */
  replaces: v.optional(exclusionSchema),
});

type AddExclusion = v.InferOutput<typeof payload>;

export const addExclusion = defineOperation<"addExclusion", AddExclusion>({
  kind: "addExclusion",
  family: "index & constraint",
  product: false,
  summary: "add an exclusion constraint",
  base: "high",
  baseNote: "safe on a table of the same migration",
  reasons: ["adds_unique_constraint"],
  payload,
  on: ["create exclusion", "alter exclusion.*", "alter exclusion.comment"],
  claims: (change) => {
    const addition = additionOf("exclusion", change);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    return { exclusion: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.exclusion, op.replaces, change),
  describe: (op) => partInWords(op.exclusion),
  emit: (op) => [
    together(
      ...(op.replaces === undefined ? [] : [dropConstraint(op.replaces)]),
      addExclusionStatement(op.exclusion),
      ...commentStatements(op.exclusion),
    ),
  ],
  invert: (op) => ({
    reversible: true,
    operations: [
      op.replaces === undefined
        ? operation("dropExclusion", placeOfPart(op.exclusion))
        : operation("addExclusion", { exclusion: op.replaces, replaces: op.exclusion }),
    ],
  }),
  predict: (op) => [{ put: op.exclusion }],
  risks: ({ exclusion }, facts) => {
    if (facts.isFresh(tableIdOfPart(exclusion))) {
      return [finding("safe", "adds_unique_constraint", "the table is made in the same migration")];
    }
    const message =
      "fails if two rows exclude each other; nobody can read or write the table while its index is built, and there is no way around that";
    return [sizedFinding(facts, exclusion, "high", "adds_unique_constraint", message)];
  },
  examples: [
    {
      name: "ranges that do not overlap",
      before: "create table bookings (id int, during daterange)",
      op: { exclusion: exclusion("bookings", "no_overlap", "USING gist (during WITH &&)", ["during"]) },
      after:
        "create table bookings (id int, during daterange, constraint no_overlap exclude using gist (during with &&))",
    },
    {
      name: "on an expression, partial, deferred, with a comment and quoted names",
      before: `create table "Booking" (id int, "From" date, "To" date, active bool)`,
      op: {
        exclusion: {
          ...exclusion("Booking", "No Overlap", `USING gist (daterange("From", "To") WITH &&) WHERE (active)`, []),
          deferrable: true,
          initiallyDeferred: true,
          comment: "one at a time",
          dependsOn: [
            'column:public."Booking"."From"',
            'column:public."Booking"."To"',
            'column:public."Booking".active',
          ],
        },
      },
      after: `create table "Booking" (id int, "From" date, "To" date, active bool,
          constraint "No Overlap" exclude using gist (daterange("From", "To") with &&) where (active) deferrable initially deferred);
        comment on constraint "No Overlap" on "Booking" is 'one at a time'`,
    },
    {
      name: "in place of one with another operator, its comment changed",
      before: `create table shapes (c circle, constraint apart exclude using gist (c with &&)); comment on constraint apart on shapes is 'a'`,
      op: {
        exclusion: { ...exclusion("shapes", "apart", "USING gist (c WITH ~=)", ["c"]), comment: "b" },
        replaces: { ...exclusion("shapes", "apart", "USING gist (c WITH &&)", ["c"]), comment: "a" },
      },
      after: `create table shapes (c circle, constraint apart exclude using gist (c with ~=)); comment on constraint apart on shapes is 'b'`,
    },
  ],
});

/** An exclusion constraint of the examples. */
function exclusion(table: string, name: string, definition: string, columns: string[]): Exclusion {
  return { kind: "exclusion", schema: "public", table, name, definition, columns };
}
