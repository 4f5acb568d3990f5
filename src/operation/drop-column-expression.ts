/** dropColumnExpression: a stored generated column becomes a plain one and keeps its values. */
import * as v from "valibot";
import { dependentsById, getObject } from "../model/graph.ts";
import { nameOfId } from "../model/kinds.ts";
import { columnSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
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
  withMembers,
} from "./place.ts";

const payload = v.strictObject({ ...columnPlace, dependsOn: columnSchema.entries.dependsOn });

type DropColumnExpression = v.InferOutput<typeof payload>;

export const dropColumnExpression = defineOperation<"dropColumnExpression", DropColumnExpression>({
  kind: "dropColumnExpression",
  family: "alter",
  product: false,
  summary: "make a stored generated column a plain one",
  base: "medium",
  reasons: [],
  payload,
  on: ["alter column.generated"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "column" || change.after.kind !== "column") return undefined;
    const { before, after } = change;
    if (before.generated?.storage !== "stored" || after.generated !== undefined) return undefined;
    return {
      ...placeOf(after),
      ...dependenciesOf(after),
    };
  },
  describe: columnInWords,
  emit: (op) => [together(statement(`${alterColumn(op)} drop expression`, "access exclusive", [tableOf(op)]))],
  invert: (op, before) => {
    const column = getObject(before, "column", columnIdOf(op));
    const dependents = dependentsById(before).get(columnIdOf(op)) ?? [];
    if (column === undefined || dependents.length > 0) {
      return {
        reversible: false,
        why: `a plain column becomes a generated one only by being made anew${dependents.length > 0 ? `, and ${dependents.map(nameOfId).join(", ")} would go with it` : ""}`,
      };
    }
    return {
      reversible: true,
      operations: [
        operation("dropColumn", placeOf(op)),
        operation("addGeneratedColumn", { column: withMembers(column, { position: undefined }) }),
      ],
      loses: "values written to it since then; it is computed anew for every row",
    };
  },
  predict: (op, graph) => editColumn(graph, op, { generated: undefined, dependsOn: op.dependsOn }),
  risks: (op, facts) => [
    onFreshTable(op, facts)
      ? finding("safe", undefined, "the table is made in the same migration")
      : finding("medium", undefined, "it keeps its values but is no longer computed: writers have to give it one"),
  ],
  examples: [
    {
      name: "plain",
      before: "create table lines (price int, qty int, total int generated always as (price * qty) stored)",
      op: { schema: "public", table: "lines", name: "total" },
      after: "create table lines (price int, qty int, total int)",
    },
    {
      name: "of an enum, quoted names",
      before: `create type mood as enum ('ok'); create table "Lines" (m mood, "M" mood generated always as (m) stored)`,
      op: { schema: "public", table: "Lines", name: "M", dependsOn: ["enum:public.mood"] },
      after: `create type mood as enum ('ok'); create table "Lines" (m mood, "M" mood)`,
    },
    {
      name: "indexed",
      before:
        "create table users (mail text, key text generated always as (lower(mail)) stored); create index users_key on users (key)",
      op: { schema: "public", table: "users", name: "key" },
      after: "create table users (mail text, key text); create index users_key on users (key)",
    },
  ],
});
