/** up: applies pending migrations under the run lock, after all seven gates; what an earlier run left is finished first. */
import type { BackfillSettings } from "../backfill/settings.ts";
import { isToolError, toolError } from "../base/errors.ts";
import type { Migration } from "../migration/migration.ts";
import { graphSize } from "../model/lined-graph.ts";
import { acquireLock } from "../pg/advisory-lock.ts";
import { artifactKeeper, setsAside } from "../recovery/keeper.ts";
import { type GateResult, refusedBy } from "../risk/gates.ts";
import { operationsHash } from "../risk/plan.ts";
import { applyMigration } from "../run/apply.ts";
import { stepFailure } from "../run/attempt.ts";
import { whileWatching } from "../run/blockers.ts";
import { type Blocker, isolated } from "../run/events.ts";
import { snapshotDocument } from "../run/ledger.ts";
import type { RunSessions } from "../run/step-runner.ts";
import { migrationIdOfBaseline } from "./baseline.ts";
import { refuseBrokenFolder } from "./broken-folder.ts";
import { type PlanInput, type PlannedMigration, type PlanResult, planLive } from "./plan.ts";
import { readState, type State } from "./state.ts";
import { noProgress, progressOf } from "./step-progress.ts";
import { cancellable, type Run, type Workspace, withRunSessions } from "./workspace.ts";

export interface UpInput extends PlanInput {
  /** consent: `--yes`, or the database's name typed at the prompt; undefined asks `confirm`, where one is given */
  readonly confirmed?: boolean;
  readonly dryRun?: boolean;
  readonly lockTimeoutMs?: number;
  /** how hard backfills may work */
  readonly backfill?: BackfillSettings;
  /** opt-in: after this long, what is in the way of a step is cancelled */
  readonly cancelBlockersAfterMs?: number;
  /** how long an answer may be missing that the server has given, or the server may answer nobody */
  readonly answerLimitMs?: number;
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
export async function up(workspace: Workspace, input: UpInput, given: Run): Promise<UpResult> {
  const run: Run = { ...given, emit: isolated(given.emit) };
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

async function upLocked(workspace: Workspace, given: UpInput, run: Run, sessions: RunSessions): Promise<UpResult> {
  const input: UpInput = { ...given, holding: true };
  const { work, audit } = sessions;
  let state = await readWatched(workspace, sessions);
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
    // A person takes time to answer: what was shown has to be judged again, and to be what runs.
    state = await readState(workspace, work);
    refuseBrokenFolder(state);
    const shown = fingerprintOf(plan);
    plan = await planLive(workspace, work, state, input, confirmed);
    if (fingerprintOf(plan) !== shown) throw changedMeanwhile();
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

/** Reads where things stand and says who is in the way when that takes long. */
function readWatched(workspace: Workspace, { work, audit }: RunSessions): Promise<State> {
  let told = false;
  const report = (blockers: readonly Blocker[]): void => {
    if (told) return;
    told = true;
    const who = blockers
      .map(({ pid, user, application }) => `${pid} (${user}, ${application ?? "unnamed"})`)
      .join(", ");
    workspace.note?.(`reading the schema waits for a table that is held exclusively by process ${who}`);
  };
  return whileWatching(audit, work.pid, report, () => readState(workspace, work));
}

/** What a consent is bound to: these migrations with these operations. */
function fingerprintOf({ migrations }: PlanResult): string {
  return JSON.stringify(migrations.map(({ id, steps }) => [id, operationsHash(steps.map(({ op }) => op))]));
}

function changedMeanwhile(): Error {
  return toolError({
    code: "ledger_mismatch",
    what: "the pending migrations are not those that were confirmed",
    why: "files of the migrations folder were changed while the run waited for its confirmation",
    state: "nothing was changed",
    next: "zanith migrate plan",
  });
}

function firstRefusal(plan: PlanResult): Refusal | undefined {
  for (const { id, steps, applied, gates } of plan.migrations) {
    const gate = refusedBy(gates);
    if (gate === undefined) continue;
    const step = refusedStep({ steps, applied }, gate);
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

/** The step a refusal is about: the one the gate names, else the first that would have run. */
function refusedStep({ steps, applied }: Pick<PlannedMigration, "steps" | "applied">, gate: GateResult) {
  return steps.find(({ index }) => (gate.step === undefined ? !applied.includes(index) : index === gate.step));
}

/** A refusal is itself a row of the ledger. */
async function recordRefusal(
  state: State,
  sessions: RunSessions,
  plan: PlanResult,
  refused: Refusal,
  run: Run,
): Promise<UpResult> {
  const planned = plan.migrations.find(({ id }) => id === refused.migration);
  const step = planned && refusedStep(planned, refused.gate);
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
  const progress = state.progress.get(planned.id) ?? noProgress;
  const before = setsAside(planned.steps)
    ? ((await state.ledger.snapshot(sessions.work))?.graph ?? state.live)
    : state.live;
  const outcome = await applyMigration({
    sessions,
    ledger: state.ledger,
    migration: planned.id,
    steps: planned.steps,
    done: progress.applied,
    begun: progress.begun,
    lockTimeoutMs: input.lockTimeoutMs ?? workspace.config.lockTimeoutMs,
    emit: run.emit,
    signal: run.signal,
    random: workspace.random,
    ...(input.cancelBlockersAfterMs === undefined ? {} : { cancelBlockersAfterMs: input.cancelBlockersAfterMs }),
    ...(input.answerLimitMs === undefined ? {} : { answerLimitMs: input.answerLimitMs }),
    artifacts: artifactKeeper(state.ledger.schema, { steps: planned.steps, before }),
    ...(run.afterStep === undefined ? {} : { afterStep: run.afterStep }),
    ...(run.backOff === undefined ? {} : { backOff: run.backOff }),
    ...(input.backfill === undefined ? {} : { backfill: input.backfill }),
  });
  switch (outcome.status) {
    case "applied":
      return { size: graphSize(outcome.graph) };
    case "refused": {
      const { step, gate } = outcome;
      const { index, kind, object, level, score } = step;
      return {
        size: { models: 0, relations: 0 },
        refused: { migration: planned.id, gate, step: { index, kind, object, level, score } },
      };
    }
    case "failed":
      throw stepFailure(
        { migration: planned.id, outcome: "applied" },
        outcome.step,
        await appliedSteps(state, sessions, planned),
        outcome.error,
      );
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
    const progress = progressOf(await state.ledger.steps(audit, [planned.id])).get(planned.id) ?? noProgress;
    return [...progress.applied].sort((a, b) => a - b);
  } catch (error) {
    if (isToolError(error)) return [...planned.applied];
    throw error;
  }
}
