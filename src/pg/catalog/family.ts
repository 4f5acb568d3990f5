/**
 * What a catalog family is: one query over one part of the catalog and the function that turns its rows into objects of
 * the draft. Holds no SQL and no knowledge of any kind of object.
 */
import { isToolError, toolError } from "../../base/errors.ts";
import type { CatalogDraft } from "./draft.ts";

/** A row of a catalog query: every value cast to text, null for SQL null. */
export type CatalogRow = readonly (string | null)[];

/** The part of a session that reading the catalog needs. */
export interface CatalogReader {
  rows(text: string): Promise<readonly CatalogRow[]>;
}

/**
 * One query and its reader. The queries of all families go out together, the readers run in the order of the list: a
 * reader finds in the draft what earlier families put there. `query` depends on nothing but the server's version.
 */
export interface CatalogFamily {
  readonly name: string;
  /** the server_version_num from which on there is something to ask */
  readonly since?: number;
  /** number of columns of the query */
  readonly width: number;
  readonly query: (versionNum: number) => string;
  readonly read: (rows: readonly CatalogRow[], draft: CatalogDraft) => void;
}

/**
 * The text that fetches a family's rows as one JSON array. A row of its own costs the driver more than all its values:
 * at a thousand tables this halves the time spent on receiving.
 */
export function fetchText({ width, query }: CatalogFamily, versionNum: number): string {
  const names = Array.from({ length: width }, (_, index) => `c${index}`);
  const values = names.map((name) => `q.${name}::pg_catalog.text`);
  return `select pg_catalog.array_to_json(pg_catalog.array_agg(array[${values.join(", ")}]))
from (${query(versionNum)}
) as q(${names.join(", ")})`;
}

/** The rows of an answer to `fetchText`. */
export function fetchedRows(answer: readonly CatalogRow[]): readonly CatalogRow[] {
  const text = answer[0]?.[0];
  return typeof text === "string" ? (JSON.parse(text) as CatalogRow[]) : [];
}

/** The value of a column that the query never leaves null. */
export function value(row: CatalogRow, index: number): string {
  const text = row[index];
  if (typeof text !== "string") throw new Error(`internal: column ${index} of a catalog query is null`);
  return text;
}

/** The value of a column that may be null: queries give null for defaults, the cheapest value to send. */
export function optional(row: CatalogRow, index: number): string | undefined {
  return row[index] ?? undefined;
}

/** What the server prints for a thing: null when another session has dropped it since the snapshot was taken. */
export function printed(row: CatalogRow, index: number): string {
  return row[index] ?? unprintable();
}

const unprintableMark = "unprintable";

function unprintable(): never {
  throw toolError({
    code: "statement_failed",
    what: "the schema changed while it was being read",
    why: "another session dropped an object before its definition could be printed",
    state: "nothing was changed",
    next: "run the command again when no other session changes the schema",
    details: { [unprintableMark]: true },
  });
}

/**
 * Whether an error says that the schema changed while it was being read. The functions that print definitions look into
 * the catalog as it is now, not as the snapshot has it: they answer null, or fail with an internal error (XX000).
 */
export function isChangedMeanwhile(error: unknown): boolean {
  if (!isToolError(error, "statement_failed")) return false;
  return error.details[unprintableMark] === true || error.details["sqlstate"] === "XX000";
}

/** Whether a boolean column is true. */
export function isTrue(row: CatalogRow, index: number): boolean {
  return row[index] === "true";
}

/** The numbers of an int2vector (`1 2`) or an int2[] (`{1,2}`), as text. */
export function numberList(text: string | undefined): readonly string[] {
  if (text === undefined || text === "" || text === "{}") return [];
  const braced = text.startsWith("{");
  const separator = braced ? "," : " ";
  const bare = braced ? text.slice(1, -1) : text;
  return bare.includes(separator) ? bare.split(separator) : [bare];
}

/** First object id the server gives to anything made after initdb (FirstNormalObjectId, the same in 14 to 18). */
export const firstUserOid = 16384;

/** SQL: that a namespace `n` is neither the server's own nor one for temporary objects. */
export const userNamespace = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
