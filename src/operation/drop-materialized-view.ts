/** dropMaterializedView: removes a materialized view with its rows and indexes. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { makeId, type ObjectId, parentId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, type TablePlace, tablePlace } from "./place.ts";
import { remakeParts } from "./remake.ts";
import { dropViewStatement } from "./sql/view.ts";

const payload = v.strictObject(tablePlace);

type DropMaterializedView = v.InferOutput<typeof payload>;

export const dropMaterializedView = defineOperation<"dropMaterializedView", DropMaterializedView>({
  kind: "dropMaterializedView",
  family: "routines & views",
  product: false,
  summary: "remove a materialized view",
  base: "high",
  baseNote: "its rows can be computed again, as long as what they were computed from is there",
  reasons: [],
  payload,
  on: ["drop materializedView"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "materializedView"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  absorbs: (op, change) => change.type === "drop" && parentId(change.before) === idOf(op),
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(dropViewStatement(op, "materialized view"))],
  invert: (op, before) => {
    const view = getObject(before, "materializedView", idOf(op));
    if (view === undefined) return { reversible: false, why: "what it was like before is not known" };
    return {
      reversible: true,
      operations: [operation("createMaterializedView", { view }), ...remakeParts(before, idOf(op))],
      ...(view.unpopulated ? {} : { loses: "its rows as they were: it is filled with those of now" }),
    };
  },
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [
    finding("high", undefined, "queries that name it fail from then on, and its rows are gone until it is made again"),
  ],
  examples: [
    {
      name: "plain",
      before: "create table users (id int); create materialized view known as select id from users",
      op: { schema: "public", name: "known" },
      after: "create table users (id int)",
    },
    {
      name: "with indexes and comments, quoted names",
      before: `create table users (id int); create materialized view "My Users" as select id from users; create unique index "By Id" on "My Users" (id);
        create index on "My Users" ((id + 1)); comment on materialized view "My Users" is 'x'; comment on column "My Users".id is 'y'`,
      op: { schema: "public", name: "My Users" },
      after: "create table users (id int)",
    },
    {
      name: "without data, in another schema",
      before: "create schema app; create materialized view app.one as select 1 as n with no data",
      op: { schema: "app", name: "one" },
      after: "create schema app",
    },
  ],
});

function idOf({ schema, name }: TablePlace): ObjectId {
  return makeId("materializedView", schema, name);
}
