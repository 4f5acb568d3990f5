/** alterForeignTable: columns and checks of a foreign table. Nothing is read or written on the other side. */
import * as v from "valibot";
import { foreignColumnsAlterable } from "../model/foreign-kinds.ts";
import { getObject } from "../model/graph.ts";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type ForeignTable, foreignTableSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, type TablePlace, withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { foreignShapeStatements } from "./sql/foreign-columns.ts";

const { schema, name, columns, checks, dependsOn } = foreignTableSchema.entries;

const shape = v.strictObject({
  columns,
  checks,
  /** what they refer to */
  dependsOn,
});

const payload = v.strictObject({ schema, name, from: shape, to: shape });

type AlterForeignTable = v.InferOutput<typeof payload>;

const changed = ["columns", "checks"];
const made = "create foreign data wrapper w; create server there foreign data wrapper w";

export const alterForeignTable = defineOperation<"alterForeignTable", AlterForeignTable>({
  kind: "alterForeignTable",
  family: "foreign data & publications",
  product: false,
  summary: "change columns or checks of a foreign table",
  base: "medium",
  reasons: [],
  payload,
  on: changed.map((attribute) => `alter foreignTable.${attribute}`),
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "foreignTable" || change.after.kind !== "foreignTable") {
      return undefined;
    }
    const { schema, name } = change.after;
    return { schema, name, from: shapeOf(change.before), to: shapeOf(change.after) };
  },
  absorbs: (op, change) => change.type === "alter" && change.id === idOf(op) && changed.includes(change.attribute),
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(...foreignShapeStatements(op, op.from, op.to))],
  invert: (op, before) => {
    const table = getObject(before, "foreignTable", idOf(op));
    if (table === undefined) return { reversible: false, why: "what it was like before is not known" };
    if (!foreignColumnsAlterable(op.to.columns, op.from.columns)) {
      return { reversible: false, why: "a column that comes back stands at the end of its table" };
    }
    const { schema, name } = op;
    return {
      reversible: true,
      operations: [operation("alterForeignTable", { schema, name, from: op.to, to: op.from })],
    };
  },
  predict: (op, graph) =>
    editObject(graph, "foreignTable", idOf(op), (table) =>
      withMembers(table, { columns: op.to.columns, checks: op.to.checks, dependsOn: op.to.dependsOn }),
    ),
  risks: () => [
    finding("medium", undefined, "nothing is checked on the other side: where they do not match, queries fail"),
  ],
  examples: [
    {
      name: "a column comes, one gets another type and default, a check comes",
      before: `${made}; create foreign table far (id int, n int default 1) server there`,
      op: {
        schema: "public",
        name: "far",
        from: {
          columns: [
            { name: "id", type: "integer" },
            { name: "n", type: "integer", default: "1" },
          ],
        },
        to: {
          columns: [
            { name: "id", type: "integer", notNull: true },
            { name: "n", type: "text", default: "'x'::text" },
            { name: "more", type: "date", comment: "new", options: [{ name: "column_name", value: "m" }] },
          ],
          checks: [{ name: "positive", expression: "((id > 0))", comment: "said" }],
        },
      },
      after: `${made}; create foreign table far (id int not null, n text default 'x', more date options (column_name 'm'),
        constraint positive check (id > 0)) server there; comment on column far.more is 'new'; comment on constraint positive on far is 'said'`,
    },
    {
      name: "a column goes with its check, options and comments change, quoted names",
      before: `${made}; create foreign table "Far" ("Id" int options (a '1', b '2'), n int, constraint k check (n > 0)) server there;
        comment on column "Far"."Id" is 'x'`,
      op: {
        schema: "public",
        name: "Far",
        from: {
          columns: [
            {
              name: "Id",
              type: "integer",
              options: [
                { name: "a", value: "1" },
                { name: "b", value: "2" },
              ],
              comment: "x",
            },
            { name: "n", type: "integer" },
          ],
          checks: [{ name: "k", expression: "((n > 0))" }],
        },
        to: { columns: [{ name: "Id", type: "integer", options: [{ name: "b", value: "3" }], comment: "y" }] },
      },
      after: `${made}; create foreign table "Far" ("Id" int options (b '3')) server there; comment on column "Far"."Id" is 'y'`,
    },
    {
      name: "a type and a default of the schema, another check of the same name",
      before: `${made}; create type mood as enum ('ok'); create foreign table far (m text, constraint k check (m <> '')) server there`,
      op: {
        schema: "public",
        name: "far",
        from: {
          columns: [{ name: "m", type: "text" }],
          checks: [{ name: "k", expression: "((m <> ''::text))" }],
        },
        to: {
          columns: [{ name: "m", type: "public.mood", default: "'ok'::public.mood" }],
          checks: [{ name: "k", expression: "((m = 'ok'::public.mood))", notValid: true }],
          dependsOn: ["enum:public.mood"],
        },
      },
      after: `${made}; create type mood as enum ('ok'); create foreign table far (m mood default 'ok') server there;
        alter foreign table far add constraint k check (m = 'ok') not valid`,
    },
  ],
});

function shapeOf({ columns, checks, dependsOn }: ForeignTable): AlterForeignTable["to"] {
  return { columns, ...(checks === undefined ? {} : { checks }), ...(dependsOn === undefined ? {} : { dependsOn }) };
}

function idOf({ schema, name }: TablePlace): ObjectId {
  return makeId("foreignTable", schema, name);
}
