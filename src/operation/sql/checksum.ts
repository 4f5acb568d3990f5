/**
 * The count and the sum that tell whether rows are still what they were. They do not depend on the order of the rows;
 * session settings that change how values print are fixed by who runs the query.
 */
import { quoteIdent } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";

/**
 * Name of the algorithm, the first part of every checksum: the 64-bit hash of each row's text, summed up. Hash partitions
 * are kept by the same function over pg_upgrade, so it gives the same numbers on every server from 11; md5 in its place
 * takes twice as long.
 */
export const checksumAlgorithm = "v1:hash64";

/**
 * A query for one row: the number of rows, and the sum of their hashes. Equal rows count twice (a sum, not an exclusive or);
 * NULL and an empty text differ (the text of a row, not a concatenation); the collation C keeps the locale out. Names, types
 * and order of the columns are part of the sum, so that a changed type never passes for unchanged values. One pass that
 * several processes share.
 * @param table as SQL names it
 */
export function checksumQuery(table: string): string {
  return queryOf(table, 'pg_catalog.hashtextextended((t.*)::pg_catalog.text collate "C", 0)');
}

/** Name of the algorithm for archives of one column: its cells are hashed one by one, which takes a third of the time. */
export const cellChecksumAlgorithm = "v2:hash64";

/**
 * The same for an archive whose columns are known, all but the last of which are never NULL: the hash of a cell is the seed
 * for the next one, so that a value which moves to another row changes the sum. It answers with its algorithm as well.
 * @param table as SQL names it
 */
export function cellChecksumQuery(table: string, columns: readonly string[]): string {
  const [last = "", ...others] = [...columns].reverse();
  const hash = (name: string, seed: string): string =>
    `pg_catalog.hashtextextended(t.${quoteIdent(name)}::pg_catalog.text collate "C", ${seed})`;
  const row = others.reverse().reduce((seed, name) => hash(name, seed), "0");
  // A NULL is told from every text by another hash of what comes before it.
  const cells = `coalesce(${hash(last, row)}, pg_catalog.hashint8extended(${row}, 1))`;
  return queryOf(table, cells, `, ${quoteLiteral(cellChecksumAlgorithm)}`);
}

function queryOf(table: string, rowHash: string, also = ""): string {
  const shape = `select pg_catalog.hashtextextended(pg_catalog.string_agg(
    pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum) collate "C", 1) as h
  from pg_catalog.pg_attribute a
  where a.attrelid = ${quoteLiteral(table)}::pg_catalog.regclass and a.attnum > 0 and not a.attisdropped`;
  return `select r.n, r.h + s.h${also}
from (${shape}) s
cross join (
  select pg_catalog.count(*) as n,
    coalesce(pg_catalog.sum(${rowHash}), 0) as h
  from only ${table} t
) r`;
}
