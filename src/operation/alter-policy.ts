/** alterPolicy: changes whom a policy is for and what it allows. Its command and nature can only be replaced. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type Policy, policySchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, partPlace, placeOfPart, tableOfPart } from "./part.ts";
import { withMembers } from "./place.ts";
import { editObject, isReplaced, remaking } from "./replacement.ts";
import { alterablePolicyMembers, policyExpressions, policyRoles } from "./sql/policy.ts";

const { roles, using, check, dependsOn } = policySchema.entries;

/** The members are as they will be; one that is absent stays away. */
const payload = v.strictObject({ ...partPlace, roles, using, check, dependsOn });

type AlterPolicy = v.InferOutput<typeof payload>;

const members = ["roles", "using", "check"] as const;

export const alterPolicy = defineOperation<"alterPolicy", AlterPolicy>({
  kind: "alterPolicy",
  family: "security",
  product: false,
  summary: "change whom a row level security policy is for and what it allows",
  base: "medium",
  reasons: ["rls_change"],
  payload,
  on: members.map((name) => `alter policy.${name}`),
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "policy" || change.after.kind !== "policy") return undefined;
    const { before, after } = change;
    return isReplaced(before, after, alterablePolicyMembers(before, after)) ? undefined : membersOf(after);
  },
  absorbs: (op, change) =>
    change.type === "alter" && change.id === idOf(op) && (members as readonly string[]).includes(change.attribute),
  describe: partInWords,
  emit: (op) => {
    const sql = `alter policy ${quoteIdent(op.name)} on ${tableOfPart(op)} to ${policyRoles(op)}${policyExpressions(op)}`;
    return [together(statement(sql, "access exclusive", [tableOfPart(op)]))];
  },
  invert: (op, before) =>
    remaking(before, "policy", idOf(op), (policy) => {
      const after = withMembers(policy, changedMembers(op));
      return isReplaced(after, policy, alterablePolicyMembers(after, policy))
        ? [operation("createPolicy", { policy, replaces: after })]
        : [operation("alterPolicy", membersOf(policy))];
    }),
  predict: (op, graph) => editObject(graph, "policy", idOf(op), (policy) => withMembers(policy, changedMembers(op))),
  risks: () => [
    finding("medium", "rls_change", "changes which rows roles see or write, where row level security is on"),
  ],
  examples: [
    {
      name: "another condition",
      before: "create table users (id int, owner text); create policy own on users using (id = 1)",
      op: {
        schema: "public",
        table: "users",
        name: "own",
        using: "(owner = CURRENT_USER)",
        dependsOn: ["column:public.users.owner"],
      },
      after: "create table users (id int, owner text); create policy own on users using (owner = current_user)",
    },
    {
      name: "for a role, quoted names, the comment stays",
      before: `create table "User" (id int); create policy "Own" on "User" using (true); comment on policy "Own" on "User" is 'x'`,
      op: { schema: "public", table: "User", name: "Own", roles: ["pg_monitor"], using: "true" },
      after: `create table "User" (id int); create policy "Own" on "User" to pg_monitor using (true); comment on policy "Own" on "User" is 'x'`,
    },
    {
      name: "for everyone again, with a check as well",
      before: "create table users (id int); create policy everyone on users to pg_monitor using (true)",
      op: {
        schema: "public",
        table: "users",
        name: "everyone",
        using: "true",
        check: "(id > 0)",
        dependsOn: ["column:public.users.id"],
      },
      after: "create table users (id int); create policy everyone on users using (true) with check (id > 0)",
    },
  ],
});

function idOf(op: AlterPolicy): ObjectId {
  return makeId("policy", op.schema, op.table, op.name);
}

function membersOf(policy: Policy): AlterPolicy {
  const { roles, using, check, dependsOn } = policy;
  return {
    ...placeOfPart(policy),
    ...(roles === undefined ? {} : { roles }),
    ...(using === undefined ? {} : { using }),
    ...(check === undefined ? {} : { check }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  };
}

function changedMembers(op: AlterPolicy): Pick<AlterPolicy, "roles" | "using" | "check" | "dependsOn"> {
  return { roles: op.roles, using: op.using, check: op.check, dependsOn: op.dependsOn };
}
