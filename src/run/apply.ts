/**
 * Applies the steps of one migration under the run lock: intent row, segments, outcome row, and at the end the snapshot
 * and the ledger's line in one transaction. What could not be finished is recorded as it is.
 */
import { isToolError, type ToolError, toolError } from "../base/errors.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { graphSize } from "../model/graph.ts";
import { readGraph } from "../pg/catalog/index.ts";
import type { OffendingRows } from "../risk/gates.ts";
import { describeRows } from "../risk/gates.ts";
import { operationsHash, type PlannedStep } from "../risk/plan.ts";
import type { Emit } from "./events.ts";
import { type Ledger, type StepStatus, snapshotDocument } from "./ledger.ts";
import { runProbes } from "./probes.ts";
import { type RunSessions, runStep } from "./step-runner.ts";

export interface ApplyInput {
  readonly sessions: RunSessions;
  readonly ledger: Ledger;
  readonly migration: string;
  readonly steps: readonly PlannedStep[];
  /** indexes of steps that are applied already */
  readonly done: ReadonlySet<number>;
  /** indexes of steps an earlier attempt began */
  readonly begun: ReadonlySet<number>;
  readonly lockTimeoutMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly random: () => number;
}

/** How applying one migration ended. */
export type ApplyOutcome =
  | { readonly status: "applied"; readonly graph: SchemaGraph }
  | {
      readonly status: "refused";
      readonly step: PlannedStep;
      readonly offending: OffendingRows;
      readonly error: string;
    }
  | { readonly status: "failed"; readonly step: PlannedStep; readonly error: ToolError }
  | { readonly status: "interrupted"; readonly step: PlannedStep | undefined };

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
  for (const step of steps) {
    if (input.done.has(step.index)) continue;
    if (input.signal.aborted) return { status: "interrupted", step: undefined };
    const outcome = await applyStep(input, step);
    if (outcome !== undefined) return outcome;
  }
  const graph = await readGraph(sessions.work, { auditSchema: ledger.schema });
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

/** Runs one step; undefined when it is applied and the next may follow. */
async function applyStep(input: ApplyInput, step: PlannedStep): Promise<ApplyOutcome | undefined> {
  const { sessions, ledger, migration, emit } = input;
  const place = { migration, step: step.index, kind: step.kind, object: step.object };
  const risk = { level: step.level, score: step.score };
  if (step.probes.length > 0 && !input.begun.has(step.index)) {
    const live = await readGraph(sessions.work, { auditSchema: ledger.schema });
    const [offending] = await runProbes(sessions.work, [step], live);
    if (offending !== undefined) {
      const error = `refused — preflight ${offending.probe}`;
      await ledger.refuse(sessions.audit, migration, step, error);
      emit({
        type: "step.refused",
        ...place,
        ...risk,
        gate: "preflight",
        error: `${offending.question}: ${describeRows(offending)}`,
      });
      return { status: "refused", step, offending, error };
    }
  }
  emit({ type: "step.started", ...place, ...risk });
  const began = performance.now();
  const startedAt = await ledger.begin(sessions.audit, migration, step);
  try {
    await runStep({ ...input, step, resumed: input.begun.has(step.index), outcome: "applied" }, startedAt);
  } catch (error) {
    if (!isToolError(error)) throw error;
    return recordFailure(input, step, startedAt, error);
  }
  emit({ type: "step.finished", ...place, ...risk, durationMs: Math.round(performance.now() - began) });
  return undefined;
}

/** Codes after which nobody here knows whether the server finished: the next run looks, nothing is recorded as failed. */
const unknownOutcome = new Set<string>(["connection_lost", "commit_in_doubt"]);

async function recordFailure(
  input: ApplyInput,
  step: PlannedStep,
  startedAt: string,
  error: ToolError,
): Promise<ApplyOutcome> {
  const { sessions, ledger, migration, emit } = input;
  const place = { migration, step: step.index, kind: step.kind, object: step.object };
  if (unknownOutcome.has(error.code)) {
    emit({ type: "step.interrupted", ...place });
    return { status: "failed", step, error };
  }
  const interrupted = error.code === "interrupted";
  const status: StepStatus = interrupted ? "interrupted" : "failed";
  const sqlstate = typeof error.details["sqlstate"] === "string" ? error.details["sqlstate"] : null;
  const text = `${error.why ?? error.what}${sqlstate === null ? "" : ` (${sqlstate})`}`;
  try {
    await ledger.finish(sessions.audit, migration, step.index, startedAt, status, text);
  } catch (failure) {
    // The intent row without an outcome is then the record; the next run writes what it finds.
    if (!isToolError(failure)) throw failure;
  }
  if (interrupted) {
    emit({ type: "step.interrupted", ...place });
    return { status: "interrupted", step };
  }
  emit({ type: "step.failed", ...place, level: step.level, score: step.score, error: text, sqlstate });
  return { status: "failed", step, error };
}

/** The error a failed migration ends with: what failed, the server's words, what is certain, how to go on. */
export function stepFailure(
  migration: string,
  step: PlannedStep,
  applied: readonly number[],
  error: ToolError,
): ToolError {
  const unknown = unknownOutcome.has(error.code);
  return toolError({
    code: "step_failed",
    what: `step ${step.index} ${step.kind} ${step.object} of ${migration} ${unknown ? "ended without an answer" : "failed"}`,
    why: error.why ?? error.what,
    state: unknown
      ? "whether it took effect is not known yet; the next run looks at the ledger and the catalog before it does anything"
      : `${describeApplied(applied)}; this step's transaction was rolled back and the migration is not marked applied`,
    next: unknown ? "zanith migrate up" : "correct the cause, then: zanith migrate up",
    details: { ...error.details, migration, step: step.index },
    cause: error,
  });
}

function describeApplied(applied: readonly number[]): string {
  if (applied.length === 0) return "no step of it is applied";
  if (applied.length === 1) return `step ${applied[0]} is applied and recorded`;
  return `steps ${applied[0]}–${applied.at(-1)} are applied and recorded`;
}
