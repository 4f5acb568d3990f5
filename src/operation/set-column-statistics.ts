/** setColumnStatistics: how closely ANALYZE looks at a column, and what it is told about it. */
import * as v from "valibot";
import { type Column, columnStatistics } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { columnIdOf, columnInWords, columnPlace, editColumn, placeOf, tableOf } from "./place.ts";
import { statisticsActions } from "./sql/storage.ts";

const members = v.strictObject(columnStatistics);

const payload = v.strictObject({
  ...columnPlace,
  /** the target and all options as they are; absent: the server's default */
  from: members,
  /** the same as they will be */
  to: members,
});

type SetColumnStatistics = v.InferOutput<typeof payload>;

export const setColumnStatistics = defineOperation<"setColumnStatistics", SetColumnStatistics>({
  kind: "setColumnStatistics",
  family: "alter",
  product: false,
  summary: "say how closely ANALYZE looks at a column",
  base: "safe",
  reasons: [],
  payload,
  on: ["alter column.statistics", "alter column.options"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "column" || change.after.kind !== "column") return undefined;
    return { ...placeOf(change.after), from: membersOf(change.before), to: membersOf(change.after) };
  },
  absorbs: (op, change) =>
    change.type === "alter" &&
    change.id === columnIdOf(op) &&
    (change.attribute === "statistics" || change.attribute === "options"),
  describe: columnInWords,
  emit: (op) => {
    const actions = statisticsActions(op, op.from, op.to).join(", ");
    return [together(statement(`alter table only ${tableOf(op)} ${actions}`, "share update exclusive", [tableOf(op)]))];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("setColumnStatistics", { ...placeOf(op), from: op.to, to: op.from })],
  }),
  predict: (op, graph) => editColumn(graph, op, { statistics: op.to.statistics, options: op.to.options }),
  risks: () => [finding("safe", undefined, "counts from the next ANALYZE on")],
  examples: [
    {
      name: "a target",
      before: "create table hits (url text)",
      op: { schema: "public", table: "hits", name: "url", from: {}, to: { statistics: 1000 } },
      after: "create table hits (url text); alter table hits alter url set statistics 1000",
    },
    {
      name: "options instead of a target, quoted names",
      before: `create table "Hit" ("Url" text); alter table "Hit" alter "Url" set statistics 0`,
      op: {
        schema: "public",
        table: "Hit",
        name: "Url",
        from: { statistics: 0 },
        to: { options: ["n_distinct=-0.5", "n_distinct_inherited=100"] },
      },
      after: `create table "Hit" ("Url" text); alter table "Hit" alter "Url" set (n_distinct = -0.5, n_distinct_inherited = 100)`,
    },
    {
      name: "one option changed, one reset",
      before:
        "create table hits (url text); alter table hits alter url set (n_distinct_inherited = 100, n_distinct = 5)",
      op: {
        schema: "public",
        table: "hits",
        name: "url",
        from: { options: ["n_distinct_inherited=100", "n_distinct=5"] },
        to: { options: ["n_distinct=6"] },
      },
      after: "create table hits (url text); alter table hits alter url set (n_distinct = 6)",
    },
  ],
});

function membersOf(column: Column): SetColumnStatistics["from"] {
  return {
    ...(column.statistics === undefined ? {} : { statistics: column.statistics }),
    ...(column.options === undefined ? {} : { options: column.options }),
  };
}
