/** The SQL of exclusion constraints. There is no online form: the index is built under the lock (14 to 18). */
import type { Exclusion } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { tableOfPart } from "../part.ts";
import { deferral } from "./constraint.ts";

/** ADD CONSTRAINT … EXCLUDE: reads every row while nobody can read or write the table. */
export function addExclusionStatement(exclusion: Exclusion): Statement {
  const table = tableOfPart(exclusion);
  const body = `exclude ${asInput(exclusion.definition)}${deferral(exclusion)}`;
  const sql = `alter table ${table} add constraint ${quoteIdent(exclusion.name)} ${body}`;
  return statement(sql, "access exclusive", [table], "scan");
}
