/**
 * Whether a default is computed once for all rows or once for each. Decides on the text alone and conservatively: what is
 * not known to be free of side effects and the same for every row counts as volatile.
 */
import { castPattern } from "../../sql/cast.ts";

/**
 * Functions of pg_catalog without a volatile form (but for that of timezone in 14), and the words that deparsed expressions write like functions. A
 * default made of them is evaluated once by ADD COLUMN (since 11) and needs no new heap.
 */
export const steadyFunctions: ReadonlySet<string> = new Set(
  `abs array_append array_fill array_length array_to_json array_to_string ascii btrim ceil ceiling char_length character_length
chr concat concat_ws current_database current_schema current_setting date_part date_trunc decode encode extract floor format
initcap int4range int8range json_build_array json_build_object json_object jsonb_build_array jsonb_build_object jsonb_object
jsonb_set left length localtime localtimestamp lower lpad ltrim make_date make_interval make_time make_timestamp
make_timestamptz md5 mod now numrange octet_length pg_current_xact_id pi position power quote_ident quote_literal
repeat replace reverse right round row_to_json rpad rtrim sha256 sign split_part sqrt statement_timestamp strpos substr
substring timezone to_char to_date to_json to_jsonb to_number to_timestamp transaction_timestamp translate trunc
tsrange tstzrange daterange txid_current upper version`.split(/\s+/),
);

/** Words that stand before an opening parenthesis without being functions. */
const syntaxWords = new Set(
  `and any array as between case cast coalesce current_time current_timestamp else end greatest in is least like not null
nullif numeric or overlay row similar then trim using when varchar char character varying bit decimal interval time
timestamp`.split(/\s+/),
);

const stringLiteral = /(?:\b[ebnx]|\bu&)?'(?:[^']|'')*'/gi;
const escapeLiteral = /\be'(?:[^'\\]|\\.|'')*'/gi;
/** Moving a time of day to another zone goes by the clock of the moment (volatile in 14, timezone(text, timetz)). */
const zonedTime = /\btime (?:\(\d\) )?with time zone\b|\btimetz\b|\bcurrent_time\b/i;
const zoneChange = /\btimezone\s*\(|\bat time zone\b/i;
const call = /((?:(?:"(?:[^"]|"")*"|[a-z_][\w$]*)\s*\.\s*)*)("(?:[^"]|"")*"|[a-z_][\w$]*)\s*\(/gi;

/** Whether ADD COLUMN with this default has to write every row: a volatile function, or one that is not known. */
export function isVolatileDefault(expression: string): boolean {
  const words = expression.replace(escapeLiteral, "''").replace(stringLiteral, "''");
  if (zoneChange.test(words) && zonedTime.test(words)) return true;
  const bare = words.replace(castPattern, "");
  for (const [, path = "", name = ""] of bare.matchAll(call)) {
    const lowered = name.startsWith('"') ? name.slice(1, -1) : name.toLowerCase();
    const schema = path.replaceAll(/[\s".]/g, "").toLowerCase();
    if (schema !== "" && schema !== "pg_catalog") return true;
    if (!steadyFunctions.has(lowered) && !(schema === "" && syntaxWords.has(lowered))) return true;
  }
  return false;
}

/** Whether the default takes its values from a sequence. */
export function isSequenceDefault(expression: string): boolean {
  return /\bnextval\s*\(/i.test(expression.replace(stringLiteral, "''"));
}
