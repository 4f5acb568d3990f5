/** Raw SQL in a schema module: the `sql` tag. Its text is code and reaches Postgres as it stands. */
import { quoteIdent } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { brand, brandOf, modelError } from "./brand.ts";

/** An SQL expression written by the author of the schema. */
export interface Sql {
  readonly [brand]: "sql";
  readonly text: string;
}

/** What may stand in a `${…}`: another expression as it is, a value as a literal. */
export type SqlValue = Sql | string | number | bigint | boolean | null;

/**
 * An SQL expression: sql`lower(email)`. Values in `${…}` become literals; use `name()` for the name of a column or a
 * table, and another sql`…` for a piece of SQL. Backslashes mean what they mean to Postgres: sql`code ~ '^\d+$'`.
 */
export function sql(strings: TemplateStringsArray, ...values: readonly SqlValue[]): Sql {
  const [first = "", ...others] = strings.raw.map((part) => part.replace(/\\([`$])/g, "$1"));
  let text = first;
  for (const [index, value] of values.entries()) text += embed(value) + (others[index] ?? "");
  return { [brand]: "sql", text: text.trim() };
}

/** A name for use in sql`…`, quoted where Postgres needs that. */
export function name(identifier: string): Sql {
  return { [brand]: "sql", text: quoteIdent(identifier) };
}

/** Whether a value was made by the `sql` tag. */
export function isSql(value: unknown): value is Sql {
  return brandOf(value) === "sql";
}

function embed(value: SqlValue): string {
  if (isSql(value)) return value.text;
  if (typeof value === "string") return quoteLiteral(value);
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  throw modelError("an sql`…` expression", `a value of type ${typeof value} cannot stand in it`);
}
