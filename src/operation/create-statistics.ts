/** createStatistics: what ANALYZE gathers about several columns or expressions of a table together. */
import * as v from "valibot";
import { type Statistics, statisticsSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { createStatisticsStatements, dropStatisticsStatement } from "./sql/statistics.ts";

const payload = v.strictObject({
  statistics: statisticsSchema,
  /** the object of the same name that this one takes the place of */
  replaces: v.optional(statisticsSchema),
});

type CreateStatistics = v.InferOutput<typeof payload>;

export const createStatistics = defineOperation<"createStatistics", CreateStatistics>({
  kind: "createStatistics",
  family: "index & constraint",
  product: false,
  summary: "gather statistics about several columns together",
  base: "safe",
  reasons: [],
  payload,
  on: ["create statistics", "alter statistics.*", "alter statistics.comment", "alter statistics.target"],
  claims: (change) => {
    const addition = additionOf("statistics", change, () => ["target"]);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    return { statistics: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.statistics, op.replaces, change),
  describe: ({ statistics }) => inWords(statistics.schema, statistics.name),
  emit: (op) => [
    together(
      ...(op.replaces === undefined ? [] : [dropStatisticsStatement(op.replaces)]),
      ...createStatisticsStatements(op.statistics),
    ),
  ],
  invert: ({ statistics, replaces }) => ({
    reversible: true,
    operations: [
      replaces === undefined
        ? operation("dropStatistics", { schema: statistics.schema, name: statistics.name, on: statistics.on })
        : operation("createStatistics", { statistics: replaces, replaces: statistics }),
    ],
  }),
  predict: (op) => [{ put: op.statistics }],
  risks: () => [finding("safe", undefined, "the planner uses them from the next ANALYZE on")],
  examples: [
    {
      name: "of every kind on two columns",
      before: "create table hits (a int, b int)",
      op: { statistics: { ...statistics("hits_ab", "hits", "ON a, b"), dependsOn: columns("hits.a", "hits.b") } },
      after: "create table hits (a int, b int); create statistics hits_ab on a, b from hits",
    },
    {
      name: "of one kind on an expression, with a target and a comment, quoted names",
      before: `create table "Hit" ("Url" text, b int)`,
      op: {
        statistics: {
          ...statistics("Hit Url", "Hit", '(ndistinct) ON b, lower("Url")'),
          target: 500,
          comment: "for reports",
          dependsOn: columns('"Hit"."Url"', '"Hit".b'),
        },
      },
      after: `create table "Hit" ("Url" text, b int); create statistics "Hit Url" (ndistinct) on b, lower("Url") from "Hit";
        alter statistics "Hit Url" set statistics 500; comment on statistics "Hit Url" is 'for reports'`,
    },
    {
      name: "in place of one on other columns, in another schema",
      before:
        "create schema app; create table hits (a int, b int, c int); create statistics app.s (mcv) on a, b from hits",
      op: {
        statistics: {
          ...statistics("s", "hits", "(mcv) ON b, c"),
          schema: "app",
          dependsOn: columns("hits.b", "hits.c"),
        },
        replaces: {
          ...statistics("s", "hits", "(mcv) ON a, b"),
          schema: "app",
          dependsOn: columns("hits.a", "hits.b"),
        },
      },
      after:
        "create schema app; create table hits (a int, b int, c int); create statistics app.s (mcv) on b, c from hits",
    },
  ],
});

/** A statistics object of the examples. */
function statistics(name: string, table: string, definition: string): Statistics {
  return { kind: "statistics", schema: "public", name, on: { schema: "public", table }, definition };
}

function columns(...names: string[]): string[] {
  return names.map((name) => `column:public.${name}`);
}
