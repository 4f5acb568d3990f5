/** addDomainCheck: a check of a domain, not valid at first and then validated; in place of an old one of the same name. */
import * as v from "valibot";
import { type DomainCheck, domainCheckSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { type Segment, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { commentStatements } from "./sql/comment.ts";
import { isInArrays } from "./sql/rebuilt-type.ts";
import {
  addDomainCheckStatement,
  type DomainCheckPlace,
  domainCheckExists,
  dropDomainCheckStatement,
  validateDomainCheckStatement,
} from "./sql/types.ts";

const payload = v.strictObject({
  check: domainCheckSchema,
  /** the check of the same name that this one takes the place of */
  replaces: v.optional(domainCheckSchema),
});

type AddDomainCheck = v.InferOutput<typeof payload>;

/** What VALIDATE CONSTRAINT changes in place. */
export function domainCheckInPlace(before: DomainCheck, after: DomainCheck): readonly string[] {
  return before.notValid && !after.notValid ? ["notValid"] : [];
}

/** A check in words: `positive on quantity`. */
export function domainCheckInWords(check: DomainCheckPlace): string {
  return `${quoteIdent(check.name)} on ${inWords(check.schema, check.domain)}`;
}

export const addDomainCheck = defineOperation<"addDomainCheck", AddDomainCheck>({
  kind: "addDomainCheck",
  family: "types & sequences",
  product: false,
  summary: "add a check to a domain, not valid at first, then validate it",
  base: "medium",
  reasons: [],
  payload,
  on: ["create domainCheck", "alter domainCheck.*", "alter domainCheck.comment"],
  claims: (change, context) => {
    const addition = additionOf("domainCheck", change, domainCheckInPlace);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    // what has to hold for arrays of the domain is rebuildType's
    if (!object.notValid && isInArrays(context.before, { schema: object.schema, name: object.domain }))
      return undefined;
    return { check: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.check, op.replaces, change),
  describe: (op) => domainCheckInWords(op.check),
  emit: (op) => segmentsOf(op),
  invert: ({ check, replaces }) => ({
    reversible: true,
    operations: [
      replaces === undefined
        ? operation("dropDomainCheck", { schema: check.schema, domain: check.domain, name: check.name })
        : operation("addDomainCheck", { check: replaces, replaces: check }),
    ],
  }),
  predict: (op) => [{ put: op.check }],
  risks: ({ check }) => [
    check.notValid
      ? finding("medium", undefined, "checks new values only; an update of a row with an old one that breaks it fails")
      : finding(
          "medium",
          undefined,
          "fails if a value in a column of the domain breaks it; writes to their tables stop while all rows are read",
        ),
  ],
  examples: [
    {
      name: "on a domain in use",
      before: "create domain quantity as int; create table lines (qty quantity)",
      op: { check: check("quantity", "positive", "((VALUE > 0))") },
      after: "create domain quantity as int constraint positive check (value > 0); create table lines (qty quantity)",
    },
    {
      name: "not valid, quoted names, with a comment",
      before: `create domain "Q" as int`,
      op: { check: { ...check("Q", "At Most", "((VALUE < 100))"), notValid: true, comment: "old rows may differ" } },
      after: `create domain "Q" as int; alter domain "Q" add constraint "At Most" check (value < 100) not valid;
        comment on constraint "At Most" on domain "Q" is 'old rows may differ'`,
    },
    {
      name: "in place of one with another expression, its comment changed",
      before:
        "create domain quantity as int constraint positive check (value > 0); create table lines (qty quantity); comment on constraint positive on domain quantity is 'a'",
      op: {
        check: { ...check("quantity", "positive", "((VALUE >= 0))"), comment: "b" },
        replaces: { ...check("quantity", "positive", "((VALUE > 0))"), comment: "a" },
      },
      after:
        "create domain quantity as int constraint positive check (value >= 0); create table lines (qty quantity); comment on constraint positive on domain quantity is 'b'",
    },
  ],
});

function segmentsOf({ check, replaces }: AddDomainCheck): Segment[] {
  const add = together(
    ...(replaces === undefined ? [] : [dropDomainCheckStatement(replaces)]),
    addDomainCheckStatement(check),
    ...commentStatements(check),
  );
  if (check.notValid && replaces === undefined) return [{ ...add, done: domainCheckExists(check, false) }];
  if (check.notValid) return [add];
  return [
    { ...add, done: domainCheckExists(check, false) },
    { ...together(validateDomainCheckStatement(check)), done: domainCheckExists(check, true) },
  ];
}

/** A check of the examples. */
function check(domain: string, name: string, expression: string): DomainCheck {
  return { kind: "domainCheck", schema: "public", domain, name, expression };
}
