/** Literals for SQL that must stand alone as text (scripts, DDL, where no parameters are possible). */
import { toolError } from "../base/errors.ts";

/** A string literal; backslashes are written as an E'' string so that standard_conforming_strings does not matter. */
export function quoteLiteral(text: string): string {
  if (text.includes("\0") || !text.isWellFormed()) {
    throw toolError({
      code: "name_unknown",
      what: "a text with a NUL character or half a surrogate pair cannot be sent to Postgres",
    });
  }
  const doubled = text.replaceAll("'", "''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

/** A literal or the word null. */
export function literalOrNull(text: string | null | undefined): string {
  return text === null || text === undefined ? "null" : quoteLiteral(text);
}
