/** createRule: a rule; in place of an old one, without a moment in between when neither is there. */
import * as v from "valibot";
import { ruleSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { type Statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, placeOfPart, tableIdOfPart } from "./part.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { commentStatement } from "./sql/comment.ts";
import { firingStatement } from "./sql/firing.ts";
import { createRuleStatements } from "./sql/rule.ts";

const payload = v.strictObject({
  rule: ruleSchema,
  /** the rule of the same name that this one takes the place of */
  replaces: v.optional(ruleSchema),
});

type CreateRule = v.InferOutput<typeof payload>;

export const createRule = defineOperation<"createRule", CreateRule>({
  kind: "createRule",
  family: "routines & views",
  product: false,
  summary: "add a rule, or put another in its place",
  base: "high",
  baseNote: "safe on a table of the same migration",
  reasons: [],
  payload,
  on: ["create rule", "alter rule.*", "alter rule.comment"],
  claims: (change) => {
    const addition = additionOf("rule", change, () => ["firing"]);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    return { rule: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.rule, op.replaces, change),
  describe: (op) => partInWords(op.rule),
  emit: (op) => [together(...statementsOf(op))],
  invert: (op) => ({
    reversible: true,
    operations: [
      op.replaces === undefined
        ? operation("dropRule", placeOfPart(op.rule))
        : operation("createRule", { rule: op.replaces, replaces: op.rule }),
    ],
  }),
  predict: (op) => [{ put: op.rule }],
  risks: ({ rule }, facts) => [
    facts.isFresh(tableIdOfPart(rule))
      ? finding("safe", undefined, "the table is made in the same migration")
      : finding("high", undefined, "statements it is for are rewritten from then on and may do something else"),
  ],
  examples: [
    {
      name: "instead of a delete",
      before: "create table users (id int)",
      op: {
        rule: {
          kind: "rule",
          schema: "public",
          table: "users",
          name: "keep",
          definition: "CREATE RULE keep AS\n    ON DELETE TO public.users DO INSTEAD NOTHING",
        },
      },
      after: "create table users (id int); create rule keep as on delete to users do instead nothing",
    },
    {
      name: "on a view, into a table, with a comment, quoted names",
      before: `create table "User" (id int); create view "Known" as select id from "User"`,
      op: {
        rule: {
          kind: "rule",
          schema: "public",
          table: "Known",
          name: "Pass On",
          on: "view",
          definition: `CREATE RULE "Pass On" AS\n    ON INSERT TO public."Known"\n   WHERE (new.id > 0) DO INSTEAD  INSERT INTO public."User" (id)\n  VALUES (new.id)`,
          comment: "writes",
          dependsOn: ['column:public."User".id'],
        },
      },
      after: `create table "User" (id int); create view "Known" as select id from "User";
        create rule "Pass On" as on insert to "Known" where new.id > 0 do instead insert into "User" (id) values (new.id);
        comment on rule "Pass On" on "Known" is 'writes'`,
    },
    {
      name: "for another event, never firing, in place of one with a comment",
      before: `create table users (id int); create rule keep as on delete to users do instead nothing; comment on rule keep on users is 'x'`,
      op: {
        rule: {
          kind: "rule",
          schema: "public",
          table: "users",
          name: "keep",
          definition: "CREATE RULE keep AS\n    ON UPDATE TO public.users DO INSTEAD NOTHING",
          firing: "never",
        },
        replaces: {
          kind: "rule",
          schema: "public",
          table: "users",
          name: "keep",
          definition: "CREATE RULE keep AS\n    ON DELETE TO public.users DO INSTEAD NOTHING",
          comment: "x",
        },
      },
      after: `create table users (id int); create rule keep as on update to users do instead nothing; alter table users disable rule keep`,
    },
  ],
});

function statementsOf({ rule, replaces }: CreateRule): Statement[] {
  const { firing, comment } = rule;
  return [
    ...createRuleStatements(rule, replaces === undefined ? "new" : "replace"),
    ...(firing === replaces?.firing ? [] : [firingStatement(rule, firing)]),
    ...(comment === replaces?.comment ? [] : [commentStatement(rule, comment)]),
  ];
}
