/** validateConstraint: checks the old rows of a constraint that so far held for new ones only. */
import * as v from "valibot";
import { objectId } from "../model/kinds.ts";
import { checkSchema, foreignKeySchema, type SchemaObject } from "../model/object.ts";
import { sizedFinding } from "../risk/size.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords } from "./part.ts";
import { withMembers } from "./place.ts";
import { isReplaced, remaking } from "./replacement.ts";
import { alterableInPlace } from "./sql/constraint-change.ts";
import { orphansProbe } from "./sql/key-probe.ts";
import { validate } from "./sql/staged-constraint.ts";

const payload = v.strictObject({
  /** the constraint as it is once validated, without its comment */
  constraint: v.variant("kind", [checkSchema, foreignKeySchema]),
});

type ValidateConstraint = v.InferOutput<typeof payload>;

export const validateConstraint = defineOperation<"validateConstraint", ValidateConstraint>({
  kind: "validateConstraint",
  family: "index & constraint",
  product: false,
  summary: "check the old rows of a constraint that is not valid yet",
  base: "low",
  reasons: [],
  payload,
  on: ["alter check.notValid", "alter foreignKey.notValid"],
  claims: (change) => {
    if (change.type !== "alter" || change.attribute !== "notValid") return undefined;
    const { before, after } = change;
    if (after.kind !== "check" && after.kind !== "foreignKey") return undefined;
    if (
      after.notValid ||
      after.notEnforced ||
      isReplaced(before, after, alterableInPlace(before as typeof after, after))
    )
      return undefined;
    return { constraint: withMembers(after, { comment: undefined }) };
  },
  describe: (op) => partInWords(op.constraint),
  emit: (op) => [together(validate(op.constraint))],
  invert: (op, before) => {
    const id = objectId(op.constraint);
    if (op.constraint.kind === "check") {
      return remaking(before, "check", id, (check) => [
        operation("addCheck", { check, replaces: withMembers(check, { notValid: undefined }) }),
      ]);
    }
    return remaking(before, "foreignKey", id, (foreignKey) => [
      operation("addForeignKey", { foreignKey, replaces: withMembers(foreignKey, { notValid: undefined }) }),
    ]);
  },
  predict: (op, graph) => {
    const found = graph.objects.get(objectId(op.constraint));
    return found === undefined ? [] : [{ put: withMembers(found, { notValid: undefined } as Partial<SchemaObject>) }];
  },
  risks: (op, facts) => [
    sizedFinding(facts, op.constraint, "low", undefined, "reads every row while reads and writes go on"),
  ],
  probes: (op) => (op.constraint.kind === "foreignKey" && !op.constraint.period ? [orphansProbe(op.constraint)] : []),
  examples: [
    {
      name: "a check",
      before: "create table lines (qty int); alter table lines add constraint positive check (qty > 0) not valid",
      op: {
        constraint: {
          kind: "check",
          schema: "public",
          table: "lines",
          name: "positive",
          expression: "((qty > 0))",
          dependsOn: ["column:public.lines.qty"],
        },
      },
      after: "create table lines (qty int constraint positive check (qty > 0))",
    },
    {
      name: "a foreign key",
      before: `create table users (id int primary key); create table posts (author int);
        alter table posts add constraint by foreign key (author) references users not valid`,
      op: {
        constraint: {
          kind: "foreignKey",
          schema: "public",
          table: "posts",
          name: "by",
          columns: ["author"],
          references: { schema: "public", table: "users", columns: ["id"] },
        },
      },
      after: "create table users (id int primary key); create table posts (author int constraint by references users)",
    },
    {
      name: "a check with a comment, quoted names",
      before: `create table "Line" ("Qty" int); alter table "Line" add constraint "Some" check ("Qty" > 0) not valid;
        comment on constraint "Some" on "Line" is 'stays'`,
      op: {
        constraint: {
          kind: "check",
          schema: "public",
          table: "Line",
          name: "Some",
          expression: '(("Qty" > 0))',
          dependsOn: ['column:public."Line"."Qty"'],
        },
      },
      after: `create table "Line" ("Qty" int constraint "Some" check ("Qty" > 0)); comment on constraint "Some" on "Line" is 'stays'`,
    },
  ],
});
