/** Questions to the catalog that tell after a crash what has taken effect: small ones, and how two become one. */
import type { CatalogQuestion } from "../../sql/statement.ts";

/** Whether either is true. */
export function either(first: CatalogQuestion, second: CatalogQuestion): CatalogQuestion {
  const shift = first.params.length;
  const shifted = second.sql.replaceAll(/\$(\d+)/g, (_, number) => `$${Number(number) + shift}`);
  return { sql: `select (${first.sql}) or (${shifted})`, params: [...first.params, ...second.params] };
}

/** Whether a relation (table, index or sequence) of that name exists. */
export function relationExists(schema: string, name: string): CatalogQuestion {
  return { sql: `select exists (${relation})`, params: [schema, name] };
}

/** Whether no relation has that name. */
export function relationIsGone(schema: string, name: string): CatalogQuestion {
  return { sql: `select not exists (${relation})`, params: [schema, name] };
}

const relation = `
  select from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2
`;

/** Whether an enum has a value. */
export function enumHasValue(schema: string, name: string, value: string): CatalogQuestion {
  return {
    sql: `select exists (
  select from pg_catalog.pg_enum e
  join pg_catalog.pg_type t on t.oid = e.enumtypid
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  where n.nspname = $1 and t.typname = $2 and e.enumlabel = $3
)`,
    params: [schema, name, value],
  };
}
