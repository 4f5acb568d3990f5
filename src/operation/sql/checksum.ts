/**
 * The count and the sum that tell whether rows are still what they were. They do not depend on the order of the rows;
 * session settings that change how values print are fixed by who runs the query.
 */
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
  const shape = `select pg_catalog.hashtextextended(pg_catalog.string_agg(
    pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum) collate "C", 1) as h
  from pg_catalog.pg_attribute a
  where a.attrelid = ${quoteLiteral(table)}::pg_catalog.regclass and a.attnum > 0 and not a.attisdropped`;
  return `select r.n, r.h + s.h
from (${shape}) s
cross join (
  select pg_catalog.count(*) as n,
    coalesce(pg_catalog.sum(pg_catalog.hashtextextended((t.*)::pg_catalog.text collate "C", 0)), 0) as h
  from only ${table} t
) r`;
}
