/** refreshMaterializedView: fills a materialized view that has no data, or takes its data away. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { materializedViewSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, type TablePlace, tablePlace, withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { refreshStatement } from "./sql/view.ts";

const payload = v.strictObject({
  ...tablePlace,
  /** whether it will be without data */
  unpopulated: materializedViewSchema.entries.unpopulated,
});

type RefreshMaterializedView = v.InferOutput<typeof payload>;

export const refreshMaterializedView = defineOperation<"refreshMaterializedView", RefreshMaterializedView>({
  kind: "refreshMaterializedView",
  family: "routines & views",
  product: false,
  summary: "fill a materialized view, or take its data away",
  base: "low",
  baseNote: "high when its data is taken away: nobody can read it then",
  reasons: [],
  payload,
  on: ["alter materializedView.unpopulated"],
  claims: (change) => {
    if (change.type !== "alter" || change.after.kind !== "materializedView") return undefined;
    const { schema, name, unpopulated } = change.after;
    return { schema, name, ...(unpopulated ? { unpopulated } : {}) };
  },
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(refreshStatement(op, op.unpopulated === true))],
  invert: ({ schema, name, unpopulated }) => ({
    reversible: true,
    operations: [
      operation("refreshMaterializedView", { schema, name, ...(unpopulated ? {} : { unpopulated: true as const }) }),
    ],
  }),
  predict: (op, graph) =>
    editObject(graph, "materializedView", idOf(op), (view) => withMembers(view, { unpopulated: op.unpopulated })),
  risks: (op) => [
    op.unpopulated
      ? finding("high", undefined, "who reads it gets an error until it is refreshed")
      : finding("low", undefined, "runs its query to the end; nobody could read it before either"),
  ],
  examples: [
    {
      name: "filled",
      before: "create table users (id int); create materialized view known as select id from users with no data",
      op: { schema: "public", name: "known" },
      after: "create table users (id int); create materialized view known as select id from users",
    },
    {
      name: "emptied, quoted names",
      before: `create materialized view "One" as select 1 as n; create index on "One" (n)`,
      op: { schema: "public", name: "One", unpopulated: true },
      after: `create materialized view "One" as select 1 as n with no data; create index on "One" (n)`,
    },
    {
      name: "filled, in another schema, with a comment",
      before: `create schema app; create materialized view app.one as select 1 as n with no data; comment on materialized view app.one is 'x'`,
      op: { schema: "app", name: "one" },
      after: `create schema app; create materialized view app.one as select 1 as n; comment on materialized view app.one is 'x'`,
    },
  ],
});

function idOf({ schema, name }: TablePlace): ObjectId {
  return makeId("materializedView", schema, name);
}
