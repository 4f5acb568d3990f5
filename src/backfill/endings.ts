/** How a backfill can end before it is done, in words. Pure. */
import { type ToolError, toolError } from "../base/errors.ts";
import { qualified } from "../sql/identifier.ts";
import type { CheckpointPlace } from "./checkpoint.ts";
import type { PreparedJob } from "./prepare.ts";

interface Place {
  readonly place: CheckpointPlace;
  readonly job: Pick<PreparedJob, "schema" | "table">;
}

const state = "batches that were committed stay, and the checkpoint says how far they went";

function whatOf({ place, job }: Place): string {
  return `the backfill of ${qualified(job.schema, job.table)} (step ${place.step} of ${place.migration})`;
}

/** Asked to stop by a signal. */
export function stopped(at: Place): ToolError {
  return toolError({
    code: "interrupted",
    what: `${whatOf(at)} was stopped after a batch`,
    why: "the run was asked to stop",
    state,
    next: "zanith migrate up",
  });
}

/** Ended from another terminal, or because another worker failed. */
export function cancelled(at: Place): ToolError {
  return toolError({
    code: "statement_failed",
    what: `${whatOf(at)} was cancelled`,
    why: "its checkpoint was set to failed: by zanith backfill cancel, or by a worker that failed",
    state,
    next: "zanith migrate up goes on with it",
  });
}

/** The checkpoint is not the one that was opened. */
export function takenAway(at: Place): ToolError {
  return toolError({
    code: "ledger_mismatch",
    what: `${whatOf(at)} has lost its checkpoint`,
    why: "it was removed, or begun anew by another run",
    state,
    next: "zanith backfill status",
  });
}

/** Rows keep coming. */
export function neverEnds(at: Place, passes: number): ToolError {
  return toolError({
    code: "statement_failed",
    what: `${whatOf(at)} does not come to an end`,
    why: `after ${passes} times over the whole table there are still rows to be done: the application writes them faster, or the expression never gives what it gave`,
    state,
    next: "have new rows filled as they are written (a default, or meanwhile: trigger), then: zanith migrate up",
  });
}

/** Rows are left that a trigger should have covered. */
export function leftOpen(at: Place): ToolError {
  return toolError({
    code: "statement_failed",
    what: `${whatOf(at)} has gone over every row and some are still to be done`,
    why: "they were written past the trigger that fills them (disabled, or session_replication_role), or the expression never gives what it gave",
    state,
    next: "look at such rows, then: zanith migrate up",
  });
}
