/**
 * A step that was stopped or failed after parts of it were committed: what leads back from there. The live schema says what is
 * left of it, for everything else in the schema is as the ledger says, or the drift gate refuses.
 */
import { planOperations, predictOperations } from "../diff/plan-operations.ts";
import type { Migration } from "../migration/migration.ts";
import { operationDigest } from "../migration/migration.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { kindOf } from "../operation/registry.ts";
import { type LiveFigures, type PlannedStep, planSteps } from "../risk/plan.ts";
import { leavesParts } from "./schema-drift.ts";
import type { StepProgress } from "./step-progress.ts";

/** Indexes of steps that were begun and not finished, and may have left parts of themselves. */
export function partlyDone({ ops }: Migration, { applied, begun }: StepProgress): number[] {
  return [...ops.entries()].flatMap(([index, op]) =>
    !applied.has(index) && begun.get(index)?.digest === operationDigest(op) && leavesParts(op) ? [index] : [],
  );
}

/** The way back from what is left of a step, as a step under its index; it may be without statements, where nothing is. */
export interface UndonePart {
  readonly step: PlannedStep;
  readonly loses?: string;
}

/** Plans the way back of one such step; `before` is the schema the migration began with. */
export function undoPart(
  { ops }: Migration,
  index: number,
  { applied }: StepProgress,
  {
    before,
    live,
    figures,
  }: { readonly before: SchemaGraph; readonly live: SchemaGraph; readonly figures: LiveFigures },
): UndonePart | undefined {
  const op = ops[index];
  if (op === undefined) return undefined;
  const start = predictOperations(
    before,
    ops.filter((_, at) => applied.has(at)),
  );
  const [whole] = planSteps([op], start, figures);
  if (whole === undefined) return undefined;
  const server = figures.server === undefined ? {} : { server: figures.server };
  const steps = planSteps(planOperations(live, start, server).operations, live, figures);
  const segments = steps.flatMap((step) => step.segments);
  const worst = steps.reduce<PlannedStep | undefined>(
    (a, b) => (a === undefined || b.score > a.score ? b : a),
    undefined,
  );
  const wroteRows = whole.segments.some(({ job }) => job !== undefined) || kindOf(op.kind).writes !== undefined;
  return {
    step: {
      ...(worst ?? { ...whole, level: "safe", score: 0, family: whole.family }),
      index,
      op,
      findings: steps.flatMap(({ findings }) => findings),
      segments,
      probes: [],
    },
    ...(wroteRows ? { loses: "values it replaced in rows, as far as it came" } : {}),
  };
}
