/** validateDomainCheck: checks the old values of a domain whose check held for new ones only. */
import * as v from "valibot";
import { objectId } from "../model/kinds.ts";
import { domainCheckSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { domainCheckInPlace, domainCheckInWords } from "./add-domain-check.ts";
import { defineOperation, operation } from "./define.ts";
import { withMembers } from "./place.ts";
import { editObject, isReplaced } from "./replacement.ts";
import { isInArrays } from "./sql/rebuilt-type.ts";
import { domainCheckExists, validateDomainCheckStatement } from "./sql/types.ts";

const payload = v.strictObject({
  /** the check as it will be */
  check: domainCheckSchema,
});

type ValidateDomainCheck = v.InferOutput<typeof payload>;

export const validateDomainCheck = defineOperation<"validateDomainCheck", ValidateDomainCheck>({
  kind: "validateDomainCheck",
  family: "types & sequences",
  product: false,
  summary: "validate a check of a domain for values that are there already",
  base: "medium",
  reasons: [],
  payload,
  on: ["alter domainCheck.notValid"],
  claims: (change, context) => {
    if (change.type !== "alter" || change.before.kind !== "domainCheck" || change.after.kind !== "domainCheck") {
      return undefined;
    }
    const { before, after } = change;
    if (isReplaced(before, after, domainCheckInPlace(before, after))) return undefined;
    if (isInArrays(context.before, { schema: after.schema, name: after.domain })) return undefined;
    return { check: withMembers(after, { comment: undefined }) };
  },
  describe: (op) => domainCheckInWords(op.check),
  emit: ({ check }) => [{ ...together(validateDomainCheckStatement(check)), done: domainCheckExists(check, true) }],
  invert: ({ check }, before) => {
    const old = before.objects.get(objectId(check));
    if (old?.kind !== "domainCheck") return { reversible: false, why: "what it was like before is not known" };
    return {
      reversible: true,
      operations: [operation("addDomainCheck", { check: old, replaces: withMembers(old, { notValid: undefined }) })],
    };
  },
  predict: ({ check }, graph) =>
    editObject(graph, "domainCheck", objectId(check), (old) => withMembers(old, { notValid: undefined })),
  risks: () => [
    finding(
      "medium",
      undefined,
      "fails if a value in a column of the domain breaks it; writes to their tables stop while all rows are read",
    ),
  ],
  examples: [
    {
      name: "of a domain in use",
      before: `create domain quantity as int; alter domain quantity add constraint positive check (value > 0) not valid; create table lines (qty quantity)`,
      op: {
        check: {
          kind: "domainCheck",
          schema: "public",
          domain: "quantity",
          name: "positive",
          expression: "((VALUE > 0))",
        },
      },
      after: "create domain quantity as int constraint positive check (value > 0); create table lines (qty quantity)",
    },
    {
      name: "quoted names, the comment stays",
      before: `create schema "App"; create domain "App"."Q" as text; alter domain "App"."Q" add constraint "Not Empty" check (value <> '') not valid;
        comment on constraint "Not Empty" on domain "App"."Q" is 'x'`,
      op: {
        check: {
          kind: "domainCheck",
          schema: "App",
          domain: "Q",
          name: "Not Empty",
          expression: "((VALUE <> ''::text))",
        },
      },
      after: `create schema "App"; create domain "App"."Q" as text constraint "Not Empty" check (value <> '');
        comment on constraint "Not Empty" on domain "App"."Q" is 'x'`,
    },
    {
      name: "one of two",
      before: `create domain q as int constraint a check (value > 0); alter domain q add constraint b check (value < 9) not valid`,
      op: { check: { kind: "domainCheck", schema: "public", domain: "q", name: "b", expression: "((VALUE < 9))" } },
      after: "create domain q as int constraint a check (value > 0) constraint b check (value < 9)",
    },
  ],
});
