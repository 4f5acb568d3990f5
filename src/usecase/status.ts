/** status: what is applied, what is pending, what is unfinished and what does not fit together. Writes nothing. */
import type { LedgerProblem } from "../migration/ledger-check.ts";
import { graphSize } from "../model/lined-graph.ts";
import { lockHolder } from "../pg/advisory-lock.ts";
import { operationsHash } from "../risk/plan.ts";
import { recordedOperation, type StepRecord } from "../run/ledger.ts";
import { readState } from "./state.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

export interface UnfinishedStep {
  readonly migration: string;
  readonly step: number;
  readonly kind: string;
  readonly object: string;
  readonly status: string;
  readonly error: string | null;
}

export interface StatusResult {
  readonly database: { readonly name: string; readonly version: string; readonly user: string };
  readonly mode: string;
  readonly applied: readonly { readonly id: string; readonly appliedAt: string }[];
  readonly pending: readonly {
    readonly id: string;
    readonly steps: number;
    readonly applied: number;
    readonly operations: string;
  }[];
  readonly problems: readonly LedgerProblem[];
  readonly drift: readonly string[];
  readonly unfinished: readonly UnfinishedStep[];
  readonly models: number;
  readonly relations: number;
  readonly unmodelled: readonly { readonly kind: string; readonly name: string }[];
  /** who runs a migration right now */
  readonly runner?: {
    readonly pid: number;
    readonly user: string | null;
    readonly application: string | null;
    readonly since: string | null;
  };
}

/** Reads where things stand. */
export async function status(workspace: Workspace, _input: Record<string, never>, _run: Run): Promise<StatusResult> {
  return withSession(workspace, "status", async (session) => {
    const state = await readState(workspace, session);
    const holder = await lockHolder(session, workspace.config.auditSchema);
    const { database: name, version, user } = session.server;
    const complete = new Set(state.migrations.map(({ id }) => id));
    return {
      database: { name, version, user },
      mode: workspace.config.mode,
      applied: state.migrations,
      pending: state.check.pending.map(({ id, ops }) => ({
        id,
        steps: ops.length,
        applied: state.progress.get(id)?.applied.size ?? 0,
        operations: operationsHash(ops),
      })),
      problems: state.check.problems,
      drift: state.drift.filter((message) => !state.check.problems.some((problem) => problem.message === message)),
      unfinished: lastAttempts(state.attempts)
        .filter(
          ({ migration, status: last }) => !complete.has(migration) && last !== "applied" && last !== "rolled_back",
        )
        .map(({ migration, index, kind, sql, status: last, error }) => ({
          migration,
          step: index,
          kind,
          object: recordedOperation(sql).object,
          status: last,
          error,
        })),
      ...graphSize(state.live),
      unmodelled: state.live.unmodelled,
      ...(holder
        ? { runner: { pid: holder.pid, user: holder.user, application: holder.applicationName, since: holder.since } }
        : {}),
    };
  });
}

/** The newest attempt at each step; a refusal only where nothing was ever tried, because it changed nothing. */
function lastAttempts(attempts: readonly StepRecord[]): StepRecord[] {
  const last = new Map<string, StepRecord>();
  for (const attempt of attempts) {
    const step = JSON.stringify([attempt.migration, attempt.index]);
    if (attempt.status !== "refused" || !last.has(step)) last.set(step, attempt);
  }
  return [...last.values()];
}
