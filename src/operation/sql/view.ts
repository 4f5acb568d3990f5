/** The SQL of views and materialized views. */
import type { MaterializedView, View } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { literalOrNull, quoteLiteral } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { commentStatements } from "./comment.ts";

export interface ViewPlace {
  readonly schema: string;
  readonly name: string;
}

/** CREATE VIEW. OR REPLACE gives the view these options and no others, and leaves its comments as they are. */
export function createViewStatement(view: View, mode: "new" | "replace"): Statement {
  const name = qualified(view.schema, view.name);
  const sql = `${name}${optionsOf(view)} as\n${asInput(view.definition)}`;
  return mode === "new"
    ? statement(`create view ${sql}`)
    : statement(`create or replace view ${sql}`, "access exclusive", [name]);
}

/** CREATE MATERIALIZED VIEW, which runs its query unless it is to stay without data. */
export function createMaterializedViewStatement(view: MaterializedView): Statement {
  const name = qualified(view.schema, view.name);
  const data = view.unpopulated ? "\nwith no data" : "";
  const sql = `create materialized view ${name} as\n${asInput(view.definition)}${data}`;
  return statement(sql, "none", [], view.unpopulated ? "instant" : "scan");
}

/** The comments of a view that has just been made: its own and those of its columns. */
export function viewCommentStatements(view: View | MaterializedView): Statement[] {
  const columns = (view.columnComments ?? []).map(({ column, comment }) => columnComment(view, column, comment));
  return [...commentStatements(view), ...columns];
}

/** COMMENT ON COLUMN of a view; no comment takes it away. */
export function columnComment(view: ViewPlace, column: string, comment: string | undefined): Statement {
  const name = qualified(view.schema, view.name);
  return statement(
    `comment on column ${name}.${quoteIdent(column)} is ${literalOrNull(comment)}`,
    "share update exclusive",
    [name],
  );
}

/** DROP VIEW or DROP MATERIALIZED VIEW, with what is on it. */
export function dropViewStatement(view: ViewPlace, word: "view" | "materialized view"): Statement {
  const name = qualified(view.schema, view.name);
  return statement(`drop ${word} ${name}`, "access exclusive", [name]);
}

/** REFRESH MATERIALIZED VIEW, or its opposite. */
export function refreshStatement(view: ViewPlace, unpopulated: boolean): Statement {
  const name = qualified(view.schema, view.name);
  const sql = `refresh materialized view ${name}${unpopulated ? " with no data" : ""}`;
  return statement(sql, "access exclusive", [name], unpopulated ? "instant" : "rewrite");
}

function optionsOf({ options = [] }: View): string {
  if (options.length === 0) return "";
  const list = options.map((option) => {
    const at = option.indexOf("=");
    return `${quoteIdent(option.slice(0, at))} = ${quoteLiteral(option.slice(at + 1))}`;
  });
  return ` with (${list.join(", ")})`;
}
