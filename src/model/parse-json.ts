/** Parses JSON that comes from a stranger: limits on size and depth, no names that a program could trip over. */
import { isToolError, toolError } from "../base/errors.ts";

/** Limits on a document from outside. 10 000 models with everything on them stay well under them. */
export const documentLimits = { bytes: 512 * 1024 * 1024, depth: 32, objects: 2_000_000 } as const;

/** The refusal of a document: where in it something is wrong, and why. */
export function invalid(where: string, path: string, why: string): Error {
  return toolError({
    code: "format_invalid",
    what: `${where} is not a valid document`,
    why: path === "" ? why : `at ${path}: ${why}`,
    state: "nothing was read from it and nothing was changed",
    next: "export it again, or correct the place that is named",
    details: { path },
  });
}

const poison = ["__proto__", "constructor", "prototype"];

/** Whether a member may have such a name. Escapes can spell the names too, so a text with escaped letters may as well. */
export function maySpellPoison(text: string): boolean {
  return /"(?:__proto__|constructor|prototype)"|\\u00/.test(text);
}

/**
 * Parses JSON from a stranger: refuses a document that is too large or too deep before parsing it, and one with a
 * member named `__proto__`, `constructor` or `prototype` anywhere. Such names as values are fine.
 */
export function parseJson(text: string, where: string): unknown {
  if (text.length > documentLimits.bytes) throw invalid(where, "", `it is larger than ${documentLimits.bytes} bytes`);
  refuseDeep(text, where);
  try {
    const value: unknown = JSON.parse(text);
    if (maySpellPoison(text)) refusePoison(value, where, "");
    return value;
  } catch (error) {
    if (isToolError(error)) throw error;
    throw invalid(where, "", `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Counts brackets outside strings; the parser itself would accept any depth. */
function refuseDeep(text: string, where: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      at = endOfString(text, at + 1);
      if (at < 0) return;
    } else if (code === 91 || code === 123) {
      depth++;
      if (depth > documentLimits.depth) {
        throw invalid(where, "", `it is nested deeper than ${documentLimits.depth} levels`);
      }
    } else if (code === 93 || code === 125) depth--;
  }
}

/** The index of the quote that ends a string; -1 when it never ends. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function refusePoison(value: unknown, where: string, path: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.getOwnPropertyNames(value)) {
    const at = Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    if (!Array.isArray(value) && poison.includes(key)) throw invalid(where, at, `a member may not be named ${key}`);
    refusePoison((value as Record<string, unknown>)[key], where, at);
  }
}
