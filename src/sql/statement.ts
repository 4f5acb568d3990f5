/** What an operation emits: statements with the locks they take, grouped into segments that commit together. */

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
 * Statements that commit together (`transaction`) or the one statement that Postgres refuses inside a transaction
 * (`alone`). `done` and `leftover` are what a re-run looks at after a crash: a query for one boolean each.
 */
export interface Segment {
  readonly mode: "transaction" | "alone";
  readonly statements: readonly Statement[];
  /** where names without a schema are looked up, for statements as a person wrote them; ours name every schema */
  readonly searchPath?: string;
  /** true when this segment has already taken effect */
  readonly done?: CatalogQuestion;
  /** an unfinished remainder of this very segment and how to remove it before trying again */
  readonly leftover?: { readonly found: CatalogQuestion; readonly remove: readonly Segment[] };
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

/** The segments as a script that psql can run statement by statement. */
export function scriptOf(segments: readonly Segment[]): string {
  const parts: string[] = [];
  for (const { mode, statements } of segments) {
    const body = statements.map(({ sql }) => `${sql};`).join("\n");
    parts.push(mode === "transaction" && statements.length > 1 ? `begin;\n${body}\ncommit;` : body);
  }
  return parts.join("\n");
}
