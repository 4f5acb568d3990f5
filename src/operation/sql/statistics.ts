/** The SQL of statistics objects. */
import type { Statistics } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { commentStatements } from "./comment.ts";

export interface StatisticsPlace {
  readonly schema: string;
  readonly name: string;
}

/** CREATE STATISTICS with target and comment; rows are not read before the next ANALYZE. */
export function createStatisticsStatements(statistics: Statistics): Statement[] {
  const { schema, name, on, definition, target } = statistics;
  const table = qualified(on.schema, on.table);
  const sql = `create statistics ${qualified(schema, name)} ${asInput(definition)} from ${table}`;
  return [
    statement(sql, "share update exclusive", [table]),
    ...(target === undefined ? [] : [setTargetStatement(statistics, target)]),
    ...commentStatements(statistics),
  ];
}

/** ALTER STATISTICS … SET STATISTICS; -1 stands for that of the columns. */
export function setTargetStatement(place: StatisticsPlace, target: number | undefined): Statement {
  return statement(`alter statistics ${qualified(place.schema, place.name)} set statistics ${target ?? -1}`);
}

/** DROP STATISTICS; locks the table as CREATE does. */
export function dropStatisticsStatement(statistics: StatisticsPlace & { readonly on: Statistics["on"] }): Statement {
  return statement(`drop statistics ${qualified(statistics.schema, statistics.name)}`, "share update exclusive", [
    qualified(statistics.on.schema, statistics.on.table),
  ]);
}
