/** What an operation emits: statements with the locks they take, grouped into segments that commit together. */
import type { ArtifactMark } from "./artifact.ts";
import { withoutSecrets } from "./secrets.ts";

/** Postgres's table lock modes, weakest first. */
export const lockLevels = [
  "none",
  "access share",
  "row share",
  "row exclusive",
  "share update exclusive",
  "share",
  "share row exclusive",
  "exclusive",
  "access exclusive",
] as const;

export type LockLevel = (typeof lockLevels)[number];

/** How long a lock is held, in kind: catalog work only, a read of every row, or a new heap. */
export type LockDuration = "instant" | "scan" | "rewrite";

export interface Statement {
  readonly sql: string;
  readonly lock: LockLevel;
  /** the relations the lock is on, as they read in SQL; empty for none, or, with a lock, for ones that are not known */
  readonly on: readonly string[];
  readonly duration: LockDuration;
}

/**
 * A statement that is run range by range over the key of a table, each range in a transaction of its own with a checkpoint.
 * One batch reads `head`, a condition on the key, `tail`.
 */
export interface BatchJob {
  readonly schema: string;
  readonly table: string;
  /** key columns to go by; the primary key, else a unique index over NOT NULL columns, when not given */
  readonly key?: readonly string[];
  /** columns the statement writes: none of them can be part of the key */
  readonly writes: readonly string[];
  /** up to and including `where` */
  readonly head: string;
  /** rows it is about, beside the range: a condition that stands alone between other ones */
  readonly where?: string;
  /** what a row holds that is done: others are passed over, counted, and looked for in the end */
  readonly set?: readonly { readonly column: string; readonly expression: string }[];
  /** what follows the conditions */
  readonly tail?: string;
  /** what is done about rows that are open again after the last range: go over the table once more, or fail */
  readonly remaining: "sweep" | "fail";
}

/**
 * Statements that commit together (`transaction`), the one statement that Postgres refuses inside a transaction (`alone`),
 * or a statement that is run in batches (`batches`): `statements` then holds what it amounts to, for one run over the whole
 * table. `done` and `leftover` are what a re-run looks at after a crash: a query for one boolean each.
 */
export interface Segment {
  readonly mode: "transaction" | "alone" | "batches";
  readonly statements: readonly Statement[];
  /** with `batches`, and only there */
  readonly job?: BatchJob;
  /** where names without a schema are looked up, for statements as a person wrote them; ours name every schema */
  readonly searchPath?: string;
  /** what it sets aside or gives back */
  readonly artifact?: ArtifactMark;
  /** true when this segment has already taken effect */
  readonly done?: CatalogQuestion;
  /** an unfinished remainder of this very segment and how to clear it: remove it before trying again, or bring it to its end */
  readonly leftover?: {
    /** what it is, with its name */
    readonly what: string;
    readonly found: CatalogQuestion;
    readonly remove: readonly Segment[];
  };
}

/** A query over the catalog that returns one row with one boolean column. */
export interface CatalogQuestion {
  readonly sql: string;
  readonly params: readonly string[];
}

/** One statement; the lock is on nothing unless said. */
export function statement(
  sql: string,
  lock: LockLevel = "none",
  on: readonly string[] = [],
  duration: LockDuration = "instant",
): Statement {
  return { sql, lock, on, duration };
}

/** A segment of statements that commit together. */
export function together(...statements: readonly Statement[]): Segment {
  return { mode: "transaction", statements };
}

/** A segment that is run in batches. */
export function inBatches(job: BatchJob, whole: Statement): Segment {
  return { mode: "batches", statements: [whole], job };
}

/** Whether lock `a` is stronger than lock `b`. */
export function isStronger(a: LockLevel, b: LockLevel): boolean {
  return lockLevels.indexOf(a) > lockLevels.indexOf(b);
}

/** The strongest lock of some segments. */
export function strongestLock(segments: readonly Segment[]): LockLevel {
  let strongest: LockLevel = "none";
  for (const { statements } of segments) {
    for (const { lock } of statements) if (isStronger(lock, strongest)) strongest = lock;
  }
  return strongest;
}

/** Stands above a statement that is shown as a whole and run in batches. */
export const batchesNote =
  "-- in batches over the key, each with its checkpoint in one transaction; rows that hold the values are passed over";

/** The segments as a script that psql can run statement by statement; what may be a secret is masked. */
export function scriptOf(segments: readonly Segment[]): string {
  const parts: string[] = [];
  for (const { mode, statements } of segments) {
    const body = `${mode === "batches" ? `${batchesNote}\n` : ""}${statements.map(({ sql }) => `${withoutSecrets(sql)};`).join("\n")}`;
    parts.push(mode === "transaction" && statements.length > 1 ? `begin;\n${body}\ncommit;` : body);
  }
  return parts.join("\n");
}
