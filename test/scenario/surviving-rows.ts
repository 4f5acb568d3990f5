/** What of the rows in a database must outlive a migration: which columns both schemas have, and their values as text. */
import type { Row, TestDatabase } from "../support/database.ts";

/** A column on both sides of a migration, by its names there. */
export interface SurvivingColumn {
  /** its values are computed: it may be dropped and made again */
  readonly generated: boolean;
  readonly from: { readonly table: string; readonly column: string };
  readonly to: { readonly table: string; readonly column: string };
}

const columnsQuery = `
  select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) as "table",
    pg_catalog.quote_ident(a.attname) as "column", a.attgenerated as generated,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid) as expression
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind = 'r'
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated <> ''
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and a.attnum > 0 and not a.attisdropped
  order by 1, a.attname`;

/** The columns of `from` that are in `to` as well, under their new names where renames say so, and hold the same there. */
export async function survivingColumns(
  from: TestDatabase,
  to: TestDatabase,
  renames: readonly string[],
): Promise<readonly SurvivingColumn[]> {
  const target = new Map((await to.query(columnsQuery)).map((row) => [placeOf(row), row]));
  const surviving: SurvivingColumn[] = [];
  for (const row of await from.query(columnsQuery)) {
    const old = { table: String(row["table"]), column: String(row["column"]) };
    const renamed = newName(old, renames);
    const now = target.get(`${renamed.table}.${renamed.column}`);
    if (now !== undefined && holdsTheSame(row, now))
      surviving.push({ generated: now["generated"] !== "", from: old, to: renamed });
  }
  return surviving;
}

/** Values are computed anew when a column is generated after the migration in another way, or was never stored. */
function holdsTheSame(from: Row, to: Row): boolean {
  if (to["generated"] === "") return from["generated"] !== "v";
  return from["generated"] === to["generated"] && from["expression"] === to["expression"];
}

function placeOf(row: Row): string {
  return `${row["table"]}.${row["column"]}`;
}

/** Reads `old=new` pairs of schemas and tables and `old.column=new.column` pairs, those of tables in the schema public. */
function newName(old: SurvivingColumn["from"], renames: readonly string[]): SurvivingColumn["to"] {
  let { table, column } = old;
  for (const rename of renames) {
    const [[oldTable, oldColumn], [newTable, newColumn]] = rename.split("=").map((side) => side.split(".")) as [
      [string, string?],
      [string, string?],
    ];
    if (oldColumn === undefined && old.table.startsWith(`${oldTable}.`)) {
      table = `${newTable}${old.table.slice(oldTable.length)}`;
    }
    if (`public.${oldTable}` !== old.table) continue;
    if (oldColumn === undefined) table = `public.${newTable}`;
    else if (oldColumn === old.column && newColumn !== undefined) column = newColumn;
  }
  return { table, column };
}

/** The rows of those columns as sorted text, by the table's and the columns' names in `to`. */
export async function rowsOf(
  database: TestDatabase,
  columns: readonly SurvivingColumn[],
  side: "from" | "to",
): Promise<Readonly<Record<string, readonly string[]>>> {
  const byTable = Map.groupBy(columns, (column) => column[side].table);
  const rows: Record<string, readonly string[]> = {};
  for (const [table, members] of byTable) {
    const names = members.map((member) => member.to.column);
    const values = members.map((member) => `${member[side].column}::text`).join(", ");
    const found = await database.query(`select pg_catalog.to_json(array[${values}])::text as "row" from only ${table}`);
    rows[`${members[0]?.to.table} (${names.join(", ")})`] = found.map((row) => String(row["row"])).sort();
  }
  return rows;
}

/** The last value of every sequence, by its name. */
export async function sequenceValues(database: TestDatabase): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query(`
    select pg_catalog.quote_ident(schemaname) || '.' || pg_catalog.quote_ident(sequencename) as name,
      coalesce(last_value::text, 'not used') as value
    from pg_catalog.pg_sequences order by 1`);
  return new Map(rows.map((row) => [String(row["name"]), String(row["value"])]));
}
