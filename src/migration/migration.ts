/** A migration as data: an id, the hashes it leads from and to, and an ordered list of operations. Loading one runs nothing. */
import * as v from "valibot";
import { toolError } from "../base/errors.ts";
import { hashJson, type Json, shortHash } from "../base/hash.ts";
import { issuePath } from "../model/json.ts";
import { parseJson } from "../model/parse-json.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";

/** The format this version writes. */
export const migrationFormat = 1;

/** A migration holds at most this many operations: a document beyond it is refused rather than planned for hours. */
export const maxOperations = 100_000;

export interface Migration {
  readonly id: string;
  /** graph hash of the schema it was made for; null for a .sql file, which says nothing about it */
  readonly from: string | null;
  /** graph hash it was predicted to lead to */
  readonly to: string | null;
  readonly ops: readonly Operation[];
  /** the file's name within the folder */
  readonly file: string;
}

const idPattern = /^\d{8}_\d{6}_[a-z0-9][a-z0-9_]*$/;

/** Whether a text is a migration id: `<YYYYMMDD_HHMMSS>_<slug>`. */
export function isMigrationId(text: string): boolean {
  return idPattern.test(text) && text.length <= 120;
}

/** The id of a migration made at a moment (UTC) under a name. */
export function makeMigrationId(at: Date, name: string): string {
  const stamp = at.toISOString().replace(/[-:]/g, "").replace("T", "_").slice(0, 15);
  const slug = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 80);
  return `${stamp}_${slug === "" ? "migration" : slug}`;
}

const documentSchema = v.strictObject({
  format: v.pipe(v.number(), v.integer(), v.minValue(1)),
  id: v.string(),
  from: v.nullable(v.string()),
  to: v.nullable(v.string()),
  ops: v.pipe(v.array(v.unknown()), v.maxLength(maxOperations)),
});

/** The bytes of a migration file: the same operations give the same bytes, but for the id. */
export function migrationToJson(migration: Omit<Migration, "file">): string {
  const { id, from, to, ops } = migration;
  return `${JSON.stringify({ format: migrationFormat, id, from, to, ops: ops.map(sortKeys) }, null, 2)}\n`;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([a], [b]) => (a === "kind" ? -1 : b === "kind" ? 1 : a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)]));
}

/** Reads a migration file; every operation is checked against its kind before any is used. */
export function migrationFromJson(text: string, file: string): Migration {
  const value = parseJson(text, file);
  const format = typeof value === "object" && value !== null ? (value as { format?: unknown }).format : undefined;
  if (typeof format === "number" && format > migrationFormat) {
    throw toolError({
      code: "format_newer",
      what: `cannot read ${file}: its format is ${format}`,
      why: `this version reads migration formats up to ${migrationFormat}`,
      state: "nothing was changed",
      next: "use the version that wrote it, or a newer one",
    });
  }
  const document = v.safeParse(documentSchema, value);
  if (!document.success) throw invalid(file, issuePath("", document.issues[0]), document.issues[0].message);
  const { id, from, to, ops } = document.output;
  if (!isMigrationId(id)) throw invalid(file, "id", "an id is <YYYYMMDD_HHMMSS>_<slug> in lower case");
  if (file !== `${id}.json`) throw invalid(file, "id", `it says ${id}, the file's name says otherwise`);
  return { id, from, to, ops: ops.map((op, index) => operationFrom(op, file, index)), file };
}

function operationFrom(value: unknown, file: string, index: number): Operation {
  const name = typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined;
  if (typeof name !== "string") throw invalid(file, `ops[${index}].kind`, "every operation names its kind");
  const kind = kindOf(name);
  const result = v.safeParse(kind.payload, value, { abortEarly: true });
  if (!result.success) throw invalid(file, issuePath(`ops[${index}]`, result.issues[0]), result.issues[0].message);
  return result.output;
}

function invalid(file: string, path: string, why: string): Error {
  return toolError({
    code: "format_invalid",
    what: `${file} is not a valid migration`,
    why: path === "" ? why : `at ${path}: ${why}`,
    state: "nothing was changed",
    next: "correct the file, or generate it again",
    details: { path },
  });
}

/** The digest of one operation as it is recorded with its step, so that a later edit of the file is noticed. */
export function operationDigest(op: Operation): string {
  return shortHash(hashJson(op as unknown as Json), 16);
}
