/** How far the steps of migrations are, by the attempts in the ledger. Pure. */
import type { BegunStep } from "../run/attempt.ts";
import { recordedOperation, recordedParts, type StepRecord, wasAbandoned } from "../run/ledger.ts";

export interface StepProgress {
  readonly applied: ReadonlySet<number>;
  /** newest attempts that were not finished, by step; one at an applied step was an attempt at undoing it */
  readonly begun: ReadonlyMap<number, BegunStep>;
}

/** A migration of which nothing was begun. */
export const noProgress: StepProgress = { applied: new Set(), begun: new Map() };

/** What stands of each step by its attempts, oldest first: applied until rolled back, begun until either. */
export function progressOf(attempts: readonly StepRecord[]): Map<string, StepProgress> {
  const progress = new Map<string, { applied: Set<number>; begun: Map<number, BegunStep> }>();
  for (const attempt of attempts) {
    const { migration, index, status, sql } = attempt;
    const one = progress.get(migration) ?? { applied: new Set<number>(), begun: new Map<number, BegunStep>() };
    progress.set(migration, one);
    if (status === "refused") continue;
    if (status === "applied" || status === "rolled_back") {
      one.begun.delete(index);
      if (status === "applied") one.applied.add(index);
      else one.applied.delete(index);
    } else {
      const { digest } = recordedOperation(sql);
      one.begun.set(index, { digest, sql, parts: recordedParts(attempt), abandoned: wasAbandoned(attempt) });
    }
  }
  return progress;
}
