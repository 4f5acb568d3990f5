/** setStatisticsTarget: how closely ANALYZE looks for a statistics object. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { statisticsSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { editObject, isReplaced } from "./replacement.ts";
import { setTargetStatement } from "./sql/statistics.ts";

const { schema, name, target } = statisticsSchema.entries;

const payload = v.strictObject({
  schema,
  name,
  /** absent: that of the columns */
  from: target,
  to: target,
});

type SetStatisticsTarget = v.InferOutput<typeof payload>;

export const setStatisticsTarget = defineOperation<"setStatisticsTarget", SetStatisticsTarget>({
  kind: "setStatisticsTarget",
  family: "index & constraint",
  product: false,
  summary: "say how closely ANALYZE looks for a statistics object",
  base: "safe",
  reasons: [],
  payload,
  on: ["alter statistics.target"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "statistics" || change.after.kind !== "statistics") {
      return undefined;
    }
    const { before, after } = change;
    if (isReplaced(before, after, ["target"])) return undefined;
    return { schema: after.schema, name: after.name, ...ends(before.target, after.target) };
  },
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(setTargetStatement(op, op.to))],
  invert: ({ schema, name, from, to }) => ({
    reversible: true,
    operations: [operation("setStatisticsTarget", { schema, name, ...ends(to, from) })],
  }),
  predict: (op, graph) =>
    editObject(graph, "statistics", idOf(op), (statistics) => withMembers(statistics, { target: op.to })),
  risks: () => [finding("safe", undefined, "counts from the next ANALYZE on")],
  examples: [
    {
      name: "set",
      before: "create table hits (a int, b int); create statistics s on a, b from hits",
      op: { schema: "public", name: "s", to: 100 },
      after:
        "create table hits (a int, b int); create statistics s on a, b from hits; alter statistics s set statistics 100",
    },
    {
      name: "changed, quoted names",
      before: `create table hits (a int, b int); create statistics "S t" on a, b from hits; alter statistics "S t" set statistics 100`,
      op: { schema: "public", name: "S t", from: 100, to: 0 },
      after: `create table hits (a int, b int); create statistics "S t" on a, b from hits; alter statistics "S t" set statistics 0`,
    },
    {
      name: "as the columns have it",
      before:
        "create table hits (a int, b int); create statistics s on a, b from hits; alter statistics s set statistics 100",
      op: { schema: "public", name: "s", from: 100 },
      after: "create table hits (a int, b int); create statistics s on a, b from hits",
    },
  ],
});

function idOf(op: SetStatisticsTarget): ObjectId {
  return makeId("statistics", op.schema, op.name);
}

function ends(from: number | undefined, to: number | undefined): { from?: number; to?: number } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
