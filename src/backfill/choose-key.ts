/** Which key a backfill goes by: the primary key, else a unique index over NOT NULL columns. Reads the catalog, writes nothing. */
import { type ToolError, toolError } from "../base/errors.ts";
import type { Session } from "../pg/session.ts";
import { qualified, quoteIdent, quoteList } from "../sql/identifier.ts";
import type { BatchJob } from "../sql/statement.ts";
import type { KeyColumn } from "./key-range.ts";

/** The table as it is now, and the key to go by. */
export interface ChosenKey {
  /** oid of the table */
  readonly table: string;
  readonly key: readonly KeyColumn[];
}

interface Candidate {
  readonly index: string;
  readonly columns: readonly KeyColumn[];
  /** why it will not do */
  readonly problem: string | null;
}

/**
 * Unique indexes with what speaks against them. A range is found by the index only when its order is the one ORDER BY asks
 * for: the columns' own collation, the type's default operator class, no mixed directions. Only a deterministic collation
 * tells two different texts apart (pg_collation, since 12).
 */
const candidatesQuery = `
select c.oid::text, x.name, x.columns, x.problem
from pg_catalog.pg_namespace n
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p')
left join lateral (
  select ic.relname::text as name, i.indisprimary as is_primary, i.indnkeyatts as width,
    (select pg_catalog.json_agg(
        pg_catalog.json_build_array(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)) order by k.place)::text
      from pg_catalog.generate_series(1, i.indnkeyatts::integer) as k(place)
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[k.place - 1]) as columns,
    case
      when not i.indisvalid then 'is not valid'
      when i.indpred is not null then 'covers only part of the rows'
      when i.indexprs is not null then 'is over an expression'
      else (
        select min(case
          when not a.attnotnull then 'has a column that can be null: ' || pg_catalog.quote_ident(a.attname)
          when i.indoption[k.place - 1] <> 0 then 'is not in ascending order'
          when not coalesce(l.collisdeterministic, true) then 'has a collation that takes different texts for equal'
          when i.indcollation[k.place - 1] <> a.attcollation then 'has another collation than its column'
          when not o.opcdefault then 'has an operator class that is not the default one'
        end)
        from pg_catalog.generate_series(1, i.indnkeyatts::integer) as k(place)
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[k.place - 1]
        join pg_catalog.pg_opclass o on o.oid = i.indclass[k.place - 1]
        left join pg_catalog.pg_collation l on l.oid = a.attcollation)
    end as problem
  from pg_catalog.pg_index i
  join pg_catalog.pg_class ic on ic.oid = i.indexrelid
  where i.indrelid = c.oid and i.indisunique
) x on true
where n.nspname = $1 and c.relname = $2
order by x.is_primary desc nulls last, x.width, x.name`;

/** The key of a job's table. @throws ToolError not_supported when there is none to go by, saying what would help */
export async function chooseKey(session: Session, job: BatchJob): Promise<ChosenKey> {
  const rows = await session.rows(candidatesQuery, [job.schema, job.table]);
  const [first] = rows;
  if (first === undefined) {
    throw refusal(job, `there is no table ${qualified(job.schema, job.table)}`, "zanith migrate status");
  }
  const table = String(first[0]);
  const candidates = rows.flatMap(([, index, columns, problem]): Candidate[] =>
    index === null || index === undefined
      ? []
      : [{ index, columns: readColumns(columns ?? "[]"), problem: problem ?? null }],
  );
  const wanted = job.key;
  const fitting = wanted === undefined ? candidates : candidates.filter(({ columns }) => isKey(columns, wanted));
  const usable = fitting.find(({ columns, problem }) => problem === null && writtenColumn(job, columns) === undefined);
  if (usable !== undefined) return { table, key: usable.columns };
  throw refusal(job, whyNone(job, fitting, wanted), adviceFor(job));
}

function readColumns(json: string): KeyColumn[] {
  return (JSON.parse(json) as [string, string][]).map(([name, type]) => ({ name, type }));
}

function isKey(columns: readonly KeyColumn[], names: readonly string[]): boolean {
  return columns.length === names.length && columns.every(({ name }, at) => name === names[at]);
}

/** A range must not move rows from one range to another. */
function writtenColumn(job: BatchJob, columns: readonly KeyColumn[]): string | undefined {
  return columns.find(({ name }) => job.writes.includes(name))?.name;
}

function whyNone(job: BatchJob, candidates: readonly Candidate[], wanted: readonly string[] | undefined): string {
  if (candidates.length === 0) {
    return wanted === undefined
      ? "it has no primary key and no unique index, so nothing says where a batch ends and the next one begins"
      : `it has no unique index over (${quoteList(wanted)})`;
  }
  const reasons = candidates.map(({ index, columns, problem }) => {
    const written = writtenColumn(job, columns);
    return `${quoteIdent(index)} ${problem ?? `has a column that is written: ${quoteIdent(written ?? "")}`}`;
  });
  return `none of its unique indexes can be gone by: ${reasons.join("; ")}`;
}

function adviceFor(job: BatchJob): string {
  const table = qualified(job.schema, job.table);
  return `give it a key first, such as: alter table ${table} add column id bigint generated always as identity primary key; or make the columns of a unique index NOT NULL`;
}

function refusal(job: BatchJob, why: string, next: string): ToolError {
  return toolError({
    code: "not_supported",
    what: `${qualified(job.schema, job.table)} cannot be gone over in batches`,
    why,
    state: "no row was changed",
    next,
  });
}
