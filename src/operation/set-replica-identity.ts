/** setReplicaIdentity: what of old rows a table sends in logical replication. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type ReplicaIdentity, replicaIdentitySchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { onTablePlace, tableOfPart } from "./part.ts";
import { inWords } from "./place.ts";

const { mode, index } = replicaIdentitySchema.entries;
const identity = v.optional(v.strictObject({ mode, index }));

const payload = v.strictObject({
  ...onTablePlace,
  /** absent: the primary key */
  from: identity,
  /** absent: the primary key */
  to: identity,
});

type SetReplicaIdentity = v.InferOutput<typeof payload>;

export const setReplicaIdentity = defineOperation<"setReplicaIdentity", SetReplicaIdentity>({
  kind: "setReplicaIdentity",
  family: "alter",
  product: false,
  summary: "say what of old rows is sent in logical replication",
  base: "medium",
  reasons: [],
  payload,
  on: ["create replicaIdentity", "drop replicaIdentity", "alter replicaIdentity.*"],
  claims: (change) => {
    const before = change.type === "create" ? undefined : (change.before as ReplicaIdentity);
    const after = change.type === "drop" ? undefined : (change.after as ReplicaIdentity);
    const object = after ?? before;
    if (object === undefined) return undefined;
    return { schema: object.schema, table: object.table, ...end("from", before), ...end("to", after) };
  },
  absorbs: (op, change) => change.type === "alter" && change.id === idOf(op),
  describe: (op) => inWords(op.schema, op.table),
  emit: (op) => [
    together(
      statement(`alter table ${tableOfPart(op)} replica identity ${words(op.to)}`, "access exclusive", [
        tableOfPart(op),
      ]),
    ),
  ],
  invert: ({ schema, table, from, to }) => ({
    reversible: true,
    operations: [operation("setReplicaIdentity", { schema, table, ...end("from", to), ...end("to", from) })],
  }),
  predict: (op, graph) => {
    const { schema, table, to } = op;
    if (to !== undefined) return [{ put: { kind: "replicaIdentity", schema, table, ...to } }];
    return graph.objects.has(idOf(op)) ? [{ drop: idOf(op) }] : [];
  },
  risks: (op) => {
    if (op.to?.mode === "full") {
      return [
        finding("medium", undefined, "whole old rows are sent: replication writes more, and looks rows up slowly"),
      ];
    }
    if (op.to?.mode === "nothing") {
      return [finding("medium", undefined, "UPDATE and DELETE fail while a publication that sends them has the table")];
    }
    return [finding("medium", undefined, "subscribers find rows by other columns from then on")];
  },
  examples: [
    {
      name: "full",
      before: "create table hits (id int primary key)",
      op: { schema: "public", table: "hits", to: { mode: "full" } },
      after: "create table hits (id int primary key); alter table hits replica identity full",
    },
    {
      name: "by a unique index, quoted names",
      before: `create schema "App"; create table "App"."Hit" (id int not null); create unique index "By Id" on "App"."Hit" (id); alter table "App"."Hit" replica identity nothing`,
      op: {
        schema: "App",
        table: "Hit",
        from: { mode: "nothing" },
        to: { mode: "index", index: "By Id" },
      },
      after: `create schema "App"; create table "App"."Hit" (id int not null); create unique index "By Id" on "App"."Hit" (id); alter table "App"."Hit" replica identity using index "By Id"`,
    },
    {
      name: "by the primary key again",
      before: "create table hits (id int primary key); alter table hits replica identity full",
      op: { schema: "public", table: "hits", from: { mode: "full" } },
      after: "create table hits (id int primary key)",
    },
  ],
});

function idOf(op: { readonly schema: string; readonly table: string }): ObjectId {
  return makeId("replicaIdentity", op.schema, op.table);
}

function end<K extends "from" | "to">(
  key: K,
  identity: { mode: ReplicaIdentity["mode"]; index?: string | undefined } | undefined,
): { [P in K]?: { mode: ReplicaIdentity["mode"]; index?: string } } {
  if (identity === undefined) return {};
  const { mode, index } = identity;
  return { [key]: { mode, ...(index === undefined ? {} : { index }) } } as never;
}

function words(to: SetReplicaIdentity["to"]): string {
  if (to === undefined) return "default";
  return to.index === undefined ? to.mode : `using index ${quoteIdent(to.index)}`;
}
