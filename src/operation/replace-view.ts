/** replaceView: another query, further columns at the end or other options for a view, under everything that reads it. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type View, viewSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, type TablePlace, withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { createViewStatement } from "./sql/view.ts";

const payload = v.strictObject({
  /** as it will be; its comments are not changed */
  view: viewSchema,
});

type ReplaceView = v.InferOutput<typeof payload>;

const changed = ["columns", "definition", "options"];

export const replaceView = defineOperation<"replaceView", ReplaceView>({
  kind: "replaceView",
  family: "routines & views",
  product: false,
  summary: "change the query or the options of a view in place",
  base: "medium",
  baseNote: "its readers get the new rows at once; columns can only be added at the end",
  reasons: [],
  payload,
  underUsers: true,
  on: changed.map((attribute) => `alter view.${attribute}`),
  claims: (change) =>
    change.type === "alter" && change.after.kind === "view" ? { view: withoutComments(change.after) } : undefined,
  absorbs: ({ view }, change) =>
    change.type === "alter" && change.id === idOf(view) && changed.includes(change.attribute),
  describe: ({ view }) => inWords(view.schema, view.name),
  emit: ({ view }) => [together(createViewStatement(view, "replace"))],
  invert: ({ view }, before) => {
    const old = getObject(before, "view", idOf(view));
    if (old === undefined) return { reversible: false, why: "what it was like before is not known" };
    if (old.columns.length < view.columns.length) {
      return { reversible: false, why: "CREATE OR REPLACE VIEW cannot take columns away again" };
    }
    return { reversible: true, operations: [operation("replaceView", { view: withoutComments(old) })] };
  },
  predict: ({ view }, graph) =>
    editObject(graph, "view", idOf(view), ({ comment, columnComments }) =>
      withMembers(view, { comment, columnComments }),
    ),
  risks: () => [
    finding("medium", undefined, "who reads it gets other rows, other columns or other rights from then on"),
  ],
  examples: [
    {
      name: "another condition, under a view that reads it",
      before:
        "create table users (id int); create view known as select id from users; create view one as select id from known",
      op: {
        view: {
          kind: "view",
          schema: "public",
          name: "known",
          columns: [{ name: "id", type: "integer" }],
          definition: "SELECT id\n   FROM public.users\n  WHERE (id > 0)",
          dependsOn: ["column:public.users.id"],
        },
      },
      after:
        "create table users (id int); create view known as select id from users where id > 0; create view one as select id from known",
    },
    {
      name: "a further column, the comments stay, quoted names",
      before: `create table "User" (id int); create view "Known" as select id from "User";
        comment on view "Known" is 'x'; comment on column "Known".id is 'y'`,
      op: {
        view: {
          kind: "view",
          schema: "public",
          name: "Known",
          columns: [
            { name: "id", type: "integer" },
            { name: "Twice", type: "integer" },
          ],
          definition: 'SELECT id,\n    (id * 2) AS "Twice"\n   FROM public."User"',
          dependsOn: ['column:public."User".id'],
        },
      },
      after: `create table "User" (id int); create view "Known" as select id, id * 2 as "Twice" from "User";
        comment on view "Known" is 'x'; comment on column "Known".id is 'y'`,
    },
    {
      name: "other options",
      before: "create table users (id int); create view known with (security_barrier) as select id from users",
      op: {
        view: {
          kind: "view",
          schema: "public",
          name: "known",
          columns: [{ name: "id", type: "integer" }],
          definition: "SELECT id\n   FROM public.users",
          options: ["check_option=cascaded"],
          dependsOn: ["column:public.users.id"],
        },
      },
      after: "create table users (id int); create view known as select id from users with check option",
    },
  ],
});

function withoutComments(view: View): View {
  return withMembers(view, { comment: undefined, columnComments: undefined });
}

function idOf({ schema, name }: TablePlace): ObjectId {
  return makeId("view", schema, name);
}
