/** Parameter values and their text form on the wire. Every value travels as text; the server gives it its type. */
import { toolError } from "../base/errors.ts";

/** What a parameter may be. An array is a one-dimensional array of texts. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array | readonly string[];

/** The text the server's input function reads for a value; bytes as bytea in hexadecimal form. */
export function sqlText(value: SqlValue): string | null {
  if (value === null) return null;
  if (typeof value === "string") return wellFormed(value);
  if (typeof value === "boolean") return value ? "t" : "f";
  if (typeof value === "number") return numberText(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return `\\x${value.toHex()}`;
  return `{${value.map(elementText).join(",")}}`;
}

function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  // Infinity, -Infinity and NaN are spelled as the server spells them.
  return String(value);
}

function elementText(element: string): string {
  return `"${wellFormed(element).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

// Half a surrogate pair would be replaced without a word on the way to UTF-8, and NUL ends a text in the server.
function wellFormed(text: string): string {
  if (text.isWellFormed() && !text.includes("\0")) return text;
  throw toolError({
    code: "statement_failed",
    what: "a value cannot be sent to Postgres",
    why: "the text holds a NUL character or half of a surrogate pair, which Postgres cannot store",
    state: "nothing was sent",
  });
}
