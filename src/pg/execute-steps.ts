/** Runs emitted segments on a database nobody else uses (a shadow, a source being loaded): no ledger, no retries. */
import { isToolError, type ToolError, toolError } from "../base/errors.ts";
import type { Segment } from "../sql/statement.ts";
import { withSearchPath } from "./search-path.ts";
import type { Session } from "./session.ts";

/** The statement that failed, if one did. */
export interface FailedStatement {
  readonly step: number;
  readonly sql: string;
  readonly error: ToolError;
}

/** Steps that commit together while copying: fewer commits, and never near max_locks_per_transaction (64 by default, a transaction). */
const stepsPerTransaction = 50;

/**
 * Runs the segments of some steps in order and stops at the first failure, which is returned and not thrown. With
 * `batch` transactional steps share transactions, which is only right where nothing needs a commit in between.
 */
export async function executeSteps(
  session: Session,
  steps: readonly { readonly segments: readonly Segment[] }[],
  options: {
    readonly batch?: boolean;
    readonly onStep?: (step: number, durationMs: number) => void;
    /** given to stop before the next step: then `interrupted` is thrown */
    readonly signal?: AbortSignal;
  } = {},
): Promise<FailedStatement | undefined> {
  let at = 0;
  while (at < steps.length) {
    if (options.signal?.aborted) throw stopped();
    const group: number[] = [at];
    if (options.batch && joins(steps[at])) {
      while (group.length < stepsPerTransaction && joins(steps[at + group.length])) group.push(at + group.length);
    }
    const started = performance.now();
    const failed =
      group.length > 1 ? await runGroup(session, steps, group) : await runOne(session, steps[at]?.segments ?? [], at);
    if (failed !== undefined) return failed;
    for (const step of group) options.onStep?.(step, Math.round(performance.now() - started));
    at += group.length;
  }
  return undefined;
}

function stopped(): ToolError {
  return toolError({
    code: "interrupted",
    what: "the run was stopped before all steps had run on a throwaway database",
    state: "the throwaway database is dropped, nothing else was changed",
    next: "run the same command again",
  });
}

function joins(step: { readonly segments: readonly Segment[] } | undefined): boolean {
  const [first, second] = step?.segments ?? [];
  return first?.mode === "transaction" && first.searchPath === undefined && second === undefined;
}

async function runGroup(
  session: Session,
  steps: readonly { readonly segments: readonly Segment[] }[],
  group: readonly number[],
): Promise<FailedStatement | undefined> {
  let running: { step: number; sql: string } = { step: group[0] ?? 0, sql: "" };
  try {
    await session.transaction({}, async (tx) => {
      for (const step of group) {
        for (const { sql } of steps[step]?.segments[0]?.statements ?? []) {
          running = { step, sql };
          await tx.execute(sql);
        }
      }
    });
    return undefined;
  } catch (error) {
    if (!isToolError(error)) throw error;
    return { ...running, error };
  }
}

async function runOne(
  session: Session,
  segments: readonly Segment[],
  step: number,
): Promise<FailedStatement | undefined> {
  let sql = "";
  try {
    for (const segment of segments) {
      const run = (on: Session): Promise<void> =>
        withSearchPath(on, segment, async () => {
          for (const statement of segment.statements) {
            sql = statement.sql;
            await on.execute(sql);
          }
        });
      await (segment.mode === "transaction" ? session.transaction({}, run) : run(session));
    }
    return undefined;
  } catch (error) {
    if (!isToolError(error)) throw error;
    return { step, sql, error };
  }
}
