/** Statements of a schema module, for what the builder has no words for: run with the models, and read back with them. */
import { brand, brandOf, modelError } from "./brand.ts";
import { isSql, type Sql } from "./raw-sql.ts";

/** Statements of a schema, in SQL. */
export interface SqlBlock {
  readonly [brand]: "statements";
  readonly text: string;
  readonly before: boolean;
}

/** When a block runs: after all models, or before them, once schemas, extensions and enums are there. */
export interface SqlBlockOptions {
  /** true for what models refer to: domains, composite types, functions of defaults and checks */
  readonly before?: boolean;
}

/**
 * Any statements that a `.sql` schema may hold, such as triggers, views, grants, partitions, publications:
 * defineSql(sql`grant select on users to reporting`). Blocks run in the order in which the module exports them.
 * @throws ToolError schema_module_failed for anything but sql`…`
 */
export function defineSql(statements: Sql, options: SqlBlockOptions = {}): SqlBlock {
  if (!isSql(statements)) throw modelError("a defineSql block", "it takes its statements as sql`…`");
  return { [brand]: "statements", text: statements.text, before: options.before === true };
}

/** Whether a value was made by `defineSql`. */
export function isSqlBlock(value: unknown): value is SqlBlock {
  return brandOf(value) === "statements";
}
