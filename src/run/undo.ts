/**
 * Undoes one migration under the run lock, its steps' inverses last first. The ledger forgets the migration before the
 * first of them runs: from then on it is a migration that is partly applied, which both up and down can finish.
 */
import { graphSize } from "../model/lined-graph.ts";
import { readGraph } from "../pg/catalog/index.ts";
import type { PlannedStep } from "../risk/plan.ts";
import { type AttemptInput, attemptStep, type Unfinished } from "./attempt.ts";

export interface UndoInput extends Omit<AttemptInput, "outcome"> {
  /** inverses, each under the index of the step it undoes */
  readonly steps: readonly PlannedStep[];
}

/** How undoing one migration ended; `done` are the steps it undid, in that order. */
export interface UndoOutcome {
  readonly done: readonly number[];
  readonly unfinished?: Unfinished;
}

/** Undoes the steps that are given. Operational failures are values; bugs throw. */
export async function undoMigration(input: UndoInput): Promise<UndoOutcome> {
  const { sessions, ledger, migration, steps, emit } = input;
  const started = performance.now();
  emit({ type: "migration.started", migration, steps: steps.length, from: steps[0]?.index ?? 0 });
  await sessions.work.transaction({}, (tx) => ledger.forget(tx, migration));
  const done: number[] = [];
  for (const step of steps) {
    const unfinished = input.signal.aborted
      ? ({ status: "interrupted", step: undefined } as const)
      : await attemptStep({ ...input, outcome: "rolled_back" }, step);
    if (unfinished !== undefined) return { done, unfinished };
    done.push(step.index);
  }
  const graph = await readGraph(sessions.work, ledger.reading);
  const durationMs = Math.round(performance.now() - started);
  emit({ type: "migration.finished", migration, durationMs, ...graphSize(graph) });
  return { done };
}
