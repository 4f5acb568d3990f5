/** dropDomainCheck: takes a check off a domain. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { domainCheckSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { domainCheckInWords } from "./add-domain-check.ts";
import { defineOperation, operation } from "./define.ts";
import { remaking } from "./replacement.ts";
import { dropDomainCheckStatement } from "./sql/types.ts";

const { schema, domain, name } = domainCheckSchema.entries;
const payload = v.strictObject({ schema, domain, name });

type DropDomainCheck = v.InferOutput<typeof payload>;

export const dropDomainCheck = defineOperation<"dropDomainCheck", DropDomainCheck>({
  kind: "dropDomainCheck",
  family: "types & sequences",
  product: false,
  summary: "take a check off a domain",
  base: "low",
  reasons: [],
  payload,
  on: ["drop domainCheck"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "domainCheck"
      ? { schema: change.before.schema, domain: change.before.domain, name: change.before.name }
      : undefined,
  describe: domainCheckInWords,
  emit: (op) => [together(dropDomainCheckStatement(op))],
  invert: (op, before) =>
    remaking(before, "domainCheck", idOf(op), (check) => [operation("addDomainCheck", { check })]),
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [finding("low", undefined, "values that broke it are accepted in every column of the domain")],
  examples: [
    {
      name: "plain",
      before: "create domain quantity as int constraint positive check (value > 0); create table lines (qty quantity)",
      op: { schema: "public", domain: "quantity", name: "positive" },
      after: "create domain quantity as int; create table lines (qty quantity)",
    },
    {
      name: "one of two, quoted names, with a comment",
      before: `create domain "Q" as int constraint "a b" check (value > 0) constraint c check (value < 9); comment on constraint "a b" on domain "Q" is 'x'`,
      op: { schema: "public", domain: "Q", name: "a b" },
      after: `create domain "Q" as int constraint c check (value < 9)`,
    },
    {
      name: "not valid",
      before: "create domain q as int; alter domain q add constraint late check (value > 0) not valid",
      op: { schema: "public", domain: "q", name: "late" },
      after: "create domain q as int",
    },
  ],
});

function idOf(op: DropDomainCheck): ObjectId {
  return makeId("domainCheck", op.schema, op.domain, op.name);
}
