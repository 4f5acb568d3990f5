/**
 * Reads the comment `-- zanith:renamed-from old` in SQL sources: on a line before CREATE TABLE it is about the table, at the
 * end of a column's line about that column. One that is about neither is an error: it would be lost in silence.
 */
import type { SaidRename } from "../diff/said-renames.ts";
import type { ParsedStatement } from "./postgres-parser.ts";
import { type Script, scriptError } from "./script.ts";

const marker = /--[ \t]*zanith:renamed-from\b([^\n]*)/g;
const advice = "write -- zanith:renamed-from old_name before create table, or at the end of the line of a column";

/**
 * The renames said about a statement: in its own text and in what stands between it and the statement before, which ends at
 * `gap`. @throws ToolError sql_invalid with the place
 */
export function renamesSaidIn(script: Script, gap: number, statement: ParsedStatement): SaidRename[] {
  const before = script.text.slice(gap, statement.start);
  if (!before.includes("zanith:renamed-from") && !statement.text.includes("zanith:renamed-from")) return [];
  const table = tableOf(statement);
  const found: SaidRename[] = [];
  for (const mark of before.matchAll(marker)) {
    const at = gap + mark.index;
    const alone = /(^|\n)[ \t]*$/.test(script.text.slice(0, at));
    const why = "a comment that says a rename stands alone on a line before CREATE TABLE";
    if (table === undefined || !alone) throw scriptError(script, at, why, advice);
    found.push({ ...table.place, from: oldName(script, at, mark[1] ?? "") });
  }
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
