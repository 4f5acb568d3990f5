/** createForeignTable: a table whose rows are elsewhere. */
import * as v from "valibot";
import { foreignTableSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { commentStatements } from "./sql/comment.ts";
import { createForeignTableStatements } from "./sql/foreign.ts";

const payload = v.strictObject({ table: foreignTableSchema });

type CreateForeignTable = v.InferOutput<typeof payload>;

const made = "create foreign data wrapper w; create server there foreign data wrapper w";

export const createForeignTable = defineOperation<"createForeignTable", CreateForeignTable>({
  kind: "createForeignTable",
  family: "foreign data & publications",
  product: false,
  summary: "make a foreign table",
  base: "low",
  reasons: [],
  payload,
  on: ["create foreignTable"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "foreignTable" ? { table: change.after } : undefined,
  describe: ({ table }) => inWords(table.schema, table.name),
  emit: ({ table }) => [together(...createForeignTableStatements(table), ...commentStatements(table))],
  invert: ({ table }) => ({
    reversible: true,
    operations: [operation("dropForeignTable", { schema: table.schema, name: table.name })],
  }),
  predict: ({ table }) => [{ put: table }],
  risks: () => [finding("low", undefined, "nothing is checked on the other side until it is read")],
  examples: [
    {
      name: "plain",
      before: made,
      op: {
        table: {
          kind: "foreignTable",
          schema: "public",
          name: "far",
          server: "there",
          columns: [{ name: "id", type: "integer", notNull: true }],
        },
      },
      after: `${made}; create foreign table far (id int not null) server there`,
    },
    {
      name: "with options, defaults, a collation, checks and comments, quoted names",
      before: made,
      op: {
        table: {
          kind: "foreignTable",
          schema: "public",
          name: "Far Away",
          server: "there",
          options: [
            { name: "schema_name", value: "s" },
            { name: "table_name", value: "it's" },
          ],
          columns: [
            { name: "Id", type: "integer", default: "(1 + 1)", options: [{ name: "column_name", value: "id" }] },
            { name: "t", type: "text", collation: 'pg_catalog."C"', comment: "theirs" },
          ],
          checks: [{ name: "positive", expression: '(("Id" > 0))', noInherit: true, comment: "said" }],
          comment: "not here",
        },
      },
      after: `${made}; create foreign table "Far Away" ("Id" int options (column_name 'id') default 1 + 1, t text collate "C",
          constraint positive check ("Id" > 0) no inherit) server there options (table_name 'it''s', schema_name 's');
        comment on foreign table "Far Away" is 'not here'; comment on column "Far Away".t is 'theirs';
        comment on constraint positive on "Far Away" is 'said'`,
    },
    {
      name: "with a type and a function of the schema and a check that does not hold for what was there",
      before: `${made}; create type mood as enum ('ok'); create function f() returns int language sql as 'select 1'`,
      op: {
        table: {
          kind: "foreignTable",
          schema: "public",
          name: "far",
          server: "there",
          columns: [
            { name: "m", type: "public.mood" },
            { name: "n", type: "integer", default: "public.f()" },
          ],
          checks: [{ name: "c", expression: "((n > 0))", notValid: true }],
          dependsOn: ["enum:public.mood", "function:public.f()"],
        },
      },
      after: `${made}; create type mood as enum ('ok'); create function f() returns int language sql as 'select 1';
        create foreign table far (m mood, n int default f()) server there; alter foreign table far add constraint c check (n > 0) not valid`,
    },
  ],
});
