/**
 * Ranges of a key as SQL: the condition on a range, where a range of so many keys ends, one batch. Values are texts that
 * the server casts back; ranges are by value, so that rows that come in between belong to them. Pure.
 */
import type { SqlValue } from "../pg/session.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";

/** A column of the key and its type as SQL names it. */
export interface KeyColumn {
  readonly name: string;
  readonly type: string;
}

/** The value of a key, one text a column. */
export type KeyValue = readonly string[];

/** Keys after the one and up to the other; null for no bound. */
export interface KeyRange {
  readonly after: KeyValue | null;
  readonly upTo: KeyValue | null;
}

/** The table that is gone over, and what stands before and after the condition on its key. */
export interface RangeJob {
  readonly schema: string;
  readonly table: string;
  readonly head: string;
  readonly tail: string;
}

/** SQL with its parameters. */
export interface Query {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** The condition a row of the range fulfils; parameters are numbered from `$1`. */
export function rangeCondition(key: readonly KeyColumn[], range: KeyRange): Query {
  const params: string[] = [];
  const side = (operator: string, value: KeyValue): string => {
    const values = key.map(({ type }, at) => {
      params.push(value[at] as string);
      return `$${params.length}::${type}`;
    });
    const names = key.map(({ name }) => quoteIdent(name));
    return key.length === 1
      ? `${names[0]} ${operator} ${values[0]}`
      : `(${names.join(", ")}) ${operator} (${values.join(", ")})`;
  };
  const conditions = [
    ...(range.after === null ? [] : [side(">", range.after)]),
    ...(range.upTo === null ? [] : [side("<=", range.upTo)]),
  ];
  return { sql: conditions.length === 0 ? "true" : conditions.join(" and "), params };
}

/** The key of the row that is `count`th in the range: one row of texts, or none when the range holds fewer. */
export function upperKey(job: RangeJob, key: readonly KeyColumn[], range: KeyRange, count: number): Query {
  const { sql, params } = rangeCondition(key, range);
  // A bare name in ORDER BY would be the text in the list rather than the column.
  const names = key.map(({ name }) => `k.${quoteIdent(name)}`);
  return {
    sql: `select ${names.map((name) => `${name}::pg_catalog.text`).join(", ")} from ${qualified(job.schema, job.table)} as k
where ${sql} order by ${names.join(", ")} offset ${count - 1} limit 1`,
    params,
  };
}

/** One batch of the job. */
export function batchOf(job: RangeJob, key: readonly KeyColumn[], range: KeyRange): Query {
  const { sql, params } = rangeCondition(key, range);
  return { sql: `${job.head}${sql}${job.tail}`, params };
}
