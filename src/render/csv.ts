/** Tables as CSV (RFC 4180 with line feeds), safe to open in a spreadsheet. */
import type { TextTable } from "./columns.ts";

/** The table with its head; NULL is an empty field, an empty text a quoted one. */
export function csvText({ columns, rows }: TextTable): string {
  return [columns, ...rows].map((row) => `${row.map(csvField).join(",")}\n`).join("");
}

function csvField(value: string | null): string {
  if (value === null) return "";
  // A leading sign would make a spreadsheet compute the field; numbers may keep theirs.
  const text = /^[=+\-@\t\r]/.test(value) && !/^[+-]?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
