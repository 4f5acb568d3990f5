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
 * Parses JSON from a stranger: refuses a document that is too large or too deep before parsing it, one with a member named
 * `__proto__`, `constructor` or `prototype` anywhere, and one that says a member of an object twice, since only the last
 * would count. Such names as values are fine.
 */
export function parseJson(text: string, where: string): unknown {
  if (text.length > documentLimits.bytes) throw invalid(where, "", `it is larger than ${documentLimits.bytes} bytes`);
  const repeated = lookThrough(text, where);
  try {
    const value: unknown = JSON.parse(text);
    if (maySpellPoison(text)) refusePoison(value, where, "");
    if (repeated !== undefined) throw repeatedMember(repeated, where);
    return value;
  } catch (error) {
    if (isToolError(error)) throw error;
    throw invalid(where, "", `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Refuses lines of a document, each a value of its own, in which an object says a member twice. */
export function refuseRepeated(lines: readonly string[], where: string): void {
  for (const [at, line] of lines.entries()) {
    const repeated = lookThrough(line, where);
    if (repeated !== undefined)
      throw repeatedMember({ ...repeated, path: `objects[${at}]${dotted(repeated.path)}` }, where);
  }
}

interface Repeated {
  readonly path: string;
  readonly name: string;
}

function repeatedMember({ path, name }: Repeated, where: string): Error {
  return invalid(where, path, `the member ${JSON.stringify(name)} is there twice, and only one could count`);
}

function dotted(path: string): string {
  return path === "" || path.startsWith("[") ? path : `.${path}`;
}

/** An array or object that is open: the names an object has said so far, or how many elements came before. */
type Level = { readonly names: Set<string>; name: string } | { at: number };

/**
 * Walks through brackets and the names before colons, outside of strings: refuses depth, which the parser itself would
 * accept, and tells of the first member that an object says twice. What is no JSON is left to the parser.
 */
function lookThrough(text: string, where: string): Repeated | undefined {
  const levels: Level[] = [];
  let repeated: Repeated | undefined;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const level = levels[levels.length - 1];
    if (code === 34) {
      const end = endOfString(text, at + 1);
      if (end < 0) return repeated;
      if (
        repeated === undefined &&
        level !== undefined &&
        "names" in level &&
        text.charCodeAt(colonAfter(text, end)) === 58
      ) {
        const name = nameOf(text.slice(at, end + 1));
        if (level.names.has(name)) repeated = { path: pathOf(levels.slice(0, -1)), name };
        level.names.add(name);
        level.name = name;
      }
      at = end;
    } else if (code === 91 || code === 123) {
      levels.push(code === 91 ? { at: 0 } : { names: new Set(), name: "" });
      if (levels.length > documentLimits.depth) {
        throw invalid(where, "", `it is nested deeper than ${documentLimits.depth} levels`);
      }
    } else if (code === 93 || code === 125) levels.pop();
    else if (code === 44 && level !== undefined && "at" in level) level.at++;
  }
  return repeated;
}

/** The index of what follows a string, white space left out. */
function colonAfter(text: string, end: number): number {
  let at = end + 1;
  while (text.charCodeAt(at) === 32 || (text.charCodeAt(at) >= 9 && text.charCodeAt(at) <= 13)) at++;
  return at;
}

function nameOf(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

function pathOf(levels: readonly Level[]): string {
  return levels
    .reduce((path, level) => ("at" in level ? `${path}[${level.at}]` : `${path}${dotted(level.name)}`), "")
    .replace(/^\./, "");
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
