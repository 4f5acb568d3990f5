/** addCheck: a check that holds for new rows at once and is validated for the others while reads and writes go on. */
import * as v from "valibot";
import { parentsOf } from "../model/followers.ts";
import { getObject, type SchemaGraph } from "../model/graph.ts";
import { allFollowersOf, partIn } from "../model/inheritance.ts";
import { type Check, checkSchema, type SchemaObject } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { defineOperation, operation } from "./define.ts";
import { onTablePlace, partInWords, placeOfPart, tableIdOfPart } from "./part.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { alterableInPlace } from "./sql/constraint-change.ts";
import { addStaged, replaceEverywhere } from "./sql/staged-constraint.ts";

const payload = v.strictObject({
  check: checkSchema,
  /** the check of the same name that this one takes the place of */
  replaces: v.optional(checkSchema),
  /** tables that follow and have declared it themselves as well: it is dropped and made again there, too */
  declared: v.optional(v.array(v.strictObject(onTablePlace))),
});

type AddCheck = v.InferOutput<typeof payload>;

export const addCheck = defineOperation<"addCheck", AddCheck>({
  kind: "addCheck",
  family: "index & constraint",
  product: false,
  summary: "add a check, not valid at first, then validate it",
  base: "medium",
  baseNote: "safe on a table of the same migration",
  reasons: [],
  payload,
  shares: true,
  on: ["create check", "alter check.*", "alter check.comment"],
  claims: (change, { before, after }) => {
    const passedOn = change.type === "alter" ? passedOnAnew(change.before, change.after, after) : undefined;
    if (passedOn !== undefined) return passedOn;
    const addition = additionOf("check", change, alterableInPlace);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    const declared = replaces === undefined || object.noInherit ? [] : declaredIn(before, object);
    return {
      check: object,
      ...(replaces === undefined ? {} : { replaces }),
      ...(declared.length > 0 ? { declared } : {}),
    };
  },
  absorbs: (op, change) => isPartOfReplacement(op.check, op.replaces, change),
  describe: (op) => partInWords(op.check),
  emit: (op, context) =>
    op.declared === undefined || op.replaces === undefined
      ? addStaged(op.check, op.replaces, context)
      : replaceEverywhere(op.check, op.replaces, op.declared, context),
  invert: (op) => ({
    reversible: true,
    operations: [
      op.replaces === undefined
        ? operation("dropCheck", placeOfPart(op.check))
        : operation("addCheck", {
            check: op.replaces,
            replaces: op.check,
            ...(op.declared && !op.replaces.noInherit ? { declared: op.declared } : {}),
          }),
    ],
  }),
  predict: (op) => [{ put: op.check }],
  risks: ({ check }, facts) => {
    if (facts.isFresh(tableIdOfPart(check))) {
      return [finding("safe", undefined, "the table is made in the same migration")];
    }
    if (check.notEnforced) return [finding("low", undefined, "nothing checks it: it is there to be read")];
    if (check.notValid) {
      return [
        finding("medium", undefined, "checks new rows only; an update of an old row that breaks it fails from then on"),
      ];
    }
    const message =
      "fails if a row breaks it, and such rows cannot be updated from its first moment on; reads every row";
    return [sizedFinding(facts, check, "medium", undefined, message)];
  },
  examples: [
    {
      name: "on a column",
      before: "create table lines (id int, qty int)",
      op: { check: { ...check("lines", "lines_qty_check", "((qty > 0))"), dependsOn: ["column:public.lines.qty"] } },
      after: "create table lines (id int, qty int check (qty > 0))",
    },
    {
      name: "not enforced",
      before: "create table lines (id int, qty int)",
      op: {
        check: {
          ...check("lines", "qty_known", "((qty > 0))"),
          notEnforced: true,
          dependsOn: ["column:public.lines.qty"],
        },
      },
      after: "create table lines (id int, qty int constraint qty_known check (qty > 0) not enforced)",
      since: 180000,
    },
    {
      name: "not valid, quoted names, with a comment",
      before: `create table "Line" ("From" int, "To" int)`,
      op: {
        check: {
          ...check("Line", "In Order", '(("From" <= "To"))'),
          notValid: true,
          comment: "old rows may differ",
          dependsOn: ['column:public."Line"."From"', 'column:public."Line"."To"'],
        },
      },
      after: `create table "Line" ("From" int, "To" int); alter table "Line" add constraint "In Order" check ("From" <= "To") not valid;
        comment on constraint "In Order" on "Line" is 'old rows may differ'`,
    },
    {
      name: "not inherited",
      before: "create table lines (id int, qty int)",
      op: {
        check: {
          ...check("lines", "never", "((qty IS NULL))"),
          noInherit: true,
          dependsOn: ["column:public.lines.qty"],
        },
      },
      after: "create table lines (id int, qty int, constraint never check (qty is null) no inherit)",
    },
    {
      name: "in place of one with another expression, its comment removed",
      before:
        "create table lines (id int, qty int constraint positive check (qty > 0)); comment on constraint positive on lines is 'at least one'",
      op: {
        check: { ...check("lines", "positive", "((qty >= 0))"), dependsOn: ["column:public.lines.qty"] },
        replaces: {
          ...check("lines", "positive", "((qty > 0))"),
          comment: "at least one",
          dependsOn: ["column:public.lines.qty"],
        },
      },
      after: "create table lines (id int, qty int constraint positive check (qty >= 0))",
    },
    {
      name: "inherited from now on, where one that inherits has declared it",
      before: `create table base (qty int constraint positive check (qty > 0) no inherit);
        create table heir (constraint positive check (qty > 0)) inherits (base)`,
      op: {
        check: { ...check("base", "positive", "((qty > 0))"), dependsOn: ["column:public.base.qty"] },
        replaces: {
          ...check("base", "positive", "((qty > 0))"),
          noInherit: true,
          dependsOn: ["column:public.base.qty"],
        },
        declared: [{ schema: "public", table: "heir" }],
      },
      after: `create table base (qty int constraint positive check (qty > 0));
        create table heir (constraint positive check (qty > 0)) inherits (base)`,
    },
  ],
});

/**
 * A check that a table has from a parent and that is not to be valid although it is: only made again in the parent that
 * declared it, where it is not valid either, does it come that way.
 */
function passedOnAnew(before: SchemaObject, now: SchemaObject, after: SchemaGraph): AddCheck | undefined {
  if (before.kind !== "check" || now.kind !== "check" || !now.inherited || !now.notValid || before.notValid) return;
  const table = getObject(after, "table", tableIdOfPart(now));
  for (const id of table === undefined ? [] : parentsOf(table)) {
    const parent = getObject(after, "table", id);
    const check = parent && (after.objects.get(partIn(parent, now)) as Check | undefined);
    if (!check?.notValid || check.noInherit) continue;
    return passedOnAnew({ ...check, notValid: undefined } as Check, check, after) ?? { check, replaces: check };
  }
  return;
}

/** The tables that follow a check's table and have a check of its name that they do not merely inherit. */
function declaredIn(graph: SchemaGraph, check: Check): { schema: string; table: string }[] {
  return allFollowersOf(graph, tableIdOfPart(check)).flatMap((table) => {
    const own = graph.objects.get(partIn(table, check));
    const isDeclared = own?.kind === "check" && own.inherited !== true && table.partitionOf === undefined;
    return isDeclared ? [{ schema: table.schema, table: table.name }] : [];
  });
}

/** A check of the examples. */
function check(table: string, name: string, expression: string): Check {
  return { kind: "check", schema: "public", table, name, expression };
}
