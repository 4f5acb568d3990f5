/**
 * Steps that commit together: many small ones in a row that lock nothing but what their migration made. Their statements go
 * out without waiting for each other's answers, and their rows commit with them. When anything fails, nothing of them remains
 * and nothing was said: the caller then runs them one by one, which finds out which of them it was and records that.
 */

import { isToolError, type ToolError } from "../base/errors.ts";
import type { PlannedStep } from "../risk/plan.ts";
import { withoutSecrets } from "../sql/secrets.ts";
import { type AttemptInput, unknownOutcome } from "./attempt.ts";
import { recordedSql, type TimedStep } from "./ledger.ts";
import { givesWayMs } from "./lock-retry.ts";
import { idleInTransaction } from "./step-runner.ts";

/** Fewer steps than this gain too little: each of them can then be watched and stopped by itself. */
const fewest = 10;

/** Most steps and statements of one transaction: each object that it makes is a lock it holds until its end. */
const most = { steps: 100, statements: 300 } as const;

/** The steps from `at` on that may commit together; none where they are too few. `isOpen`: nothing was begun of a step. */
export function sharingFrom(
  steps: readonly PlannedStep[],
  at: number,
  isOpen: (step: PlannedStep) => boolean,
): readonly PlannedStep[] {
  let statements = 0;
  let end = at;
  for (; end < steps.length && end - at < most.steps; end++) {
    const step = steps[end];
    if (step?.shares !== true || !isOpen(step)) break;
    statements += statementsOf(step).length;
    if (statements > most.statements) break;
  }
  return end - at < fewest ? [] : steps.slice(at, end);
}

function statementsOf({ segments }: PlannedStep): readonly string[] {
  return segments.flatMap((segment) => segment.statements.map(({ sql }) => sql));
}

/**
 * Applies steps in one transaction; false when it was rolled back, and each of them is to be run by itself.
 * @throws ToolError connection_lost and commit_in_doubt: all of the steps are applied and recorded, or none is
 */
export async function applyTogether(input: AttemptInput, steps: readonly PlannedStep[]): Promise<boolean> {
  const { sessions, ledger, migration, lockTimeoutMs } = input;
  const settings = {
    lock_timeout: `${Math.min(lockTimeoutMs, givesWayMs)}ms`,
    statement_timeout: "0",
    idle_in_transaction_session_timeout: idleInTransaction,
  };
  let done: readonly SharedStep[];
  try {
    done = await sessions.work.transaction({ settings }, async (tx) => {
      const began = performance.now();
      const answers = steps.map((step) =>
        Promise.all(statementsOf(step).map((sql) => tx.rows(sql).then(() => performance.now() - began))),
      );
      // The first failure is what ends the transaction; those that follow from it are not to stay unhandled.
      Promise.all(answers).catch(() => undefined);
      // While the server is at work.
      const texts = steps.map(recordedSql);
      const finished: SharedStep[] = [];
      let beganMs = 0;
      for (const [at, step] of steps.entries()) {
        const answeredMs = (await answers[at]) ?? [];
        const endedMs = answeredMs.at(-1) ?? beganMs;
        finished.push({ step, sql: texts[at] ?? "", beganMs, endedMs, answeredMs });
        beganMs = endedMs;
      }
      await ledger.record(tx, migration, finished, input.outcome);
      return finished;
    });
  } catch (error) {
    if (!isToolError(error) || unknownOutcome.has(error.code)) throw error;
    return false;
  }
  for (const step of done) tell(input, step);
  return true;
}

/** A step that was applied, and when each of its statements was answered. */
interface SharedStep extends TimedStep {
  readonly answeredMs: readonly number[];
}

/** Says of a step that is committed what is said of one that runs by itself. */
function tell({ emit, migration }: AttemptInput, { step, beganMs, endedMs, answeredMs }: SharedStep): void {
  const place = { migration, step: step.index };
  const about = { kind: step.kind, object: step.object, level: step.level, score: step.score };
  emit({ type: "step.started", ...place, ...about });
  let since = beganMs;
  for (const [at, sql] of statementsOf(step).entries()) {
    const answered = answeredMs[at] ?? since;
    emit({ type: "statement.sent", ...place, sql: withoutSecrets(sql) });
    emit({ type: "statement.finished", ...place, durationMs: Math.round(answered - since) });
    since = answered;
  }
  emit({ type: "step.finished", ...place, ...about, durationMs: Math.round(endedMs - beganMs) });
}

/** How steps end whose transaction may or may not have been committed: the next run finds all of their rows, or none. */
export function lostTogether({ emit, migration }: AttemptInput, step: PlannedStep, error: ToolError) {
  emit({ type: "step.interrupted", migration, step: step.index, kind: step.kind, object: step.object });
  return { status: "failed", step, error } as const;
}
