/** createPolicy: a row level security policy; in place of an old one, without a moment in between when neither is there. */
import * as v from "valibot";
import { policySchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, placeOfPart } from "./part.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { commentStatements } from "./sql/comment.ts";
import { alterablePolicyMembers, createPolicyStatement, dropPolicyStatement } from "./sql/policy.ts";

const payload = v.strictObject({
  policy: policySchema,
  /** the policy of the same name that this one takes the place of */
  replaces: v.optional(policySchema),
});

type CreatePolicy = v.InferOutput<typeof payload>;

export const createPolicy = defineOperation<"createPolicy", CreatePolicy>({
  kind: "createPolicy",
  family: "security",
  product: true,
  summary: "add a row level security policy",
  base: "medium",
  reasons: ["rls_change"],
  payload,
  shares: true,
  on: ["create policy", "alter policy.*", "alter policy.comment"],
  claims: (change) => {
    const addition = additionOf("policy", change, alterablePolicyMembers);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    return { policy: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.policy, op.replaces, change),
  describe: (op) => partInWords(op.policy),
  emit: (op) => [
    together(
      ...(op.replaces === undefined ? [] : [dropPolicyStatement(op.replaces)]),
      createPolicyStatement(op.policy),
      ...commentStatements(op.policy),
    ),
  ],
  invert: (op) => ({
    reversible: true,
    operations: [
      op.replaces === undefined
        ? operation("dropPolicy", placeOfPart(op.policy))
        : operation("createPolicy", { policy: op.replaces, replaces: op.policy }),
    ],
  }),
  predict: (op) => [{ put: op.policy }],
  risks: ({ policy }) => [
    finding(
      "medium",
      "rls_change",
      policy.restrictive
        ? "takes rows away from roles that see or write them now, where row level security is on"
        : "lets roles see or write rows they could not, where row level security is on",
    ),
  ],
  examples: [
    {
      name: "for everyone",
      before: "create table users (id int, owner text)",
      op: {
        policy: {
          kind: "policy",
          schema: "public",
          table: "users",
          name: "own",
          using: "(owner = CURRENT_USER)",
          dependsOn: ["column:public.users.owner"],
        },
      },
      after: "create table users (id int, owner text); create policy own on users using (owner = current_user)",
    },
    {
      name: "restrictive, for one command and role, quoted names, with a comment",
      before: `create table "User" (id int, "Owner" text)`,
      op: {
        policy: {
          kind: "policy",
          schema: "public",
          table: "User",
          name: "Own Rows",
          command: "update",
          restrictive: true,
          roles: ["pg_monitor"],
          using: "(id > 0)",
          check: `("Owner" = 'me'::text)`,
          comment: "nobody else's",
          dependsOn: ['column:public."User"."Owner"', 'column:public."User".id'],
        },
      },
      after: `create table "User" (id int, "Owner" text);
        create policy "Own Rows" on "User" as restrictive for update to pg_monitor using (id > 0) with check ("Owner" = 'me');
        comment on policy "Own Rows" on "User" is 'nobody else''s'`,
    },
    {
      name: "for inserts",
      before: "create table users (id int)",
      op: {
        policy: {
          kind: "policy",
          schema: "public",
          table: "users",
          name: "everyone",
          command: "insert",
          check: "true",
        },
      },
      after: "create table users (id int); create policy everyone on users for insert with check (true)",
    },
    {
      name: "in place of one for another command, its comment changed",
      before:
        "create table users (id int); create policy everyone on users for select using (true); comment on policy everyone on users is 'read'",
      op: {
        policy: { kind: "policy", schema: "public", table: "users", name: "everyone", using: "true", comment: "all" },
        replaces: {
          kind: "policy",
          schema: "public",
          table: "users",
          name: "everyone",
          command: "select",
          using: "true",
          comment: "read",
        },
      },
      after:
        "create table users (id int); create policy everyone on users using (true); comment on policy everyone on users is 'all'",
    },
    {
      name: "without the check it had",
      before: "create table users (id int); create policy everyone on users using (true) with check (id > 0)",
      op: {
        policy: { kind: "policy", schema: "public", table: "users", name: "everyone", using: "true" },
        replaces: {
          kind: "policy",
          schema: "public",
          table: "users",
          name: "everyone",
          using: "true",
          check: "(id > 0)",
          dependsOn: ["column:public.users.id"],
        },
      },
      after: "create table users (id int); create policy everyone on users using (true)",
    },
  ],
});
