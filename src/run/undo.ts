/**
 * Undoes one migration under the run lock, its steps' inverses last first. The ledger forgets the migration before the
 * first of them runs: from then on it is a migration that is partly applied, which both up and down can finish.
 */
import { graphSize } from "../model/lined-graph.ts";
import { readGraph } from "../pg/catalog/index.ts";
import type { PlannedStep } from "../risk/plan.ts";
import { type AttemptInput, attemptStep, type Unfinished } from "./attempt.ts";
import { snapshotDocument } from "./ledger.ts";

export interface UndoInput extends Omit<AttemptInput, "outcome"> {
  /** inverses, each under the index of the step it undoes */
  readonly steps: readonly PlannedStep[];
  /** whether the live schema is the newest snapshot, so that what undoing makes of it is as well known */
  readonly isKnown?: boolean;
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
  const later = input.isKnown ? await laterSnapshot(input) : undefined;
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
  if (later !== undefined) {
    const document = snapshotDocument(graph, { migration: later, phase: "after" });
    await sessions.work.transaction({}, (tx) => ledger.storeSnapshot(tx, later, "after", document));
  }
  const durationMs = Math.round(performance.now() - started);
  emit({ type: "migration.finished", migration, durationMs, ...graphSize(graph) });
  return { done };
}

/**
 * The migration of the newest snapshot when that is not the one to be undone: a command such as a restore ran since. Its
 * snapshot holds what is about to be undone, and is taken anew in the end.
 */
async function laterSnapshot({ ledger, sessions, migration }: UndoInput): Promise<string | undefined> {
  const all = await ledger.snapshots(sessions.work);
  const own = all.some((one) => one.migration === migration && one.phase === "after");
  const last = all.at(-1);
  return own && last?.phase === "after" && last.migration !== migration ? last.migration : undefined;
}
