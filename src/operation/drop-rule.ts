/** dropRule: removes a rule. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart } from "./part.ts";
import { remaking } from "./replacement.ts";
import { dropRuleStatement } from "./sql/rule.ts";

const payload = v.strictObject(partPlace);

type DropRule = v.InferOutput<typeof payload>;

export const dropRule = defineOperation<"dropRule", DropRule>({
  kind: "dropRule",
  family: "routines & views",
  product: false,
  summary: "remove a rule",
  base: "high",
  reasons: [],
  payload,
  on: ["drop rule"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "rule" ? placeOfPart(change.before) : undefined,
  describe: partInWords,
  emit: (op) => [together(dropRuleStatement(op))],
  invert: (op, before) =>
    remaking(before, "rule", makeId("rule", op.schema, op.table, op.name), (rule) => [
      operation("createRule", { rule }),
    ]),
  predict: (op) => [{ drop: makeId("rule", op.schema, op.table, op.name) }],
  risks: () => [finding("high", undefined, "statements it rewrote do what they say from then on, or fail on a view")],
  examples: [
    {
      name: "plain",
      before: "create table users (id int); create rule keep as on delete to users do instead nothing",
      op: { schema: "public", table: "users", name: "keep" },
      after: "create table users (id int)",
    },
    {
      name: "that never fires, with a comment, quoted names",
      before: `create table "User" (id int); create rule "Keep It" as on delete to "User" do instead nothing;
        comment on rule "Keep It" on "User" is 'x'; alter table "User" disable rule "Keep It"`,
      op: { schema: "public", table: "User", name: "Keep It" },
      after: `create table "User" (id int)`,
    },
    {
      name: "one of two on a view, in another schema",
      before: `create schema app; create view app.one as select 1 as n; create rule a as on insert to app.one do instead nothing;
        create rule b as on delete to app.one do instead nothing`,
      op: { schema: "app", table: "one", name: "b" },
      after: `create schema app; create view app.one as select 1 as n; create rule a as on insert to app.one do instead nothing`,
    },
  ],
});
