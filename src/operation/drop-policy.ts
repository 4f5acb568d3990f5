/** dropPolicy: removes a row level security policy. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart } from "./part.ts";
import { remaking } from "./replacement.ts";
import { dropPolicyStatement } from "./sql/policy.ts";

const payload = v.strictObject(partPlace);

type DropPolicy = v.InferOutput<typeof payload>;

export const dropPolicy = defineOperation<"dropPolicy", DropPolicy>({
  kind: "dropPolicy",
  family: "security",
  product: true,
  summary: "remove a row level security policy",
  base: "medium",
  reasons: ["rls_change"],
  payload,
  on: ["drop policy"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "policy" ? placeOfPart(change.before) : undefined,
  describe: partInWords,
  emit: (op) => [together(dropPolicyStatement(op))],
  invert: (op, before) =>
    remaking(before, "policy", makeId("policy", op.schema, op.table, op.name), (policy) => [
      operation("createPolicy", { policy }),
    ]),
  predict: (op) => [{ drop: makeId("policy", op.schema, op.table, op.name) }],
  risks: () => [
    finding(
      "medium",
      "rls_change",
      "roles lose the rows it allowed them; without a restrictive one they gain those it kept from them",
    ),
  ],
  examples: [
    {
      name: "for everyone",
      before: "create table users (id int); create policy everyone on users using (true)",
      op: { schema: "public", table: "users", name: "everyone" },
      after: "create table users (id int)",
    },
    {
      name: "restrictive, for a role, quoted names, with a comment",
      before: `create table "User" (id int); create policy "Own Rows" on "User" as restrictive for update to pg_monitor using (id > 0);
        comment on policy "Own Rows" on "User" is 'x'`,
      op: { schema: "public", table: "User", name: "Own Rows" },
      after: `create table "User" (id int)`,
    },
    {
      name: "one of two, in another schema",
      before:
        "create schema app; create table app.users (id int); create policy a on app.users using (true); create policy b on app.users using (false)",
      op: { schema: "app", table: "users", name: "b" },
      after: "create schema app; create table app.users (id int); create policy a on app.users using (true)",
    },
  ],
});
