/** The names the server gives to objects it makes by itself, for telling them from names somebody chose. */
import { cutIdentifier, maxIdentifierBytes } from "../../sql/identifier.ts";

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
