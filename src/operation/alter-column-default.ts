/** alterColumnDefault: sets, changes or removes a column's default. Rows that exist are not touched. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { type Column, columnSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { asInput } from "../sql/expression.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import {
  alterColumn,
  columnIdOf,
  columnInWords,
  columnPlace,
  dependenciesOf,
  editColumn,
  onFreshTable,
  placeOf,
  tableOf,
} from "./place.ts";

const expression = columnSchema.entries.default;

const payload = v.strictObject({
  ...columnPlace,
  /** absent: there was none */
  from: expression,
  /** absent: there will be none */
  to: expression,
  dependsOn: columnSchema.entries.dependsOn,
});

type AlterColumnDefault = v.InferOutput<typeof payload>;

export const alterColumnDefault = defineOperation<"alterColumnDefault", AlterColumnDefault>({
  kind: "alterColumnDefault",
  family: "alter",
  product: true,
  summary: "set, change or remove a column's default",
  base: "low",
  reasons: [],
  payload,
  on: ["alter column.default"],
  underUsers: true,
  claims: (change, context) => {
    if (change.type !== "alter" || change.before.kind !== "column" || change.after.kind !== "column") return undefined;
    const { before, after, id } = change;
    // A change of type carries the default along.
    if (context.alters(id, "type") || context.alters(id, "collation")) return undefined;
    return { ...placeOf(after), ...changeOf(before, after), ...dependenciesOf(after) };
  },
  describe: columnInWords,
  emit: (op) => {
    const action = op.to === undefined ? "drop default" : `set default ${asInput(op.to)}`;
    return [together(statement(`${alterColumn(op)} ${action}`, "access exclusive", [tableOf(op)]))];
  },
  invert: (op, before) => {
    const column = getObject(before, "column", columnIdOf(op));
    return {
      reversible: true,
      operations: [
        operation("alterColumnDefault", {
          ...placeOf(op),
          ...changeOf({ default: op.to }, { default: op.from }),
          ...dependenciesOf(column),
        }),
      ],
    };
  },
  predict: (op, graph) => editColumn(graph, op, { default: op.to, dependsOn: op.dependsOn }),
  risks: (op, facts) => [
    onFreshTable(op, facts)
      ? finding("safe", undefined, "the table is made in the same migration")
      : finding(
          "low",
          undefined,
          op.to === undefined
            ? "writers that leave the column out get NULL from then on"
            : "applies to rows inserted from then on; rows that exist keep their values",
        ),
  ],
  examples: [
    {
      name: "set",
      before: "create table users (id int, credit numeric)",
      op: { schema: "public", table: "users", name: "credit", to: "0" },
      after: "create table users (id int, credit numeric default 0)",
    },
    {
      name: "change, quoted names",
      before: `create table "User" ("State" text default 'new')`,
      op: { schema: "public", table: "User", name: "State", from: "'new'::text", to: "'it''s \\ old'::text" },
      after: `create table "User" ("State" text default 'it''s \\ old')`,
    },
    {
      name: "remove",
      before: "create table users (id int, made timestamptz default now())",
      op: { schema: "public", table: "users", name: "made", from: "now()" },
      after: "create table users (id int, made timestamptz)",
    },
    {
      name: "to an enum's value",
      before: "create type mood as enum ('ok', 'bad'); create table users (mood mood)",
      op: {
        schema: "public",
        table: "users",
        name: "mood",
        to: "'ok'::public.mood",
        dependsOn: ["enum:public.mood"],
      },
      after: "create type mood as enum ('ok', 'bad'); create table users (mood mood default 'ok')",
    },
  ],
});

function changeOf(
  before: { readonly default?: Column["default"] | undefined },
  after: { readonly default?: Column["default"] | undefined },
): { from?: string; to?: string } {
  return {
    ...(before.default === undefined ? {} : { from: before.default }),
    ...(after.default === undefined ? {} : { to: after.default }),
  };
}
