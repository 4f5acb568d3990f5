/**
 * The file that lists the databases of a fleet: a URL or the name of a libpq service a line, with the schemas of its tenants
 * where it has some. Reads text; connects to nothing. What a URL holds beside host and database never reaches a message.
 */
import { toolError } from "../base/errors.ts";
import { maxIdentifierBytes } from "../sql/identifier.ts";

/** One database, or one tenant's schema in one. */
export interface Target {
  /** what it is called in tables and messages: service, or host and database, and the schema; no user, no password */
  readonly name: string;
  /** for `connectionOf` */
  readonly url: string;
  /** the tenant's schema: stands where migrations and --audit-schema say {schema} */
  readonly schema?: string;
}

/** More is a mistake of a script. */
const maxTargets = 10_000;

const usage = "a line is: postgres://… or a service's name, then, for tenants, schema=one,two";

/**
 * The targets of a file's text, in its order. Empty lines and what follows a # that begins a word are passed over.
 * @throws ToolError file_invalid naming the line, never its text
 */
export function readTargets(text: string, path: string): Target[] {
  const targets: Target[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line
      .replace(/(^|\s)#.*$/, "")
      .split(/\s+/)
      .filter((word) => word !== "");
    const [place, ...more] = words;
    if (place === undefined) continue;
    for (const target of targetsOf(place, more, (why) => invalid(path, index + 1, why))) {
      const earlier = lineOf.get(keyOf(target));
      if (earlier !== undefined) throw invalid(path, index + 1, `it names what line ${earlier} names`);
      lineOf.set(keyOf(target), index + 1);
      targets.push(target);
      if (targets.length > maxTargets) throw invalid(path, index + 1, `a file names at most ${maxTargets} targets`);
    }
  }
  if (targets.length === 0) throw invalid(path, 1, "it names no target");
  return targets;
}

function keyOf({ url, schema }: Target): string {
  return JSON.stringify([url, schema ?? null]);
}

function targetsOf(place: string, more: readonly string[], fault: (why: string) => Error): Target[] {
  const isUrl = /^postgres(ql)?:\/\//.test(place);
  if (!isUrl && !/^[\w.-]+$/.test(place)) throw fault(usage);
  const url = isUrl ? place : `postgres:///?service=${encodeURIComponent(place)}`;
  const name = isUrl ? placeName(place) : place;
  const [schemas, ...rest] = more;
  if (schemas === undefined) return [{ name, url }];
  if (rest.length > 0 || !schemas.startsWith("schema=")) throw fault(usage);
  return schemas
    .slice("schema=".length)
    .split(",")
    .map((schema) => {
      if (!/^[\w-]+$/.test(schema) || Buffer.byteLength(schema) > maxIdentifierBytes) {
        throw fault(`the schema of a tenant has letters, digits, _ and - in its name, at most ${maxIdentifierBytes}`);
      }
      return { name: `${name} ${schema}`, url, schema };
    });
}

/** `host:port/database` of a URL: what stands after the last @ and before any parameter. */
function placeName(url: string): string {
  const afterScheme = url.slice(url.indexOf("://") + 3);
  const place = afterScheme.slice(afterScheme.lastIndexOf("@") + 1);
  return place.split("?", 1)[0] || "default database";
}

function invalid(path: string, line: number, why: string): Error {
  return toolError({
    code: "file_invalid",
    what: `line ${line} of ${path} names no target`,
    why,
    state: "nothing was done",
    next: usage,
  });
}
