/**
 * Reads the comment `-- zanith:renamed-from old` in SQL sources: on a line before CREATE TABLE, TYPE, DOMAIN or SCHEMA it
 * is about what that makes, at the end of a line about the column or the value of an enum that the line begins with. One that
 * is about nothing is an error: it would be lost in silence.
 */
import type { SaidRename } from "../diff/said-renames.ts";
import type { ParsedStatement } from "./postgres-parser.ts";
import { type Script, scriptError } from "./script.ts";

const marker = /--[ \t]*zanith:renamed-from\b([^\n]*)/g;
const advice =
  "write -- zanith:renamed-from old_name before create table, type, domain or schema, or at the end of the line of a column or a value";

/**
 * The renames said about a statement: in its own text and in what stands between it and the statement before, which ends at
 * `gap`. @throws ToolError sql_invalid with the place
 */
export function renamesSaidIn(script: Script, gap: number, statement: ParsedStatement): SaidRename[] {
  const before = script.text.slice(gap, statement.start);
  if (!before.includes("zanith:renamed-from") && !statement.text.includes("zanith:renamed-from")) return [];
  const table = tableOf(statement);
  const other = table === undefined ? objectOf(statement) : undefined;
  const found: SaidRename[] = [];
  for (const mark of before.matchAll(marker)) {
    const at = gap + mark.index;
    const alone = /(^|\n)[ \t]*$/.test(script.text.slice(0, at));
    const why = "a comment that says a rename stands alone on a line before CREATE TABLE, TYPE, DOMAIN or SCHEMA";
    const place = table?.place ?? other?.place;
    if (place === undefined || !alone) throw scriptError(script, at, why, advice);
    found.push({ ...place, from: oldName(script, at, mark[1] ?? "") });
  }
  if (other !== undefined) return [...found, ...valuesSaidIn(script, statement, other)];
  if (table === undefined) return found;
  for (const mark of statement.text.matchAll(marker)) {
    const line = statement.text.slice(statement.text.lastIndexOf("\n", mark.index) + 1, mark.index);
    const word = /^\s*("(?:[^"]|"")+"|[^\s"(,]+)/.exec(line)?.[1];
    const column = word === undefined ? undefined : identifier(word);
    const at = statement.start + mark.index;
    if (column === undefined || !table.columns.has(column))
      throw scriptError(script, at, "no column begins on the line of this comment", advice);
    found.push({ ...table.place, column, from: oldName(script, at, mark[1] ?? "") });
  }
  return found;
}

/** The renames of values that are said within CREATE TYPE … AS ENUM. */
function valuesSaidIn(script: Script, statement: ParsedStatement, { place, values }: NamedObject): SaidRename[] {
  if (values.size === 0) return [];
  return [...statement.text.matchAll(marker)].map((mark) => {
    const line = statement.text.slice(statement.text.lastIndexOf("\n", mark.index) + 1, mark.index);
    const value = /^\s*'((?:[^']|'')*)'/.exec(line)?.[1]?.replaceAll("''", "'");
    const at = statement.start + mark.index;
    if (value === undefined || !values.has(value))
      throw scriptError(script, at, "no value begins on the line of this comment", advice);
    const said = (mark[1] ?? "").trim();
    const quoted = /^'((?:[^']|'')+)'$/.exec(said)?.[1];
    const from = quoted === undefined ? said : quoted.replaceAll("''", "'");
    if (from === "") throw scriptError(script, at, "it does not say one name", advice);
    return { ...place, of: "value", value, from };
  });
}

/** Refuses comments after the last statement. @throws ToolError sql_invalid with the place */
export function refuseRenamesAfter(script: Script, gap: number): void {
  const [mark] = script.text.slice(gap).matchAll(marker);
  if (mark) throw scriptError(script, gap + mark.index, "no statement follows that this rename could be about", advice);
}

interface NamedTable {
  readonly place: { readonly schema: string; readonly table: string };
  readonly columns: ReadonlySet<string>;
}

function tableOf({ node }: ParsedStatement): NamedTable | undefined {
  if (node.type !== "CreateStmt") return undefined;
  const relation = node.fields["relation"] as { readonly schemaname?: string; readonly relname: string };
  const elements = (node.fields["tableElts"] ?? []) as readonly { readonly ColumnDef?: { readonly colname: string } }[];
  return {
    place: { schema: relation.schemaname ?? "public", table: relation.relname },
    columns: new Set(elements.flatMap(({ ColumnDef: column }) => (column ? [column.colname] : []))),
  };
}

interface NamedObject {
  readonly place: { readonly of: "schema" | "type"; readonly schema: string; readonly name: string };
  readonly values: ReadonlySet<string>;
}

type NamePart = { readonly String?: { readonly sval?: string } };

/** The schema or type a statement makes. */
function objectOf({ node }: ParsedStatement): NamedObject | undefined {
  const { type, fields } = node;
  if (type === "CreateSchemaStmt") {
    const name = fields["schemaname"];
    return typeof name === "string" ? { place: { of: "schema", schema: name, name }, values: new Set() } : undefined;
  }
  if (type === "CompositeTypeStmt") {
    const { schemaname = "public", relname } = fields["typevar"] as { schemaname?: string; relname: string };
    return { place: { of: "type", schema: schemaname, name: relname }, values: new Set() };
  }
  const parts = { CreateEnumStmt: "typeName", CreateRangeStmt: "typeName", CreateDomainStmt: "domainname" }[type];
  if (parts === undefined) return undefined;
  const path = wordsOf(fields[parts]);
  const name = path[path.length - 1];
  if (name === undefined) return undefined;
  const schema = path.length > 1 ? (path[path.length - 2] ?? "public") : "public";
  return { place: { of: "type", schema, name }, values: new Set(wordsOf(fields["vals"])) };
}

function wordsOf(list: unknown): string[] {
  return ((list ?? []) as readonly NamePart[]).flatMap((part) => part.String?.sval ?? []);
}

function oldName(script: Script, at: number, text: string): string {
  const name = text.trim();
  if (!/^("(?:[^"]|"")+"|[^\s".;,]+)$/.test(name)) throw scriptError(script, at, "it does not say one name", advice);
  return identifier(name);
}

/** A name as SQL reads it: folded to lower case unless it is quoted. */
function identifier(text: string): string {
  return text.startsWith('"')
    ? text.slice(1, -1).replaceAll('""', '"')
    : text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
