/** alterDefaultPrivileges: what objects that a role makes from then on give to a role. What is there already stays as it is. */
import { type DefaultPrivileges, everyone, levelOf, type Privilege, saysNothing, withLevel } from "../model/grant.ts";
import { type GraphEdit, getObject, type SchemaGraph } from "../model/graph.ts";
import { objectId, objectName } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { type Statement, statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { alterDefaultPrivilegesExamples } from "./grant-examples.ts";
import { type AlterDefaultPrivileges, alterDefaultPrivilegesPayload, listed } from "./grant-payload.ts";
import { changedPrivileges, knownPrivileges } from "./sql/grant.ts";

export const alterDefaultPrivileges = defineOperation<"alterDefaultPrivileges", AlterDefaultPrivileges>({
  kind: "alterDefaultPrivileges",
  family: "security",
  product: false,
  summary: "change what new objects give to a role",
  base: "low",
  baseNote: "medium where PUBLIC gets something",
  reasons: [],
  payload: alterDefaultPrivilegesPayload,
  on: ["alter defaultPrivileges.*"],
  last: true,
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "defaultPrivileges") return undefined;
    return changeOf(change.before, change.after as DefaultPrivileges);
  },
  absorbs: (op, change) => change.type === "alter" && change.id === objectId(bareOf(op)),
  describe: (op) => objectName(bareOf(op)),
  emit: (op, { server }) => [
    together(
      ...statements(op, op.revoke, server, (what) => `revoke ${what} from`),
      ...statements(op, op.revokeGrantOption, server, (what) => `revoke grant option for ${what} from`),
      ...statements(op, op.grant, server, (what) => `grant ${what} to`),
      ...statements(op, op.withGrantOption, server, (what) => `grant ${what} to`, " with grant option"),
    ),
  ],
  invert: (op, before) => {
    const old = defaultsAt(before, op);
    return { reversible: true, operations: [operation("alterDefaultPrivileges", changeOf(after(op, old), old))] };
  },
  predict: (op, graph) => editsOf(after(op, defaultsAt(graph, op))),
  risks: (op) =>
    op.to === everyone && (op.grant ?? op.withGrantOption) !== undefined
      ? [
          finding(
            "medium",
            undefined,
            "every role of the server that may connect has it on whatever is made from then on",
          ),
        ]
      : [finding("low", undefined, "what is there already stays as it is")],
  examples: alterDefaultPrivilegesExamples,
});

function bareOf(op: AlterDefaultPrivileges | DefaultPrivileges): DefaultPrivileges {
  return {
    kind: "defaultPrivileges",
    on: op.on,
    ...(op.in === undefined ? {} : { in: op.in }),
    ...(op.role === undefined ? {} : { role: op.role }),
    ...(op.to === undefined ? {} : { to: op.to }),
  };
}

function changeOf(before: DefaultPrivileges, after: DefaultPrivileges): AlterDefaultPrivileges {
  const { kind: _, ...place } = bareOf(after);
  const { granted, grantable, revoked, option } = changedPrivileges(before, after);
  return {
    ...place,
    ...listed("grant", granted),
    ...listed("withGrantOption", grantable),
    ...listed("revoke", revoked),
    ...listed("revokeGrantOption", option),
  };
}

function defaultsAt(graph: SchemaGraph, op: AlterDefaultPrivileges): DefaultPrivileges {
  const bare = bareOf(op);
  return getObject(graph, "defaultPrivileges", objectId(bare)) ?? bare;
}

function after(op: AlterDefaultPrivileges, old: DefaultPrivileges): DefaultPrivileges {
  let now = old;
  const set = (list: readonly Privilege[] | undefined, level: 0 | 1 | 2): void => {
    for (const name of list ?? []) now = withLevel(now, name, level);
  };
  set(op.revoke, 0);
  set(
    op.revokeGrantOption?.filter((name) => levelOf(old, name) > 0),
    1,
  );
  set(
    op.grant?.filter((name) => levelOf(old, name) < 2),
    1,
  );
  set(op.withGrantOption, 2);
  return now;
}

function editsOf(now: DefaultPrivileges): readonly GraphEdit[] {
  return saysNothing(now) ? [{ put: now }, { drop: objectId(now) }] : [{ put: now }];
}

function statements(
  op: AlterDefaultPrivileges,
  list: readonly Privilege[] | undefined,
  server: number,
  words: (what: string) => string,
  tail = "",
): Statement[] {
  const known = knownPrivileges(list ?? [], server);
  if (known.length === 0) return [];
  const maker = op.role === undefined ? "" : ` for role ${quoteIdent(op.role)}`;
  const where = op.in === undefined ? "" : ` in schema ${quoteIdent(op.in)}`;
  const role = op.to ?? op.role;
  const grantee = role === undefined ? "current_user" : quoteIdent(role);
  const what = words(`${known.join(", ")} on ${op.on}`);
  return [statement(`alter default privileges${maker}${where} ${what} ${grantee}${tail}`)];
}
