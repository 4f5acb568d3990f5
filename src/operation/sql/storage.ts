/** The SQL of storage parameters, and of how single columns are stored and analysed. */
import type { Column, Table } from "../../model/object.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type LockLevel, type Statement, statement } from "../../sql/statement.ts";
import { type ColumnPlace, tableOf } from "../place.ts";

type Options = readonly string[] | undefined;

function nameOf(option: string): string {
  const at = option.indexOf("=");
  return at < 0 ? option : option.slice(0, at);
}

/** `name = 'value'` each, as it stands after WITH and SET; `space` is what comes before a dot. */
export function optionList(options: readonly string[], space?: string): string[] {
  return options.map((option) => {
    const name = nameOf(option);
    const value = option === name ? "" : ` = ${quoteLiteral(option.slice(name.length + 1))}`;
    return `${space === undefined ? "" : `${space}.`}${quoteIdent(name)}${value}`;
  });
}

/** The options of a table as they stand after WITH in CREATE TABLE. */
export function tableOptionList(table: Pick<Table, "options" | "toastOptions">): string[] {
  return [...optionList(table.options ?? []), ...optionList(table.toastOptions ?? [], "toast")];
}

/** `reset (…)` and `set (…)`: all that stay are set again, so that they stand in the order that is wanted. */
export function optionActions(lists: readonly { from: Options; to: Options; space?: string }[]): string[] {
  const gone: string[] = [];
  const set: string[] = [];
  for (const { from = [], to = [], space } of lists) {
    if (from.join("\0") === to.join("\0")) continue;
    const names = new Set(to.map(nameOf));
    const names0 = from.map(nameOf).filter((name) => !names.has(name));
    gone.push(...optionList(names0, space));
    set.push(...optionList(to, space));
  }
  return [
    ...(gone.length > 0 ? [`reset (${gone.join(", ")})`] : []),
    ...(set.length > 0 ? [`set (${set.join(", ")})`] : []),
  ];
}

/** Whether an option named in one of the lists needs ACCESS EXCLUSIVE (user_catalog_table alone does, 14 to 18). */
export function optionLock(...lists: Options[]): LockLevel {
  return lists.some((list) => list?.some((option) => nameOf(option) === "user_catalog_table"))
    ? "access exclusive"
    : "share update exclusive";
}

type StorageMembers = Pick<Column, "storage" | "compression">;
type StatisticsMembers = Pick<Column, "statistics" | "options">;

const alter = (place: ColumnPlace): string => `alter column ${quoteIdent(place.name)}`;

/** The actions that change how a column's values are stored. `usual` says what SET STORAGE takes for the type's default. */
export function storageActions(
  place: ColumnPlace,
  from: StorageMembers,
  to: StorageMembers,
  usual: string = "default",
): string[] {
  return [
    ...(from.storage === to.storage ? [] : [`${alter(place)} set storage ${to.storage ?? usual}`]),
    ...(from.compression === to.compression ? [] : [`${alter(place)} set compression ${to.compression ?? "default"}`]),
  ];
}

/** The actions that change what ANALYZE gathers about a column. */
export function statisticsActions(place: ColumnPlace, from: StatisticsMembers, to: StatisticsMembers): string[] {
  return [
    ...(from.statistics === to.statistics ? [] : [`${alter(place)} set statistics ${to.statistics ?? -1}`]),
    ...optionActions([{ from: from.options, to: to.options }]).map((action) => `${alter(place)} ${action}`),
  ];
}

/** ALTER TABLE for columns that have just been made: none where all of it is the default. */
export function columnStorageStatements(columns: readonly Column[]): Statement[] {
  const first = columns[0];
  if (first === undefined) return [];
  const actions = columns.flatMap((column) => [
    ...storageActions(column, {}, column),
    ...statisticsActions(column, {}, column),
  ]);
  if (actions.length === 0) return [];
  return [statement(`alter table only ${tableOf(first)} ${actions.join(", ")}`, "access exclusive", [tableOf(first)])];
}
