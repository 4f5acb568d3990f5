/** setOwner: gives an object to another role. Only asked for where owners are compared; no graph says who owns what. */
import * as v from "valibot";
import { bareGrant, type GrantTarget } from "../model/grant.ts";
import type { GraphEdit } from "../model/graph.ts";
import { objectId } from "../model/kinds.ts";
import { type Owner, ownedSchema, ownerSchema } from "../model/owner.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { ownerStatement } from "./sql/owner.ts";

const { role } = ownerSchema.entries;

const payload = v.strictObject({
  on: ownedSchema,
  /** absent: the role that migrates */
  from: role,
  /** absent: the role that migrates */
  to: role,
});

type SetOwner = v.InferOutput<typeof payload>;

export const setOwner = defineOperation<"setOwner", SetOwner>({
  kind: "setOwner",
  family: "security",
  product: false,
  summary: "give an object to another role; compared with --owners only",
  base: "medium",
  reasons: [],
  payload,
  on: ["alter owner.role"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "owner" || change.after.kind !== "owner") return undefined;
    const [from, to] = [change.before.role, change.after.role];
    return { on: change.after.on, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  },
  // What the new owner was granted becomes part of what it owns; taken away afterwards, it would be taken from the owner.
  follows: ({ on, to }) => (to === undefined ? [] : [objectId(bareGrant(on as GrantTarget, to))]),
  describe: (op) => {
    const name = op.on.schema === undefined ? inWords("public", op.on.name) : inWords(op.on.schema, op.on.name);
    return `${name}${op.on.arguments === undefined ? "" : `(${op.on.arguments})`} to ${toInWords(op.to)}`;
  },
  emit: (op) => [together(ownerStatement(op.on, op.to))],
  invert: ({ on, from, to }) => ({
    reversible: true,
    operations: [
      operation("setOwner", {
        on,
        ...(to === undefined ? {} : { from: to }),
        ...(from === undefined ? {} : { to: from }),
      }),
    ],
  }),
  predict: (op) => ownerEdits(op),
  risks: () => [
    finding(
      "medium",
      undefined,
      "the new owner may do anything with it, and what runs with its owner's rights has others",
    ),
  ],
  examples: [
    {
      name: "of a table",
      before: "create table users (id int)",
      op: { on: { kind: "table", schema: "public", name: "users" }, to: "pg_monitor" },
      after: "create table users (id int); alter table users owner to pg_monitor",
      notFromDiff: true,
    },
    {
      name: "of a function, from one role to another, quoted names",
      before: `create schema "App"; create function "App"."F"(int) returns int language sql return 1; alter function "App"."F" owner to pg_monitor`,
      op: {
        on: { kind: "function", schema: "App", name: "F", arguments: "integer" },
        from: "pg_monitor",
        to: "pg_read_all_data",
      },
      after: `create schema "App"; create function "App"."F"(int) returns int language sql return 1; alter function "App"."F" owner to pg_read_all_data`,
      notFromDiff: true,
    },
    {
      name: "of a schema, back to the role that migrates",
      before: "create schema app authorization pg_monitor",
      op: { on: { kind: "schema", name: "app" }, from: "pg_monitor" },
      after: "create schema app",
      notFromDiff: true,
    },
  ],
});

/** An order has to know what it is about; the graph that comes of it does not say who owns what. */
function ownerEdits({ on, to }: SetOwner): readonly GraphEdit[] {
  const owner: Owner = { kind: "owner", on, ...(to === undefined ? {} : { role: to }) };
  return [{ put: owner }, { drop: objectId(owner) }];
}

function toInWords(to: string | undefined): string {
  return to === undefined ? "the migrating role" : quoteIdent(to);
}
