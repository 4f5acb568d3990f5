/** createView: a view with its options and comments. */
import * as v from "valibot";
import { viewSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { createViewStatement, viewCommentStatements } from "./sql/view.ts";

const payload = v.strictObject({ view: viewSchema });

type CreateView = v.InferOutput<typeof payload>;

export const createView = defineOperation<"createView", CreateView>({
  kind: "createView",
  family: "routines & views",
  product: false,
  summary: "make a view",
  base: "safe",
  reasons: [],
  payload,
  on: ["create view"],
  claims: (change) => (change.type === "create" && change.after.kind === "view" ? { view: change.after } : undefined),
  describe: ({ view }) => inWords(view.schema, view.name),
  emit: ({ view }) => [together(createViewStatement(view, "new"), ...viewCommentStatements(view))],
  invert: ({ view }) => ({
    reversible: true,
    operations: [operation("dropView", { schema: view.schema, name: view.name })],
  }),
  predict: ({ view }) => [{ put: view }],
  risks: () => [finding("safe", undefined, "nothing reads a view that does not exist yet")],
  examples: [
    {
      name: "of some columns",
      before: "create table users (id int, code varchar)",
      op: {
        view: {
          kind: "view",
          schema: "public",
          name: "known",
          columns: [
            { name: "id", type: "integer" },
            { name: "code", type: "character varying" },
          ],
          definition:
            "SELECT id,\n    code\n   FROM public.users\n  WHERE ((code)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
          dependsOn: ["column:public.users.code", "column:public.users.id"],
        },
      },
      after:
        "create table users (id int, code varchar); create view known as select * from users where code in ('a', 'b')",
    },
    {
      name: "with options and comments, quoted names",
      before: `create table "User" (id int, "E Mail" text)`,
      op: {
        view: {
          kind: "view",
          schema: "public",
          name: "My Users",
          columns: [
            { name: "Id", type: "integer" },
            { name: "The Mail", type: "text", collation: 'pg_catalog."C"' },
          ],
          definition: `SELECT id AS "Id",\n    ("E Mail" COLLATE "C") AS "The Mail"\n   FROM public."User"\n  WHERE (id > 0)`,
          options: ["security_barrier=true", "check_option=local"],
          columnComments: [{ column: "The Mail", comment: "it's theirs" }],
          comment: "mine",
          dependsOn: ['column:public."User"."E Mail"', 'column:public."User".id'],
        },
      },
      after: `create table "User" (id int, "E Mail" text);
        create view "My Users" with (security_barrier) as select id as "Id", "E Mail" collate "C" as "The Mail" from "User" where id > 0 with local check option;
        comment on view "My Users" is 'mine'; comment on column "My Users"."The Mail" is 'it''s theirs'`,
    },
    {
      name: "for its reader's rights, over a view and a function",
      before: "create view one as select 1 as n; create function f() returns int language sql as 'select 1'",
      op: {
        view: {
          kind: "view",
          schema: "public",
          name: "two",
          columns: [{ name: "sum", type: "integer" }],
          definition: "SELECT (n + public.f()) AS sum\n   FROM public.one",
          options: ["security_invoker=true"],
          dependsOn: ["function:public.f()", "view:public.one"],
        },
      },
      after: `create view one as select 1 as n; create function f() returns int language sql as 'select 1';
        create view two with (security_invoker = true) as select n + f() as sum from one`,
      since: 150000,
    },
  ],
});
