/** What tests of archives look at: a database as pg_dump and its rows show it, without what the tool keeps there itself. */

import type { TestDatabase } from "./database.ts";
import { pgDump } from "./pg-dump.ts";
import { withoutColumnOrder } from "./scenario.ts";

/** A database as two observers see it. */
export interface Photograph {
  readonly schema: readonly string[];
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

/** The schema as pg_dump prints it, lines sorted, and every row of every table; the order of columns does not count. */
export async function photograph(database: TestDatabase): Promise<Photograph> {
  const dump = await pgDump(database.url, ["--exclude-schema=audit", "--exclude-schema=_zanith_shadow"]);
  return { schema: withoutColumnOrder(dump).split("\n").sort(), rows: await allRows(database) };
}

/** Every row of every table outside the tool's schemas as text, sorted. */
export async function allRows(database: TestDatabase): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables = await database.query(`
    select n.nspname, c.relname,
      array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attname) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'audit', '_zanith_shadow')
    order by 1, 2`);
  const rows: Record<string, readonly string[]> = {};
  for (const { nspname, relname, columns } of tables) {
    const name = `${quoted(nspname)}.${quoted(relname)}`;
    const values = (columns as string[]).map((column) => `t.${quoted(column)}::text`);
    const found = await database.query(`select row(${values.join(", ")})::text as row from ${name} t`);
    rows[name] = found.map(({ row }) => String(row)).sort();
  }
  return rows;
}

function quoted(name: unknown): string {
  return `"${String(name).replaceAll('"', '""')}"`;
}
