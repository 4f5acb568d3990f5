/**
 * Applies the steps of one migration under the run lock, and at the end the snapshot and the ledger's line in one
 * transaction. How one step is run and recorded is the attempt's business.
 */
import { isToolError } from "../base/errors.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { graphSize } from "../model/lined-graph.ts";
import { readGraph } from "../pg/catalog/index.ts";
import { operationsHash, type PlannedStep } from "../risk/plan.ts";
import { type AttemptInput, attemptStep, type Unfinished } from "./attempt.ts";
import { snapshotDocument } from "./ledger.ts";
import { applyTogether, lostTogether, sharingFrom } from "./shared-transaction.ts";

export interface ApplyInput extends Omit<AttemptInput, "outcome"> {
  readonly steps: readonly PlannedStep[];
  /** indexes of steps that are applied already */
  readonly done: ReadonlySet<number>;
  /** given to stop before the next step */
  readonly afterStep?: AbortSignal;
}

/** How applying one migration ended. */
export type ApplyOutcome = { readonly status: "applied"; readonly graph: SchemaGraph } | Unfinished;

/** Runs the steps that are not done, in order, those together that may be; undefined when all are done. */
async function applySteps(input: ApplyInput & AttemptInput): Promise<Unfinished | undefined> {
  const { steps } = input;
  const isOpen = ({ index }: PlannedStep): boolean => !input.done.has(index) && !input.begun.has(index);
  /** up to here steps are run by themselves, after they could not be together */
  let apart = 0;
  for (let at = 0; at < steps.length; ) {
    const step = steps[at] as PlannedStep;
    if (input.done.has(step.index)) {
      at++;
      continue;
    }
    if (input.signal.aborted || input.afterStep?.aborted) return { status: "interrupted", step: undefined };
    const sharing = at < apart ? [] : sharingFrom(steps, at, isOpen);
    if (sharing.length > 0) {
      try {
        if (await applyTogether(input, sharing)) at += sharing.length;
        else apart = at + sharing.length;
      } catch (error) {
        if (!isToolError(error)) throw error;
        return lostTogether(input, step, error);
      }
      continue;
    }
    const unfinished = await attemptStep(input, step);
    if (unfinished !== undefined) return unfinished;
    at++;
  }
  return undefined;
}

/** Applies what is left of a migration and completes it. Operational failures are values; bugs throw. */
export async function applyMigration(input: ApplyInput): Promise<ApplyOutcome> {
  const { sessions, ledger, migration, steps, emit } = input;
  const started = performance.now();
  emit({
    type: "migration.started",
    migration,
    steps: steps.length,
    from: steps.find(({ index }) => !input.done.has(index))?.index ?? steps.length,
  });
  const unfinished = await applySteps({ ...input, outcome: "applied" });
  if (unfinished !== undefined) return unfinished;
  const graph = await readGraph(sessions.work, ledger.reading);
  const document = snapshotDocument(graph, {
    migration,
    phase: "after",
    operations: operationsHash(steps.map(({ op }) => op)),
  });
  await sessions.work.transaction({}, (tx) => ledger.complete(tx, migration, document));
  emit({
    type: "migration.finished",
    migration,
    durationMs: Math.round(performance.now() - started),
    ...graphSize(graph),
  });
  return { status: "applied", graph };
}
