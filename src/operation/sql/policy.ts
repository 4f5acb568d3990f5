/** The SQL of row level security policies. */
import type { Policy } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { quoteIdent, quoteList } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { type PartPlace, tableOfPart } from "../part.ts";

/**
 * Who a policy is for. A role's name is data and is quoted, so that a role called `current_user` is that role; only the
 * absence of roles means PUBLIC.
 */
export function policyRoles(policy: { readonly roles?: readonly string[] | undefined }): string {
  return policy.roles === undefined || policy.roles.length === 0 ? "public" : quoteList(policy.roles);
}

/** ` using (…) with check (…)`, as far as they are there. */
export function policyExpressions(policy: {
  readonly using?: string | undefined;
  readonly check?: string | undefined;
}): string {
  const using = policy.using === undefined ? "" : ` using (${asInput(policy.using)})`;
  return policy.check === undefined ? using : `${using} with check (${asInput(policy.check)})`;
}

/** CREATE POLICY. */
export function createPolicyStatement(policy: Policy): Statement {
  const words = [
    policy.restrictive ? " as restrictive" : "",
    policy.command === undefined ? "" : ` for ${policy.command}`,
    policy.roles === undefined ? "" : ` to ${policyRoles(policy)}`,
    policyExpressions(policy),
  ];
  const table = tableOfPart(policy);
  return statement(`create policy ${quoteIdent(policy.name)} on ${table}${words.join("")}`, "access exclusive", [
    table,
  ]);
}

/** DROP POLICY. */
export function dropPolicyStatement(policy: PartPlace): Statement {
  const table = tableOfPart(policy);
  return statement(`drop policy ${quoteIdent(policy.name)} on ${table}`, "access exclusive", [table]);
}

/** Attributes that ALTER POLICY can change: an expression can be changed or added, never taken away (14 to 18). */
export function alterablePolicyMembers(before: Policy, after: Policy): readonly string[] {
  return [
    "roles",
    ...(before.using !== undefined && after.using === undefined ? [] : ["using"]),
    ...(before.check !== undefined && after.check === undefined ? [] : ["check"]),
  ];
}
