/** grant: gives privileges on an object or a column to a role, to PUBLIC, or back to the owner. */
import { bareGrant, everyone, type Grant, levelOf } from "../model/grant.ts";
import { objectId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { grantExamples } from "./grant-examples.ts";
import {
  atLevel,
  type GrantPayload,
  grantAt,
  grantEdits,
  grantInWords,
  grantPayload,
  grantsOfChange,
  listed,
} from "./grant-payload.ts";
import { changedPrivileges, grantStatements } from "./sql/grant.ts";

export const grant = defineOperation<"grant", GrantPayload>({
  kind: "grant",
  family: "security",
  product: false,
  summary: "give privileges on an object to a role",
  base: "medium",
  baseNote: "low for one role, without the right to pass it on",
  reasons: [],
  payload: grantPayload,
  on: ["alter grant.*"],
  claims: (change) => {
    const grants = grantsOfChange(change);
    if (change.type !== "alter" || grants === undefined) return undefined;
    const { granted, grantable } = changedPrivileges(grants.before, grants.after);
    if (![...granted, ...grantable].includes(change.attribute as never)) return undefined;
    const { on, to } = grants.after;
    return {
      on,
      ...(to === undefined ? {} : { to }),
      ...listed("privileges", granted),
      ...listed("withGrantOption", grantable),
    };
  },
  absorbs: (op, change) => {
    const grants = grantsOfChange(change);
    if (change.type !== "alter" || grants === undefined || change.id !== objectId(bareGrant(op.on, op.to)))
      return false;
    const { granted, grantable } = changedPrivileges(grants.before, grants.after);
    const has = (list: readonly string[] | undefined): boolean => list?.includes(change.attribute) ?? false;
    return (has(granted) && has(op.privileges)) || (has(grantable) && has(op.withGrantOption));
  },
  // A privilege taken from the whole table is taken from its columns as well (REVOKE, the same in 14 to 18).
  // What is granted to a role while it is the owner is lost when it no longer is.
  follows: ({ on, to }) => {
    const { kind } = on;
    if (kind !== "column") return [objectId({ kind: "owner", on: { ...on, kind } })];
    const table = { kind: on.of ?? ("table" as const), schema: on.schema ?? "", name: on.table ?? "" };
    return [objectId(bareGrant(table, to)), objectId({ kind: "owner", on: table })];
  },
  describe: grantInWords,
  emit: (op, { server }) => [
    together(
      ...grantStatements(op.on, op.to, op.privileges ?? [], false, server),
      ...grantStatements(op.on, op.to, op.withGrantOption ?? [], true, server),
    ),
  ],
  invert: (op, before) => {
    const old = grantAt(before, op);
    const now = after(op, old);
    const { revoked, option } = changedPrivileges(now, old);
    const same = revoked.length + option.length === 0;
    return {
      reversible: true,
      operations: [
        operation("revoke", {
          on: op.on,
          ...(op.to === undefined ? {} : { from: op.to }),
          ...listed("privileges", same ? [...(op.privileges ?? []), ...(op.withGrantOption ?? [])] : revoked),
          ...listed("grantOption", option),
        }),
      ],
    };
  },
  predict: (op, graph) => grantEdits(after(op, grantAt(graph, op))),
  risks: (op) => {
    const found = [];
    if (op.to === everyone)
      found.push(finding("medium", undefined, "every role of the server that may connect has it from then on"));
    if (op.withGrantOption !== undefined)
      found.push(finding("medium", undefined, `${grantee(op)} may pass it on to any other role`));
    return found.length > 0 ? found : [finding("low", undefined, `${grantee(op)} can do more than before`)];
  },
  examples: grantExamples,
});

function after(op: GrantPayload, old: Grant): Grant {
  const once = atLevel(old, op.privileges, (name) => (levelOf(old, name) === 2 ? 2 : 1));
  return atLevel(once, op.withGrantOption, () => 2);
}

function grantee({ to }: GrantPayload): string {
  return to === undefined ? "the owner" : to === everyone ? "everybody" : `role ${to}`;
}
