/** What a schema can be read from, told apart by how it is written. Opens nothing but looks whether a path is a folder. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { unreachable } from "../base/assert.ts";
import { toolError } from "../base/errors.ts";
import { isConnectionUrl, parseConnectionUrl } from "../config/connection-url.ts";

/** A source. Paths are absolute; `shown` is what the user wrote and what messages say. */
export type Source =
  | { readonly kind: "url"; readonly url: string }
  /** one script, or a folder of scripts */
  | { readonly kind: "sql"; readonly path: string; readonly shown: string }
  | { readonly kind: "module"; readonly path: string; readonly shown: string }
  | { readonly kind: "json"; readonly path: string; readonly shown: string }
  /** from the database's own table */
  | { readonly kind: "snapshot"; readonly id: string }
  | { readonly kind: "empty" }
  /** the configured database */
  | { readonly kind: "live" };

export type SourceKind = Source["kind"];

const snapshotPrefix = "snapshot:";

/** How a source may be written, for messages and help. */
export const sourceForms =
  "postgres://… · a .sql file or a folder of them · a .ts module · a .json or .json.gz graph · snapshot:<migration id> · live · empty";

const extensions: readonly (readonly [pattern: RegExp, kind: "sql" | "module" | "json"])[] = [
  [/\.sql$/i, "sql"],
  [/\.[cm]?ts$/i, "module"],
  [/\.json(\.gz)?$/i, "json"],
];

/**
 * The source a text means; a file need not exist yet.
 * @throws ToolError usage when the text is none; connection_settings_invalid for a URL that cannot be read
 */
export function parseSource(text: string, cwd: string): Source {
  if (isConnectionUrl(text)) {
    parseConnectionUrl(text, "the source");
    return { kind: "url", url: text };
  }
  if (text === "empty" || text === "live") return { kind: text };
  if (text.startsWith(snapshotPrefix)) {
    const id = text.slice(snapshotPrefix.length);
    if (id !== "") return { kind: "snapshot", id };
    throw notASource(text, "no migration id follows snapshot:");
  }
  if (text === "" || text.includes("\0")) throw notASource(text, "it is no path");
  const path = resolve(cwd, text);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return { kind: "sql", path, shown: text };
  const kind = extensions.find(([pattern]) => pattern.test(text))?.[1];
  if (kind) return { kind, path, shown: text };
  throw notASource(text, found ? "the file's name does not tell what it is" : "it is neither a file nor a folder");
}

/**
 * A source as it is written, with a path made absolute against a folder: for configuration files, whose paths are
 * relative to themselves.
 */
export function absoluteSource(text: string, folder: string): string {
  const isPath = !isConnectionUrl(text) && text !== "empty" && text !== "live" && !text.startsWith(snapshotPrefix);
  return isPath ? resolve(folder, text) : text;
}

/** Whether reading a source needs a database: the configured one, the one it names, or a throwaway one. */
export function isOffline(source: Source): boolean {
  return source.kind === "json" || source.kind === "empty";
}

/** A source for people to read; of a URL only host and database. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case "url": {
      const settings = parseConnectionUrl(source.url, "the source");
      const part = (keyword: "host" | "dbname") => settings.get(keyword)?.value ?? "";
      return `postgres://${part("host")}/${part("dbname")}`;
    }
    case "sql":
    case "module":
    case "json":
      return source.shown;
    case "snapshot":
      return `${snapshotPrefix}${source.id}`;
    case "empty":
      return "the empty schema";
    case "live":
      return "the live database";
    default:
      return unreachable(source);
  }
}

function notASource(text: string, why: string): Error {
  // A mistyped URL may hold a password.
  const shown = text.includes("://") || text.includes("@") ? "the text given" : JSON.stringify(text);
  return toolError({
    code: "usage",
    what: `${shown} is not a source of a schema`,
    why,
    state: "nothing was changed",
    next: `name one of: ${sourceForms}`,
  });
}
