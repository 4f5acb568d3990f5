/** A job as it is run on the table as it is now: the key to go by, and conditions in terms of the columns' types. Reads only. */
import type { Session } from "../pg/session.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import type { BatchJob } from "../sql/statement.ts";
import { chooseKey } from "./choose-key.ts";
import type { KeyColumn, RangeJob } from "./key-range.ts";

/** Ready to be run. One batch reads `head`, a condition on the key, `tail`. */
export interface PreparedJob extends RangeJob {
  /** oid of the table */
  readonly oid: string;
  readonly keyColumns: readonly KeyColumn[];
  /** true of a row that is still to be done; undefined where a look at the row cannot tell */
  readonly open: string | undefined;
  /** whether it is about some of the rows only */
  readonly isPartial: boolean;
  readonly remaining: BatchJob["remaining"];
}

/** Types without an equality that means the same value: their texts are compared (pg_operator, the same in 14 to 18). */
const withoutEquality = new Set(["json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"]);

/** @throws ToolError not_supported when the table has no key to go by */
export async function prepareJob(session: Session, job: BatchJob): Promise<PreparedJob> {
  const { table: oid, key } = await chooseKey(session, job);
  const { schema, table, head, where, set, tail = "", remaining } = job;
  const differs = set === undefined ? undefined : differsFrom(set, await columnTypes(session, job));
  const conditions = [where, differs].filter((condition) => condition !== undefined);
  return {
    schema,
    table,
    oid,
    keyColumns: key,
    head,
    tail: `${conditions.map((condition) => `\nand ${condition}`).join("")}${tail}`,
    open: differs === undefined ? undefined : conditions.join("\nand "),
    isPartial: where !== undefined,
    remaining,
  };
}

interface ColumnType {
  /** as SQL names it */
  readonly type: string;
  readonly base: string;
}

async function columnTypes(session: Session, job: BatchJob): Promise<Map<string, ColumnType>> {
  const rows = await session.rows(
    `select a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod),
       pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null)
     from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
     where a.attrelid = pg_catalog.to_regclass($1) and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
    [qualified(job.schema, job.table)],
  );
  return new Map(rows.map(([name, type, base]) => [name ?? "", { type: type ?? "", base: base ?? "" }]));
}

/**
 * True of a row that does not hold the values. An expression is cast to its column's type first: what the column rounds or
 * pads would never be equal otherwise.
 */
function differsFrom(set: NonNullable<BatchJob["set"]>, types: ReadonlyMap<string, ColumnType>): string {
  const conditions = set.map(({ column, expression }) => {
    const found = types.get(column);
    // The server's own words are better than ours for a column that is not there.
    if (found === undefined) return `${quoteIdent(column)} is distinct from (${expression}\n)`;
    const text = withoutEquality.has(found.base) ? "::pg_catalog.text" : "";
    return `${quoteIdent(column)}${text} is distinct from (${expression}\n)::${found.type}${text}`;
  });
  return conditions.length === 1 ? (conditions[0] as string) : `(${conditions.join(" or ")})`;
}
