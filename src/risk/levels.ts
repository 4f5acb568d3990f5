/** The six levels with their scores and the 21 reason codes of the product. */

export const scores = { safe: 5, low: 15, medium: 35, high: 60, destructive: 80, blocked: 95 } as const;

export type Level = keyof typeof scores;

export const levels = Object.keys(scores) as readonly Level[];

/** The 21 reason codes. Ours are phrased by message alone, never by a further code. */
export const reasonCodes = [
  "adds_nullable_column",
  "adds_required_column_without_default",
  "adds_index",
  "adds_unique_constraint",
  "adds_foreign_key",
  "adds_extension",
  "drops_column_with_data",
  "drops_table_with_data",
  "drops_index",
  "drops_unique_constraint",
  "drops_foreign_key",
  "drops_extension",
  "narrows_column_type",
  "changes_column_type",
  "changes_column_nullable_to_not_null",
  "rebuilds_table",
  "requires_backfill",
  "rls_change",
  "raw_sql",
  "rename_table",
  "rename_column",
] as const;

export type ReasonCode = (typeof reasonCodes)[number];

/** One thing a reviewer should know about an operation, with the level it alone would give it. */
export interface Finding {
  readonly level: Level;
  readonly score: number;
  readonly reason?: ReasonCode;
  readonly message: string;
}

/** A finding at a level's own score. */
export function finding(level: Level, reason: ReasonCode | undefined, message: string): Finding {
  return reason === undefined
    ? { level, score: scores[level], message }
    : { level, score: scores[level], reason, message };
}

/** The level and score of some findings: the worst one's. Nothing found is safe. */
export function worstOf(findings: readonly Finding[]): { readonly level: Level; readonly score: number } {
  let worst: { level: Level; score: number } = { level: "safe", score: scores.safe };
  for (const { level, score } of findings) if (score > worst.score) worst = { level, score };
  return worst;
}
