/** How the values of an archived column are stored with their rows, and how they find their rows again. */
import { quoteIdent } from "../../sql/identifier.ts";
import type { ColumnPlace } from "../place.ts";
import type { RowMembers } from "../set-aside-column.ts";

/** Columns of an archive without a key: the digest of a row's other columns, and its number among rows with the same one. */
const rowDigest = "_zanith_row";
const rowNumber = "_zanith_nth";

/** The rows of a table `t` with what tells them apart in the archive. */
export interface ArchivedRows {
  /** the select list that makes the archive */
  readonly columns: string;
  /** the names of its columns; the last one is the value, and no other is ever NULL */
  readonly names: readonly string[];
  /** a from-list with `x` for rows of the table (their ctid is `x._zanith_at`) joined to `a`, rows of the archive */
  readonly matched: (table: string, archive: string) => string;
  /** a from-list with the archive's rows `a` and, where there is one, the table's row `x` */
  readonly fromArchive: (table: string, archive: string) => string;
  /** the same the other way round: the table's rows `x` and, where there is one, the archive's row `a` */
  readonly fromTable: (table: string, archive: string) => string;
}

/**
 * Rows are told apart by the primary key. Without one the contents of all other columns tell a row; rows that are the same
 * in all of them are numbered, and which of them gets which value makes no difference that anybody could see.
 */
export function archivedRows(place: ColumnPlace, { key, witness, asText }: RowMembers): ArchivedRows {
  const column = quoteIdent(place.name);
  const value = asText ? `t.${column}::pg_catalog.text as ${column}` : `t.${column}`;
  if (key !== undefined) {
    const on = key.map((name) => `a.${quoteIdent(name)} = x.${quoteIdent(name)}`).join(" and ");
    const rows = (table: string): string =>
      `(select t.ctid as _zanith_at, t.tableoid as _zanith_of, ${key.map((name) => `t.${quoteIdent(name)}`).join(", ")} from ${table} t) x`;
    return {
      columns: [...key.map((name) => `t.${quoteIdent(name)}`), value].join(", "),
      names: [...key, place.name],
      matched: (table, archive) => `${rows(table)} join ${archive} a on ${on}`,
      fromArchive: (table, archive) => `${archive} a left join ${rows(table)} on ${on}`,
      fromTable: (table, archive) => `${rows(table)} left join ${archive} a on ${on}`,
    };
  }
  const digest = `pg_catalog.md5(row(${(witness ?? []).map((name) => `t.${quoteIdent(name)}`).join(", ")})::pg_catalog.text)`;
  const number = `pg_catalog.row_number() over (partition by ${digest})`;
  const on = `a.${rowDigest} = x.${rowDigest} and a.${rowNumber} = x.${rowNumber}`;
  const rows = (table: string): string =>
    `(select t.ctid as _zanith_at, t.tableoid as _zanith_of, ${digest} as ${rowDigest}, ${number} as ${rowNumber} from ${table} t) x`;
  return {
    columns: `${digest} as ${rowDigest}, ${number} as ${rowNumber}, ${value}`,
    names: [rowDigest, rowNumber, place.name],
    matched: (table, archive) => `${rows(table)} join ${archive} a on ${on}`,
    fromArchive: (table, archive) => `${archive} a left join ${rows(table)} on ${on}`,
    fromTable: (table, archive) => `${rows(table)} left join ${archive} a on ${on}`,
  };
}

/** Whether every archived row has to be found again: without a key a changed row cannot be told from a new one. */
export function mustMatch({ key }: RowMembers): boolean {
  return key === undefined;
}
