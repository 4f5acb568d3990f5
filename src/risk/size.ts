/** What the size of a live table does to the risk of an operation, and how that is said. Reads facts, asks no database. */
import { plural } from "../base/text.ts";
import { type ObjectId, tableId } from "../model/kinds.ts";
import type { Facts, TableFacts } from "./facts.ts";
import { type Finding, finding, type Level, type ReasonCode } from "./levels.ts";

/** A table above this many bytes is not rewritten under ACCESS EXCLUSIVE without the plan being blocked. */
export const rewriteLimitBytes = 1024 ** 3;

const units = ["bytes", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes as pg_size_pretty would say them, to one decimal place from kB on. */
export function inBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** The figures of a table in words, or which of them are not known. */
export function tableInFigures(facts: Facts, id: ObjectId): string {
  if (!facts.live) return "row count and size are not known without a live database";
  const table: TableFacts = facts.table(id) ?? {};
  const rows = table.rows === undefined ? "row count not known: never analysed" : `about ${plural(table.rows, "row")}`;
  const size = table.bytes === undefined ? "size not known" : inBytes(table.bytes);
  return `${rows}, ${size}`;
}

/** A finding about work that grows with the table, with the figures of that table. */
export function sizedFinding(
  facts: Facts,
  table: { readonly schema: string; readonly table: string },
  level: Level,
  reason: ReasonCode | undefined,
  message: string,
): Finding {
  return finding(level, reason, `${message} (${tableInFigures(facts, tableId(table.schema, table.table))})`);
}

/**
 * The finding for a new heap written under ACCESS EXCLUSIVE: at the given level, or blocked when the table is known to be
 * larger than `rewriteLimitBytes`.
 */
export function rewriteFinding(
  facts: Facts,
  table: { readonly schema: string; readonly table: string },
  level: Level,
  message: string,
): Finding {
  const bytes = facts.table(tableId(table.schema, table.table))?.bytes;
  const tooLarge = facts.live && bytes !== undefined && bytes > rewriteLimitBytes;
  const limit = tooLarge ? `; above ${inBytes(rewriteLimitBytes)} a rewrite is an outage` : "";
  return sizedFinding(facts, table, tooLarge ? "blocked" : level, "rebuilds_table", `${message}${limit}`);
}
