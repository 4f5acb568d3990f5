/**
 * The rows of an artifact as text for other programs: CSV with RFC 4180 quoting, one JSON array, or JSON lines. The server
 * makes the lines and sends as many at a time as fit a fixed room, so that memory does not grow with the table. Writes nothing.
 */
import type { Session } from "../pg/session.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { quoteLiteral } from "../sql/literal.ts";

export const exportFormats = ["csv", "json", "jsonl"] as const;

export type ExportFormat = (typeof exportFormats)[number];

export interface ExportColumn {
  /** what it is called in the table */
  readonly name: string;
  /** what it is called in the export */
  readonly as: string;
}

export interface ExportSource {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly ExportColumn[];
}

export interface ExportChunk {
  readonly text: string;
  readonly rows: number;
}

/** Characters that one answer of the server shall have, about. */
const wantedLength = 1 << 20;
/** Most pages, and most rows, of one answer. */
const maxPages = 1_024;
const maxRows = 5_000;
/** A page with more than this in its TOAST table, in bytes, is read row by row: all of its rows could be too much at once. */
const heavyPage = 1 << 20;
/** Most arguments of a function call (FUNC_MAX_ARGS is 100 in every build). */
const maxArguments = 90;

/** Types whose text never holds a quote, a comma or a line break (their output functions, the same in 14 to 18). */
const plainTypes = new Set([
  "int2",
  "int4",
  "int8",
  "float4",
  "float8",
  "numeric",
  "bool",
  "date",
  "time",
  "timetz",
  "timestamp",
]);
const quotesNothing = (type: string): boolean => plainTypes.has(type) || ["timestamptz", "uuid", "oid"].includes(type);

/**
 * The export in pieces. The transaction has to be one snapshot, with its settings fixed.
 * @throws ToolError when the table or a column is not there
 */
export async function* exportRows(
  tx: Session,
  source: ExportSource,
  format: ExportFormat,
): AsyncGenerator<ExportChunk> {
  const line = await lineOf(tx, source, format);
  if (format === "csv") yield { text: `${source.columns.map(({ as }) => csvCell(as)).join(",")}\n`, rows: 0 };
  let first = true;
  for await (const { text, rows } of linesOf(tx, source, line)) {
    if (format !== "json") yield { text, rows };
    else {
      // The lines come with their ends; those of an array are ended by a comma, but for the last one.
      const body = text.slice(0, -1).replaceAll("\n", ",\n");
      yield { text: `${first ? "[\n" : ",\n"}${body}`, rows };
      first = false;
    }
  }
  if (format === "json") yield { text: first ? "[]\n" : "\n]\n", rows: 0 };
}

/** A name as a CSV cell. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) || text === "" ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The expression for the line of a row `t`. */
async function lineOf(tx: Session, { schema, table, columns }: ExportSource, format: ExportFormat): Promise<string> {
  if (format !== "csv") {
    const list = columns.map(({ name, as }) => `t.${quoteIdent(name)} as ${quoteIdent(as)}`).join(", ");
    // A line break within a value is \n in JSON; one between the words of a json column is only space. So a line is a row.
    const json = `(select pg_catalog.row_to_json(r)::pg_catalog.text from (select ${list}) r)`;
    return `pg_catalog.translate(${json}, E'\\n\\r', '  ') || E'\\n'`;
  }
  const types = await columnTypes(tx, schema, table);
  const cells = columns.map(({ name }, at) => {
    const value = `t.${quoteIdent(name)}`;
    const cell = quotesNothing(types.get(name) ?? "")
      ? value
      : `'"' || pg_catalog.replace(${value}::pg_catalog.text, '"', '""') || '"'`;
    return at === 0 ? cell : `',', ${cell}`;
  });
  return concat([...cells, "E'\\n'"]);
}

/** One text of many: NULL counts as nothing, which is what an empty cell without quotes stands for. */
function concat(parts: readonly string[]): string {
  const size = maxArguments / 2;
  if (parts.length <= size) return `pg_catalog.concat(${parts.join(", ")})`;
  const groups: string[] = [];
  for (let at = 0; at < parts.length; at += size) groups.push(concat(parts.slice(at, at + size)));
  return concat(groups);
}

async function columnTypes(tx: Session, schema: string, table: string): Promise<Map<string, string>> {
  const rows = await tx.rows(
    `select a.attname::text, t.typname::text
     from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
     where a.attrelid = pg_catalog.to_regclass($1) and a.attnum > 0 and not a.attisdropped
       and t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
     order by a.attnum`,
    [qualified(schema, table)],
  );
  return new Map(rows.map(([name, type]) => [name ?? "", type ?? ""]));
}

/** Lines of the table and, where it is partitioned, of its partitions. */
async function* linesOf(tx: Session, { schema, table }: ExportSource, line: string): AsyncGenerator<ExportChunk> {
  const parts = await tx.rows(
    `select pg_catalog.format('%I.%I', n.nspname, c.relname), (pg_catalog.pg_relation_size(c.oid) / b.size)::text,
       coalesce(pg_catalog.pg_relation_size(nullif(c.reltoastrelid, 0)), 0)::text
     from (select $1::pg_catalog.regclass::pg_catalog.oid as relid
       union select p.relid from pg_catalog.pg_partition_tree($1::pg_catalog.regclass) p) x
     join pg_catalog.pg_class c on c.oid = x.relid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     cross join (select pg_catalog.current_setting('block_size')::pg_catalog.int8 as size) b
     where c.relkind = 'r'
     order by 1`,
    [qualified(schema, table)],
  );
  for (const [name, pages, toast] of parts) {
    const heavy = Number(toast) / Math.max(1, Number(pages)) > heavyPage;
    yield* heavy ? byRows(tx, name ?? "", line) : byPages(tx, name ?? "", line, Number(pages));
  }
}

/**
 * Pages at a time: a scan of a range of row addresses (14 and newer), added up to one text by the server, which makes the
 * next one while this one is written.
 */
async function* byPages(tx: Session, table: string, line: string, pages: number): AsyncGenerator<ExportChunk> {
  const ask = (from: number, to: number): ReturnType<Session["rows"]> =>
    tx.rows(
      `select pg_catalog.count(*)::text, pg_catalog.string_agg(${line}, '') from only ${table} t
       where t.ctid >= ${quoteLiteral(`(${from},0)`)}::pg_catalog.tid${
         // The last range is open; rows of this snapshot are in the pages it was told of.
         to >= pages ? "" : ` and t.ctid < ${quoteLiteral(`(${to},0)`)}::pg_catalog.tid`
       }`,
    );
  let asked: { readonly size: number; readonly to: number; readonly answer: ReturnType<Session["rows"]> } | undefined;
  let size = 1;
  const next = (from: number): typeof asked => {
    if (from >= pages) return undefined;
    const answer = ask(from, from + size);
    // Whoever stops reading does not hear what became of it.
    answer.catch(() => {});
    return { size, to: from + size, answer };
  };
  asked = next(0);
  while (asked !== undefined) {
    const [row] = await asked.answer;
    const text = row?.[1] ?? "";
    const each = Math.max(1, text.length / asked.size);
    size = Math.max(1, Math.min(maxPages, asked.size * 4, Math.floor(wantedLength / each)));
    asked = next(asked.to);
    if (text !== "") yield { text, rows: Number(row?.[0]) };
  }
}

/** Rows at a time, through a cursor: for rows so wide that those of one page together would be too much. */
async function* byRows(tx: Session, table: string, line: string): AsyncGenerator<ExportChunk> {
  await tx.execute(`declare _zanith_export no scroll cursor for select ${line} from only ${table} t`);
  let count = 1;
  for (;;) {
    const rows = await tx.rows(`fetch forward ${count} from _zanith_export`);
    if (rows.length === 0) break;
    const text = rows.map(([one]) => one ?? "").join("");
    yield { text, rows: rows.length };
    count = Math.max(1, Math.min(maxRows, count * 4, Math.floor(wantedLength / (text.length / rows.length))));
  }
  await tx.execute("close _zanith_export");
}
