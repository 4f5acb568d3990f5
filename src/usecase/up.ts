/** up: applies pending migrations under the run lock, after all seven gates; what an earlier run left is finished first. */
import { isToolError, toolError } from "../base/errors.ts";
import type { Migration } from "../migration/migration.ts";
import { graphSize } from "../model/graph.ts";
import { acquireLock } from "../pg/advisory-lock.ts";
import { describeRows, type GateResult, refusedBy } from "../risk/gates.ts";
import { applyMigration, stepFailure } from "../run/apply.ts";
import { snapshotDocument } from "../run/ledger.ts";
import type { RunSessions } from "../run/step-runner.ts";
import { migrationIdOfBaseline } from "./baseline.ts";
import { type PlanInput, type PlannedMigration, type PlanResult, planLive } from "./plan.ts";
import { readState, type State } from "./state.ts";
import { cancellable, type Run, type Workspace, withRunSessions } from "./workspace.ts";

export interface UpInput extends PlanInput {
  /** consent: `--yes`, or the database's name typed at the prompt; undefined asks `confirm`, where one is given */
  readonly confirmed?: boolean;
  readonly dryRun?: boolean;
  readonly lockTimeoutMs?: number;
  /** how long to wait for another runner */
  readonly lockWaitMs?: number;
  /** asked once, after the gates and before anything is changed; only where a person is there to answer */
  readonly confirm?: (plan: PlanResult) => Promise<boolean>;
}

export interface UpResult {
  readonly plan: PlanResult;
  readonly applied: readonly {
    readonly migration: string;
    readonly steps: number;
    readonly models: number;
    readonly relations: number;
  }[];
  readonly refused?: Refusal;
  readonly dryRun: boolean;
}

/** A migration that was stopped by a gate, recorded in the steps table. */
export interface Refusal {
  readonly migration: string;
  readonly gate: GateResult;
  readonly step?: {
    readonly index: number;
    readonly kind: string;
    readonly object: string;
    readonly level: string;
    readonly score: number;
  };
}

/**
 * Applies pending migrations.
 * @throws ToolError locked, ledger_mismatch, step_failed, interrupted and what connecting can fail with
 */
export async function up(workspace: Workspace, input: UpInput, run: Run): Promise<UpResult> {
  return withRunSessions(workspace, "up", async (sessions) => {
    const { work } = sessions;
    const lock = await acquireLock(work, {
      schema: workspace.config.auditSchema,
      waitMs: input.lockWaitMs ?? 0,
      signal: run.signal,
      onWaiting: (holder) => run.emit({ type: "lock.held", holder: holder ? `pid ${holder.pid}` : "unknown" }),
    });
    try {
      return await cancellable(run, work, () => upLocked(workspace, input, run, sessions));
    } finally {
      if (work.alive) await lock.release();
    }
  });
}

async function upLocked(workspace: Workspace, input: UpInput, run: Run, sessions: RunSessions): Promise<UpResult> {
  const { work, audit } = sessions;
  let state = await readState(workspace, work);
  refuseBrokenFolder(state);
  if (state.check.pending.length === 0) {
    return {
      plan: await planLive(workspace, work, state, input, undefined),
      applied: [],
      dryRun: input.dryRun ?? false,
    };
  }
  if (!input.dryRun) {
    await state.ledger.ensure(work);
    const abandoned = await state.ledger.closeAbandoned(audit);
    if (abandoned.length > 0) state = await readState(workspace, work);
  }
  let plan = await planLive(workspace, work, state, input, input.confirmed);
  const refused = firstRefusal(plan);
  if (input.dryRun) return { plan, applied: [], dryRun: true, ...(refused ? { refused } : {}) };
  if (refused) return await recordRefusal(state, sessions, plan, refused, run);
  if (
    plan.migrations.some(({ gates }) => gates.some(({ gate, status }) => gate === "confirm" && status === "pending"))
  ) {
    const confirmed = input.confirm ? await input.confirm(plan) : false;
    plan = await planLive(workspace, work, state, input, confirmed);
    const unconfirmed = firstRefusal(plan);
    if (unconfirmed) return await recordRefusal(state, sessions, plan, unconfirmed, run);
  }
  run.emit({ type: "run.started", database: work.server.database, migrations: plan.migrations.map(({ id }) => id) });
  if (state.snapshot === undefined) await storeBaseline(workspace, state, sessions);
  const applied: UpResult["applied"][number][] = [];
  for (const planned of plan.migrations) {
    const migration = state.check.pending.find(({ id }) => id === planned.id) as Migration;
    const outcome = await applyOne(workspace, input, run, sessions, state, planned);
    if (outcome.refused) return { plan, applied, refused: outcome.refused, dryRun: false };
    applied.push({ migration: migration.id, steps: planned.steps.length, ...outcome.size });
  }
  return { plan, applied, dryRun: false };
}

/** An edited or lost file means the folder no longer says what the database went through: nothing may run on top of that. */
function refuseBrokenFolder(state: State): void {
  const [first] = state.check.problems;
  if (first === undefined) return;
  throw toolError({
    code: "ledger_mismatch",
    what: `the migrations folder does not match the ledger: ${first.message}`,
    why:
      state.check.problems.length > 1
        ? `${state.check.problems.length - 1} more: see status`
        : "what ran is recorded with each step and is not what the file says",
    state: "nothing was changed",
    next:
      first.problem === "edited"
        ? "put the file back as it was and make the change in a new migration"
        : "zanith migrate status",
    details: { migration: first.migration, problem: first.problem },
  });
}

function firstRefusal(plan: PlanResult): Refusal | undefined {
  for (const { id, steps, gates } of plan.migrations) {
    const gate = refusedBy(gates);
    if (gate === undefined) continue;
    const step = steps.find(({ index }) => index === (gate.step ?? 0));
    return {
      migration: id,
      gate,
      ...(step
        ? { step: { index: step.index, kind: step.kind, object: step.object, level: step.level, score: step.score } }
        : {}),
    };
  }
  return undefined;
}

/** A refusal is itself a row of the ledger. */
async function recordRefusal(
  state: State,
  sessions: RunSessions,
  plan: PlanResult,
  refused: Refusal,
  run: Run,
): Promise<UpResult> {
  const step = plan.migrations
    .find(({ id }) => id === refused.migration)
    ?.steps.find(({ index }) => index === (refused.gate.step ?? 0));
  if (step !== undefined) {
    const error = `refused — ${refused.gate.refusal ?? refused.gate.gate}`;
    await state.ledger.refuse(sessions.audit, refused.migration, step, error);
    run.emit({
      type: "step.refused",
      migration: refused.migration,
      step: step.index,
      kind: step.kind,
      object: step.object,
      level: step.level,
      score: step.score,
      gate: refused.gate.gate,
      error: refused.gate.why,
    });
  }
  return { plan, applied: [], refused, dryRun: false };
}

async function storeBaseline(workspace: Workspace, state: State, { audit }: RunSessions): Promise<void> {
  const migration = migrationIdOfBaseline(workspace.now());
  await state.ledger.storeSnapshot(
    audit,
    migration,
    "baseline",
    snapshotDocument(state.live, { migration, phase: "baseline" }),
  );
}

async function applyOne(
  workspace: Workspace,
  input: UpInput,
  run: Run,
  sessions: RunSessions,
  state: State,
  planned: PlannedMigration,
): Promise<{ readonly refused?: Refusal; readonly size: { readonly models: number; readonly relations: number } }> {
  const progress = state.progress.get(planned.id);
  const outcome = await applyMigration({
    sessions,
    ledger: state.ledger,
    migration: planned.id,
    steps: planned.steps,
    done: progress?.applied ?? new Set(),
    begun: progress?.begun ?? new Set(),
    lockTimeoutMs: input.lockTimeoutMs ?? workspace.config.lockTimeoutMs,
    emit: run.emit,
    signal: run.signal,
    random: workspace.random,
  });
  switch (outcome.status) {
    case "applied":
      return { size: graphSize(outcome.graph) };
    case "refused": {
      const { step, offending } = outcome;
      return {
        size: { models: 0, relations: 0 },
        refused: {
          migration: planned.id,
          gate: {
            gate: "preflight",
            status: "failed",
            why: `${offending.question}: ${describeRows(offending)}`,
            how: offending.advice,
            step: step.index,
            offending: [offending],
          },
          step: { index: step.index, kind: step.kind, object: step.object, level: step.level, score: step.score },
        },
      };
    }
    case "failed":
      throw stepFailure(planned.id, outcome.step, await appliedSteps(state, sessions, planned), outcome.error);
    case "interrupted": {
      const where =
        outcome.step === undefined
          ? "between two steps"
          : `in step ${outcome.step.index} ${outcome.step.kind} ${outcome.step.object}`;
      throw toolError({
        code: "interrupted",
        what: `the run was stopped ${where} of ${planned.id}`,
        state: "what was committed is applied and recorded; the rest has not begun",
        next: "zanith migrate up",
        details: { migration: planned.id },
      });
    }
  }
}

async function appliedSteps(state: State, { audit }: RunSessions, planned: PlannedMigration): Promise<number[]> {
  try {
    const rows = await state.ledger.steps(audit, [planned.id]);
    return [...new Set(rows.filter(({ status }) => status === "applied").map(({ index }) => index))].sort(
      (a, b) => a - b,
    );
  } catch (error) {
    if (isToolError(error)) return [...planned.applied];
    throw error;
  }
}
