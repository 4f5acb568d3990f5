/** The SQL of partitions: what a bound means as a condition on rows, and the questions whether a partition is attached. */
import { quoteIdent } from "../../sql/identifier.ts";
import type { CatalogQuestion } from "../../sql/statement.ts";

/** A table by its name, as payloads name it. */
export interface TableAt {
  readonly schema: string;
  readonly table: string;
}

/**
 * The rows a bound lets in, as a condition that lets ATTACH and DETACH CONCURRENTLY do without a scan of their own; undefined
 * where it cannot be written down: hash, the default partition, keys that are expressions or have a collation or operator
 * class of their own.
 */
export function boundCondition(partitionBy: string, bound: string): string | undefined {
  const [, strategy, inside] = /^(RANGE|LIST) \((.*)\)$/s.exec(partitionBy) ?? [];
  if (inside === undefined) return undefined;
  const keys = splitList(inside);
  if (!keys.every((key) => /^(?:[a-z_][a-z0-9_]*|"(?:[^"]|"")+")$/.test(key))) return undefined;
  return strategy === "LIST" ? listCondition(keys, bound) : rangeCondition(keys, bound);
}

function listCondition(keys: readonly string[], bound: string): string | undefined {
  const [, inside] = /^FOR VALUES IN \((.*)\)$/s.exec(bound) ?? [];
  const [key] = keys;
  if (inside === undefined || key === undefined || keys.length !== 1) return undefined;
  const values = splitList(inside);
  const known = values.filter((value) => value !== "NULL");
  if (known.length === 0) return `${key} is null`;
  const among = `${key} in (${known.join(", ")})`;
  return known.length < values.length ? `${key} is null or ${among}` : `${key} is not null and ${among}`;
}

function rangeCondition(keys: readonly string[], bound: string): string | undefined {
  const parts = rangeParts(bound);
  if (parts === undefined) return undefined;
  const [from, to] = parts;
  if (from.length !== keys.length || to.length !== keys.length) return undefined;
  const conditions = keys.map((key) => `${key} is not null`);
  const [lower, upper] = [sideCondition(keys, from, ">"), sideCondition(keys, to, "<")];
  for (const side of [lower, upper]) if (side !== undefined) conditions.push(side);
  return conditions.join(" and ");
}

/** The lists after FROM and TO. */
function rangeParts(bound: string): readonly [string[], string[]] | undefined {
  const start = "FOR VALUES FROM (";
  if (!bound.startsWith(start)) return undefined;
  const middle = ") TO (";
  for (let at = bound.indexOf(middle); at >= 0; at = bound.indexOf(middle, at + 1)) {
    const [from, to] = [bound.slice(start.length, at), bound.slice(at + middle.length, -1)];
    // The words may also stand in a value.
    if (isWhole(from) && isWhole(to)) return [splitList(from), splitList(to)];
  }
  return undefined;
}

function isWhole(text: string): boolean {
  return (text.match(/'/g)?.length ?? 0) % 2 === 0;
}

/** Rows beyond one end: compared key by key, as Postgres compares them. Undefined when all are. */
function sideCondition(keys: readonly string[], values: readonly string[], sign: "<" | ">"): string | undefined {
  const open = sign === ">" ? "MINVALUE" : "MAXVALUE";
  const alternatives: string[] = [];
  const equal: string[] = [];
  for (const [at, key] of keys.entries()) {
    const value = values[at] as string;
    if (value === open) {
      if (at === 0) return undefined;
      alternatives.push(equal.join(" and "));
      break;
    }
    // What no value can pass ends here: everything before it was tried.
    if (value === "MINVALUE" || value === "MAXVALUE") break;
    const last = at === keys.length - 1;
    const comparison = `${key} ${last && sign === ">" ? ">=" : sign} ${value}`;
    alternatives.push([...equal, comparison].join(" and "));
    equal.push(`${key} = ${value}`);
  }
  if (alternatives.length === 0) return "false";
  return alternatives.length === 1 ? alternatives[0] : `(${alternatives.map((one) => `(${one})`).join(" or ")})`;
}

/** Cuts a printed list at its commas; quotes and parentheses keep theirs. */
function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let part = "";
  for (const character of text) {
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === "'" || character === '"') quote = character;
    else if (character === "(" || character === "[") depth++;
    else if (character === ")" || character === "]") depth--;
    if (character === "," && depth === 0 && quote === "") {
      parts.push(part.trim());
      part = "";
    } else part += character;
  }
  if (part.trim() !== "") parts.push(part.trim());
  return parts;
}

/** Whether a table is a partition of another with this bound. */
export function partitionIsAttached(child: TableAt, parent: TableAt, bound: string): CatalogQuestion {
  return {
    sql: `select exists (${partition}
    and p.relname = $4 and pn.nspname = $3 and not i.inhdetachpending
    and pg_catalog.pg_get_expr(c.relpartbound, c.oid) = $5
)`,
    params: [child.schema, child.table, parent.schema, parent.table, bound],
  };
}

/** Whether a table is there and no partition of anything. */
export function partitionIsFree(child: TableAt): CatalogQuestion {
  return {
    sql: `select exists (
  select from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p') and not c.relispartition
)`,
    params: [child.schema, child.table],
  };
}

/** Whether a DETACH … CONCURRENTLY was begun and not finished. */
export function detachIsPending(child: TableAt): CatalogQuestion {
  return {
    sql: `select exists (${partition}
    and i.inhdetachpending
)`,
    params: [child.schema, child.table],
  };
}

const partition = `
  select from pg_catalog.pg_inherits i
  join pg_catalog.pg_class c on c.oid = i.inhrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_class p on p.oid = i.inhparent
  join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
  where n.nspname = $1 and c.relname = $2 and c.relispartition`;

/** Whether a table has a check of that name. */
export function hasCheck(child: TableAt, name: string): CatalogQuestion {
  return { sql: `select exists (${check})`, params: [child.schema, child.table, name] };
}

/** Whether a table's check of that name has been validated. */
export function hasValidCheck(child: TableAt, name: string): CatalogQuestion {
  return { sql: `select exists (${check}\n    and k.convalidated\n)`, params: [child.schema, child.table, name] };
}

/** Whether a table has no check of that name, with a further condition on the table `t`. */
export function checkIsGone(child: TableAt, name: string, partition: boolean): CatalogQuestion {
  return {
    sql: `select exists (
  select from pg_catalog.pg_class t
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  where n.nspname = $1 and t.relname = $2 and t.relispartition = ${partition}
) and not exists (${check})`,
    params: [child.schema, child.table, name],
  };
}

const check = `
  select from pg_catalog.pg_constraint k
  join pg_catalog.pg_class t on t.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  where n.nspname = $1 and t.relname = $2 and k.conname = $3 and k.contype = 'c'`;

/** Whether an index of a partition is attached to one of its parent. */
export function indexIsAttached(
  index: { readonly schema: string; readonly name: string },
  to: { readonly schema: string; readonly name: string },
): CatalogQuestion {
  return {
    sql: `select exists (
  select from pg_catalog.pg_inherits i
  join pg_catalog.pg_class c on c.oid = i.inhrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_class p on p.oid = i.inhparent
  join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
  where n.nspname = $1 and c.relname = $2 and pn.nspname = $3 and p.relname = $4
)`,
    params: [index.schema, index.name, to.schema, to.name],
  };
}

/** The name of the check that carries the proof of a bound while it is needed. */
export const boundCheckName = "zanith_partition_bound";

/** `alter table …`, to be followed by what is to change. */
export function alterTable(place: TableAt): string {
  return `alter table ${quoteIdent(place.schema)}.${quoteIdent(place.table)}`;
}
