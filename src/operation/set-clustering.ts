/** setClustering: the index by which CLUSTER orders a table unless told otherwise. Moves no row. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type Clustering, clusteringSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { onTablePlace, tableOfPart } from "./part.ts";
import { inWords } from "./place.ts";

const index = v.optional(clusteringSchema.entries.index);

const payload = v.strictObject({
  ...onTablePlace,
  /** absent: none */
  from: index,
  /** absent: none */
  to: index,
});

type SetClustering = v.InferOutput<typeof payload>;

export const setClustering = defineOperation<"setClustering", SetClustering>({
  kind: "setClustering",
  family: "alter",
  product: false,
  summary: "say by which index CLUSTER orders a table",
  base: "safe",
  reasons: [],
  payload,
  on: ["create clustering", "drop clustering", "alter clustering.*"],
  claims: (change) => {
    const before = change.type === "create" ? undefined : (change.before as Clustering);
    const after = change.type === "drop" ? undefined : (change.after as Clustering);
    const object = after ?? before;
    if (object === undefined) return undefined;
    return { schema: object.schema, table: object.table, ...ends(before?.index, after?.index) };
  },
  describe: (op) => inWords(op.schema, op.table),
  emit: (op) => {
    const table = tableOfPart(op);
    const action = op.to === undefined ? "set without cluster" : `cluster on ${quoteIdent(op.to)}`;
    return [together(statement(`alter table ${table} ${action}`, "share update exclusive", [table]))];
  },
  invert: ({ schema, table, from, to }) => ({
    reversible: true,
    operations: [operation("setClustering", { schema, table, ...ends(to, from) })],
  }),
  predict: (op, graph) => {
    const { schema, table, to } = op;
    if (to !== undefined) return [{ put: { kind: "clustering", schema, table, index: to } }];
    return graph.objects.has(idOf(op)) ? [{ drop: idOf(op) }] : [];
  },
  risks: () => [finding("safe", undefined, "counts for the next CLUSTER; no row is moved")],
  examples: [
    {
      name: "by an index",
      before: "create table hits (id int, at date); create index hits_at on hits (at)",
      op: { schema: "public", table: "hits", to: "hits_at" },
      after:
        "create table hits (id int, at date); create index hits_at on hits (at); alter table hits cluster on hits_at",
    },
    {
      name: "by the primary key instead of an index, quoted names",
      before: `create table "Hit" (id int constraint "Key" primary key, at date); create index "At" on "Hit" (at); alter table "Hit" cluster on "At"`,
      op: { schema: "public", table: "Hit", from: "At", to: "Key" },
      after: `create table "Hit" (id int constraint "Key" primary key, at date); create index "At" on "Hit" (at); alter table "Hit" cluster on "Key"`,
    },
    {
      name: "by none",
      before: "create table hits (id int primary key); alter table hits cluster on hits_pkey",
      op: { schema: "public", table: "hits", from: "hits_pkey" },
      after: "create table hits (id int primary key)",
    },
  ],
});

function idOf(op: { readonly schema: string; readonly table: string }): ObjectId {
  return makeId("clustering", op.schema, op.table);
}

function ends(from: string | undefined, to: string | undefined): { from?: string; to?: string } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
