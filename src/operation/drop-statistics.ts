/** dropStatistics: removes a statistics object. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { statisticsSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { remaking } from "./replacement.ts";
import { dropStatisticsStatement } from "./sql/statistics.ts";

const { schema, name, on } = statisticsSchema.entries;
const payload = v.strictObject({ schema, name, on });

type DropStatistics = v.InferOutput<typeof payload>;

export const dropStatistics = defineOperation<"dropStatistics", DropStatistics>({
  kind: "dropStatistics",
  family: "index & constraint",
  product: false,
  summary: "no longer gather statistics about several columns together",
  base: "low",
  reasons: [],
  payload,
  on: ["drop statistics"],
  claims: (change) => {
    if (change.type !== "drop" || change.before.kind !== "statistics") return undefined;
    const { schema, name, on } = change.before;
    return { schema, name, on };
  },
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(dropStatisticsStatement(op))],
  invert: (op, before) =>
    remaking(before, "statistics", idOf(op), (statistics) => [operation("createStatistics", { statistics })]),
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [finding("low", undefined, "plans of queries that were estimated by it may change")],
  examples: [
    {
      name: "plain",
      before: "create table hits (a int, b int); create statistics s on a, b from hits",
      op: { schema: "public", name: "s", on: { schema: "public", table: "hits" } },
      after: "create table hits (a int, b int)",
    },
    {
      name: "in another schema, quoted names, with a target and a comment",
      before: `create schema "App"; create table "Hit" ("A" int, b int); create statistics "App"."S t" (dependencies) on "A", b from "Hit";
        alter statistics "App"."S t" set statistics 7; comment on statistics "App"."S t" is 'x'`,
      op: { schema: "App", name: "S t", on: { schema: "public", table: "Hit" } },
      after: `create schema "App"; create table "Hit" ("A" int, b int)`,
    },
    {
      name: "one of two",
      before:
        "create table hits (a int, b int); create statistics s on a, b from hits; create statistics t (mcv) on b, a from hits",
      op: { schema: "public", name: "t", on: { schema: "public", table: "hits" } },
      after: "create table hits (a int, b int); create statistics s on a, b from hits",
    },
  ],
});

function idOf(op: DropStatistics): ObjectId {
  return makeId("statistics", op.schema, op.name);
}
