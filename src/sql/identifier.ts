/** Quoting of names for SQL. The only place where a name becomes SQL text; dots in names are data, never separators. */
import { toolError } from "../base/errors.ts";

/**
 * Names that need no quotes anywhere: lower case, and not a word that Postgres 14–18 reserves or lets stand for a
 * type or function only (pg_get_keywords() with catcode R, T or C).
 */
const plain = /^[a-z_][a-z0-9_]*$/;

const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char
character check coalesce collate collation column concurrently constraint create cross current_catalog current_date
current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else
end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in
initially inner inout int integer intersect interval into is isnull join json json_array json_arrayagg json_exists
json_object json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading least left like
limit localtime localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric offset on
only or order out outer overlaps overlay placing position precision primary real references returning right row select
session_user setof similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing
treat trim true union unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat
xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`.split(/\s+/),
);

/** Longest identifier the server keeps, in bytes (NAMEDATALEN - 1); it cuts longer ones without an error. */
export const maxIdentifierBytes = 63;

/** A name as it stands in SQL: bare where that is safe, else in double quotes. Refuses NUL and lone surrogates. */
export function quoteIdent(name: string): string {
  if (plain.test(name) && !reserved.has(name)) return name;
  if (name.includes("\0") || !name.isWellFormed() || name === "") {
    throw toolError({
      code: "name_unknown",
      what: `${JSON.stringify(name)} cannot be the name of a Postgres object`,
      why: "a name is not empty and holds no NUL character and no half of a surrogate pair",
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** `schema.name`, both quoted as needed. */
export function qualified(schema: string, name: string): string {
  return `${quoteIdent(schema)}.${quoteIdent(name)}`;
}

/** A list of names for use between parentheses. */
export function quoteList(names: readonly string[]): string {
  return names.map(quoteIdent).join(", ");
}

/** Cuts a generated name to 63 bytes at a character border, as the server would, so that what we record is what exists. */
export function cutIdentifier(name: string, maxBytes = maxIdentifierBytes): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  let bytes = 0;
  let kept = "";
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}

/** A generated name of the shape `<stem>_<suffix>` within 63 bytes: the stem gives way, the suffix stays whole. */
export function generatedName(stem: string, suffix: string): string {
  return `${cutIdentifier(stem, maxIdentifierBytes - Buffer.byteLength(suffix) - 1)}_${suffix}`;
}

/**
 * `<table>_<column>_<label>` as the server makes it when that name is free: the longer of the two names gives way byte by
 * byte until the whole fits 63 bytes, then each is cut at a character border (makeObjectName in indexcmds.c, the same in
 * 14 to 18).
 */
export function serverMadeName(table: string, column: string, label: string): string {
  const available = maxIdentifierBytes - Buffer.byteLength(`__${label}`);
  let tableBytes = Buffer.byteLength(table);
  let columnBytes = Buffer.byteLength(column);
  while (tableBytes + columnBytes > available) {
    if (tableBytes > columnBytes) tableBytes--;
    else columnBytes--;
  }
  return `${cutIdentifier(table, tableBytes)}_${cutIdentifier(column, columnBytes)}_${label}`;
}

/** The name that serial and identity columns give their sequence when it is free. */
export function generatedSequenceName(table: string, column: string): string {
  return serverMadeName(table, column, "seq");
}
