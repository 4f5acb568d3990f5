/** alterColumnExpression: another expression for a generated column, in place (17 and later). */
import * as v from "valibot";
import { toolError } from "../base/errors.ts";
import { getObject } from "../model/graph.ts";
import { columnSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { rewriteFinding } from "../risk/size.ts";
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

const expression = v.pipe(v.string(), v.minLength(1));

const payload = v.strictObject({
  ...columnPlace,
  from: expression,
  to: expression,
  storage: v.picklist(["stored", "virtual"]),
  dependsOn: columnSchema.entries.dependsOn,
});

type AlterColumnExpression = v.InferOutput<typeof payload>;

/** First server_version_num with ALTER COLUMN … SET EXPRESSION. */
export const setExpressionSince = 170000;

export const alterColumnExpression = defineOperation<"alterColumnExpression", AlterColumnExpression>({
  kind: "alterColumnExpression",
  family: "alter",
  product: false,
  summary: "change the expression of a generated column",
  base: "high",
  baseNote: "low when it is virtual",
  reasons: ["rebuilds_table"],
  payload,
  on: ["alter column.generated"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "column" || change.after.kind !== "column") return undefined;
    const from = change.before.generated;
    const to = change.after.generated;
    // A virtual column is dropped and made again: SET EXPRESSION is refused where the table has a check.
    if (from?.storage !== "stored" || to?.storage !== "stored") return undefined;
    return {
      ...placeOf(change.after),
      from: from.expression,
      to: to.expression,
      storage: to.storage,
      ...dependenciesOf(change.after),
    };
  },
  describe: columnInWords,
  emit: (op, { server }) => {
    if (server < setExpressionSince) {
      throw toolError({
        code: "not_supported",
        what: `cannot change the expression of ${columnInWords(op)} in place on this server`,
        why: "ALTER COLUMN … SET EXPRESSION exists from Postgres 17",
        state: "nothing was changed",
        next: "generate the migration against this server: it then drops the column and makes it anew",
      });
    }
    const sql = `${alterColumn(op)} set expression as (${asInput(op.to)})`;
    return [
      together(statement(sql, "access exclusive", [tableOf(op)], op.storage === "stored" ? "rewrite" : "instant")),
    ];
  },
  invert: (op, before) => ({
    reversible: true,
    operations: [
      operation("alterColumnExpression", {
        ...placeOf(op),
        from: op.to,
        to: op.from,
        storage: op.storage,
        ...dependenciesOf(getObject(before, "column", columnIdOf(op))),
      }),
    ],
  }),
  predict: (op, graph) =>
    editColumn(graph, op, { generated: { expression: op.to, storage: op.storage }, dependsOn: op.dependsOn }),
  risks: (op, facts) => {
    if (onFreshTable(op, facts)) return [finding("safe", undefined, "the table is made in the same migration")];
    if (op.storage === "virtual")
      return [finding("low", undefined, "readers get other values from then on; no row is written")];
    const message = "its values are computed again: the table is written anew under a lock that stops reads and writes";
    return [rewriteFinding(facts, op, "high", message)];
  },
  examples: [
    {
      name: "stored",
      since: setExpressionSince,
      before: "create table lines (price int, qty int, total int generated always as (price * qty) stored)",
      op: {
        schema: "public",
        table: "lines",
        name: "total",
        from: "(price * qty)",
        to: "(price + qty)",
        storage: "stored",
        dependsOn: ["column:public.lines.price", "column:public.lines.qty"],
      },
      after: "create table lines (price int, qty int, total int generated always as (price + qty) stored)",
    },
    {
      name: "stored, quoted and indexed",
      since: setExpressionSince,
      before:
        'create table "User" ("Mail" text, "Key" text generated always as (lower("Mail")) stored); create index on "User" ("Key")',
      op: {
        schema: "public",
        table: "User",
        name: "Key",
        from: 'lower("Mail")',
        to: `upper(("Mail" || 'x'::text))`,
        storage: "stored",
        dependsOn: ['column:public."User"."Mail"'],
      },
      after: `create table "User" ("Mail" text, "Key" text generated always as (upper("Mail" || 'x')) stored); create index on "User" ("Key")`,
    },
    {
      name: "virtual",
      since: 180000,
      before: "create table lines (price int, double_price int generated always as (price * 2) virtual)",
      op: {
        schema: "public",
        table: "lines",
        name: "double_price",
        from: "(price * 2)",
        to: "(price + price)",
        storage: "virtual",
        dependsOn: ["column:public.lines.price"],
      },
      after: "create table lines (price int, double_price int generated always as (price + price) virtual)",
      notFromDiff: true,
    },
  ],
});
