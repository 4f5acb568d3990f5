/** createMaterializedView: a materialized view with the rows of its query, or without any. */
import * as v from "valibot";
import { materializedViewSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { createMaterializedViewStatement, viewCommentStatements } from "./sql/view.ts";

const payload = v.strictObject({ view: materializedViewSchema });

type CreateMaterializedView = v.InferOutput<typeof payload>;

export const createMaterializedView = defineOperation<"createMaterializedView", CreateMaterializedView>({
  kind: "createMaterializedView",
  family: "routines & views",
  product: false,
  summary: "make a materialized view and fill it",
  base: "low",
  baseNote: "safe without data",
  reasons: [],
  payload,
  on: ["create materializedView"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "materializedView" ? { view: change.after } : undefined,
  describe: ({ view }) => inWords(view.schema, view.name),
  emit: ({ view }) => [together(createMaterializedViewStatement(view), ...viewCommentStatements(view))],
  invert: ({ view }) => ({
    reversible: true,
    operations: [operation("dropMaterializedView", { schema: view.schema, name: view.name })],
  }),
  predict: ({ view }) => [{ put: view }],
  risks: ({ view }) => [
    view.unpopulated
      ? finding("safe", undefined, "it stays without rows until it is refreshed")
      : finding("low", undefined, "runs its query to the end; others read and write meanwhile"),
  ],
  examples: [
    {
      name: "filled",
      before: "create table users (id int)",
      op: {
        view: {
          kind: "materializedView",
          schema: "public",
          name: "known",
          columns: [{ name: "id", type: "integer" }],
          definition: "SELECT id\n   FROM public.users",
          dependsOn: ["column:public.users.id"],
        },
      },
      after: "create table users (id int); create materialized view known as select id from users",
    },
    {
      name: "without data, with comments, quoted names",
      before: `create table "User" (id int)`,
      op: {
        view: {
          kind: "materializedView",
          schema: "public",
          name: "How Many",
          columns: [{ name: "The Count", type: "bigint" }],
          definition: 'SELECT count(*) AS "The Count"\n   FROM public."User"',
          unpopulated: true,
          columnComments: [{ column: "The Count", comment: "of them" }],
          comment: "counts",
          dependsOn: ['table:public."User"'],
        },
      },
      after: `create table "User" (id int); create materialized view "How Many" as select count(*) as "The Count" from "User" with no data;
        comment on materialized view "How Many" is 'counts'; comment on column "How Many"."The Count" is 'of them'`,
    },
    {
      name: "over a view, grouped by a key",
      before: "create table users (id int primary key, name text); create view one as select 1 as n",
      op: {
        view: {
          kind: "materializedView",
          schema: "public",
          name: "grouped",
          columns: [{ name: "name", type: "text" }],
          definition: "SELECT users.name\n   FROM public.users,\n    public.one\n  GROUP BY users.id",
          dependsOn: [
            "column:public.users.id",
            "column:public.users.name",
            "primaryKey:public.users.users_pkey",
            "view:public.one",
          ],
        },
      },
      after: `create table users (id int primary key, name text); create view one as select 1 as n;
        create materialized view grouped as select name from users, one group by id`,
    },
  ],
});
