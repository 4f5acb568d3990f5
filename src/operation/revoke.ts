/** revoke: takes privileges on an object or a column from a role, from PUBLIC or from the owner. Others' grants stay. */
import { bareGrant, everyone, type Grant, grantTargets, levelOf, type Privilege, targetId } from "../model/grant.ts";
import { childrenByParent, type SchemaGraph } from "../model/graph.ts";
import { objectId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { type ClaimContext, defineOperation, operation } from "./define.ts";
import { revokeExamples } from "./grant-examples.ts";
import {
  atLevel,
  type GrantPlace,
  grantAt,
  grantEdits,
  grantInWords,
  grantsOfChange,
  listed,
  type RevokePayload,
  revokePayload,
} from "./grant-payload.ts";
import { changedPrivileges, grantStatements, revokeStatements } from "./sql/grant.ts";

type KeptColumn = NonNullable<RevokePayload["columns"]>[number];

export const revoke = defineOperation<"revoke", RevokePayload>({
  kind: "revoke",
  family: "security",
  product: false,
  summary: "take privileges on an object from a role",
  base: "medium",
  baseNote: "low where the role only loses the right to pass them on",
  reasons: [],
  payload: revokePayload,
  on: ["alter grant.*"],
  claims: (change, context) => {
    const grants = grantsOfChange(change);
    if (change.type !== "alter" || grants === undefined) return undefined;
    const { revoked, option } = changedPrivileges(grants.before, grants.after);
    if (![...revoked, ...option].includes(change.attribute as never)) return undefined;
    const { on, to } = grants.after;
    const columns = keptColumns(grants.after, [...revoked, ...option], context);
    return {
      on,
      ...(to === undefined ? {} : { from: to }),
      ...listed("privileges", revoked),
      ...listed("grantOption", option),
      ...(columns.length === 0 ? {} : { columns }),
    };
  },
  absorbs: (op, change) => {
    const grants = grantsOfChange(change);
    if (change.type !== "alter" || grants === undefined) return false;
    if (change.id !== objectId(bareGrant(op.on, op.from))) return false;
    const { revoked, option } = changedPrivileges(grants.before, grants.after);
    const has = (list: readonly string[] | undefined): boolean => list?.includes(change.attribute) ?? false;
    return (has(revoked) && has(op.privileges)) || (has(option) && has(op.grantOption));
  },
  describe: (op) => grantInWords(placeOf(op), "from"),
  emit: (op, { server }) => [
    together(
      ...revokeStatements(op.on, op.from, op.privileges ?? [], false, server),
      ...revokeStatements(op.on, op.from, op.grantOption ?? [], true, server),
      ...(op.columns ?? []).flatMap((column) => [
        ...grantStatements(columnOf(op, column.name), op.from, column.privileges ?? [], false, server),
        ...grantStatements(columnOf(op, column.name), op.from, column.withGrantOption ?? [], true, server),
      ]),
    ),
  ],
  invert: (op, before) => {
    const old = grantAt(before, placeOf(op));
    const { granted, grantable } = changedPrivileges(after(op, old), old);
    const same = granted.length + grantable.length === 0;
    const back = operation("grant", {
      on: op.on,
      ...(op.from === undefined ? {} : { to: op.from }),
      ...listed("privileges", same ? (op.privileges ?? []) : granted),
      ...listed("withGrantOption", same ? (op.grantOption ?? []) : grantable),
    });
    const lost = columnGrants(before, placeOf(op)).flatMap((column) => {
      const { granted, grantable } = changedPrivileges(columnAfter(op, column), column);
      if (granted.length + grantable.length === 0) return [];
      const { on, to } = column;
      const role = to === undefined ? {} : { to };
      return [
        operation("grant", { on, ...role, ...listed("privileges", granted), ...listed("withGrantOption", grantable) }),
      ];
    });
    return { reversible: true, operations: [back, ...lost] };
  },
  predict: (op, graph) => [
    ...grantEdits(after(op, grantAt(graph, placeOf(op)))),
    ...columnGrants(graph, placeOf(op)).flatMap((column) => grantEdits(columnAfter(op, column))),
  ],
  risks: (op) =>
    op.privileges === undefined
      ? [finding("low", undefined, "fails while somebody else has it from this role")]
      : [
          finding(
            "medium",
            undefined,
            op.from === everyone
              ? "statements of roles that had it only as members of PUBLIC fail from then on"
              : "statements that need it fail from then on",
          ),
        ],
  examples: revokeExamples,
});

function placeOf({ on, from }: RevokePayload): GrantPlace {
  return { on, to: from };
}

function columnOf({ on }: RevokePayload, name: string): RevokePayload["on"] {
  const of = on.kind === "view" || on.kind === "materializedView" || on.kind === "foreignTable" ? { of: on.kind } : {};
  return { kind: "column", schema: on.schema ?? "", table: on.name, name, ...of };
}

function after(op: RevokePayload, old: Grant): Grant {
  const without = atLevel(old, op.privileges, () => 0);
  return atLevel(without, op.grantOption, (name) => (levelOf(without, name) === 0 ? 0 : 1));
}

/** What is granted to the role on columns of the relation. */
function columnGrants(graph: SchemaGraph, op: GrantPlace): Grant[] {
  const children = childrenByParent(graph);
  return columnGrantsBelow(op, (id) => children.get(id) ?? []);
}

function columnGrantsBelow({ on, to }: GrantPlace, children: ClaimContext["childrenBefore"]): Grant[] {
  if (grantTargets[on.kind].word !== "table" || on.kind === "column") return [];
  const parts = children(targetId(on));
  return [
    ...parts,
    ...parts.filter(({ kind }) => kind === "column").flatMap((column) => children(objectId(column))),
  ].filter((part): part is Grant => part.kind === "grant" && part.on.kind === "column" && part.to === to);
}

/** What stays of a column's grant when privileges are taken from the whole relation. */
function columnAfter(op: RevokePayload, column: Grant): Grant {
  const kept = op.columns?.find(({ name }) => name === column.on.name);
  const has = (list: readonly Privilege[] | undefined, name: Privilege): boolean => list?.includes(name) ?? false;
  const keptLevel = (name: Privilege): 0 | 1 | 2 =>
    has(kept?.withGrantOption, name) ? 2 : has(kept?.privileges, name) ? 1 : 0;
  const without = atLevel(column, op.privileges, keptLevel);
  return atLevel(without, op.grantOption, (name) => (keptLevel(name) === 2 ? 2 : levelOf(without, name) === 0 ? 0 : 1));
}

/** What the role had on columns before and has afterwards, of the privileges that are taken from the whole relation. */
function keptColumns(grant: Grant, taken: readonly Privilege[], context: ClaimContext): KeptColumn[] {
  const wanted = new Map(columnGrantsBelow(grant, context.childrenAfter).map((column) => [objectId(column), column]));
  return columnGrantsBelow(grant, context.childrenBefore).flatMap((old): KeptColumn[] => {
    const now = wanted.get(objectId(old));
    if (now === undefined) return [];
    const at = (level: 1 | 2): Privilege[] =>
      taken.filter((name) => Math.min(levelOf(old, name), levelOf(now, name)) === level);
    if (at(1).length + at(2).length === 0) return [];
    return [{ name: old.on.name, ...listed("privileges", at(1)), ...listed("withGrantOption", at(2)) }];
  });
}
