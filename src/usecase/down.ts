/** down: undoes applied migrations by the inverses of their operations, newest first, with the guarantees of up. */
import { toolError } from "../base/errors.ts";
import { acquireLock } from "../pg/advisory-lock.ts";
import { readGraph } from "../pg/catalog/index.ts";
import { artifactKeeper, setsAside } from "../recovery/keeper.ts";
import { type GateResult, refusedBy } from "../risk/gates.ts";
import { operationsHash } from "../risk/plan.ts";
import { stepFailure } from "../run/attempt.ts";
import { isolated } from "../run/events.ts";
import type { RunSessions } from "../run/step-runner.ts";
import { undoMigration } from "../run/undo.ts";
import { type DownPlan, type DownRange, planDown, type UndoneMigration } from "./down-plan.ts";
import { readState, type State } from "./state.ts";
import { noProgress } from "./step-progress.ts";
import { cancellable, type Run, type Workspace, withRunSessions } from "./workspace.ts";

export type { DownPlan, IrreversibleStep, UndoneMigration } from "./down-plan.ts";

export interface DownInput extends DownRange {
  readonly confirmed?: boolean;
  readonly confirm?: (plan: DownPlan) => Promise<boolean>;
  readonly dryRun?: boolean;
  readonly lockTimeoutMs?: number;
  /** opt-in: after this long, what is in the way of a step is cancelled */
  readonly cancelBlockersAfterMs?: number;
}

export interface DownResult {
  readonly plan: DownPlan;
  readonly undone: readonly string[];
  readonly refused?: {
    readonly migration: string;
    readonly gate?: GateResult;
    readonly irreversible: UndoneMigration["irreversible"];
  };
  readonly dryRun: boolean;
}

/**
 * Undoes migrations. Refuses before anything is changed when a step has no inverse.
 * @throws ToolError locked, step_failed, interrupted and what connecting can fail with
 */
export async function down(workspace: Workspace, input: DownInput, given: Run): Promise<DownResult> {
  const run: Run = { ...given, emit: isolated(given.emit) };
  return withRunSessions(workspace, "down", async (sessions) => {
    const { work } = sessions;
    const lock = await acquireLock(work, { schema: workspace.config.auditSchema, waitMs: 0, signal: run.signal });
    try {
      return await cancellable(run, work, () => downLocked(workspace, input, run, sessions));
    } finally {
      if (work.alive) await lock.release();
    }
  });
}

async function downLocked(
  workspace: Workspace,
  input: DownInput,
  run: Run,
  sessions: RunSessions,
): Promise<DownResult> {
  const { work, audit } = sessions;
  const dryRun = input.dryRun ?? false;
  let state = await readState(workspace, work);
  if (!state.ledgerExists) return { plan: { migrations: [] }, undone: [], dryRun };
  if (!dryRun && (await state.ledger.closeAbandoned(audit)).length > 0) state = await readState(workspace, work);
  let plan = await planDown(workspace, work, state, input, input.confirmed);
  const refused = refusal(plan);
  if (dryRun) return { plan, undone: [], dryRun, ...(refused ? { refused } : {}) };
  if (refused) return await recordRefusal(state, sessions, plan, refused, run);
  if (plan.migrations.some(({ gates }) => gates.some(isUnasked))) {
    const confirmed = input.confirm ? await input.confirm(plan) : false;
    // A person takes time to answer: what was shown has to be judged again, and to be what runs.
    state = await readState(workspace, work);
    const shown = fingerprintOf(plan);
    plan = await planDown(workspace, work, state, input, confirmed);
    if (fingerprintOf(plan) !== shown) throw changedMeanwhile();
    const unconfirmed = refusal(plan);
    if (unconfirmed) return await recordRefusal(state, sessions, plan, unconfirmed, run);
  }
  run.emit({ type: "run.started", database: work.server.database, migrations: plan.migrations.map(({ id }) => id) });
  const undone: string[] = [];
  for (const migration of plan.migrations) {
    const stopped = await undoOne(workspace, input, run, sessions, state, migration);
    if (stopped) return { plan, undone, dryRun, refused: stopped };
    undone.push(migration.id);
  }
  return { plan, undone, dryRun };
}

function isUnasked({ gate, status }: GateResult): boolean {
  return gate === "confirm" && status === "pending";
}

function refusal(plan: DownPlan): DownResult["refused"] {
  for (const { id, irreversible, gates } of plan.migrations) {
    if (irreversible.length > 0) return { migration: id, irreversible };
    const gate = refusedBy(gates);
    if (gate) return { migration: id, gate, irreversible: [] };
  }
  return undefined;
}

/** A refusal by a gate is itself a row of the ledger. */
async function recordRefusal(
  state: State,
  { audit }: RunSessions,
  plan: DownPlan,
  refused: NonNullable<DownResult["refused"]>,
  run: Run,
): Promise<DownResult> {
  const { migration, gate } = refused;
  const steps = plan.migrations.find(({ id }) => id === migration)?.steps ?? [];
  const step = gate?.step === undefined ? steps[0] : steps.find(({ index }) => index === gate.step);
  if (gate !== undefined && step !== undefined) {
    await state.ledger.refuse(audit, migration, step, `refused — ${gate.refusal ?? gate.gate}`);
    const { index, kind, object, level, score } = step;
    const place = { migration, step: index, kind, object, level, score };
    run.emit({ type: "step.refused", ...place, gate: gate.gate, error: gate.why });
  }
  return { plan, undone: [], dryRun: false, refused };
}

/** What a consent is bound to: these migrations with these inverses. */
function fingerprintOf({ migrations }: DownPlan): string {
  return JSON.stringify(migrations.map(({ id, steps }) => [id, operationsHash(steps.map(({ op }) => op))]));
}

function changedMeanwhile(): Error {
  return toolError({
    code: "ledger_mismatch",
    what: "the migrations to undo are not those that were confirmed",
    why: "files of the migrations folder were changed while the run waited for its confirmation",
    state: "nothing was changed",
    next: "zanith migrate down --dry-run",
  });
}

async function undoOne(
  workspace: Workspace,
  input: DownInput,
  run: Run,
  sessions: RunSessions,
  state: State,
  migration: UndoneMigration,
): Promise<DownResult["refused"]> {
  const { steps } = migration;
  const scope = { auditSchema: state.ledger.schema };
  const running = setsAside(steps) ? { steps, before: await readGraph(sessions.work, scope) } : undefined;
  const { done, unfinished } = await undoMigration({
    sessions,
    ledger: state.ledger,
    migration: migration.id,
    steps,
    isKnown: state.drift.length === 0,
    begun: (state.progress.get(migration.id) ?? noProgress).begun,
    lockTimeoutMs: input.lockTimeoutMs ?? workspace.config.lockTimeoutMs,
    emit: run.emit,
    signal: run.signal,
    random: workspace.random,
    ...(input.cancelBlockersAfterMs === undefined ? {} : { cancelBlockersAfterMs: input.cancelBlockersAfterMs }),
    artifacts: artifactKeeper(state.ledger.schema, running),
  });
  switch (unfinished?.status) {
    case undefined:
      return undefined;
    case "refused":
      return { migration: migration.id, gate: unfinished.gate, irreversible: [] };
    case "failed":
      throw stepFailure({ migration: migration.id, outcome: "rolled_back" }, unfinished.step, done, unfinished.error);
    case "interrupted": {
      const { step } = unfinished;
      const where = step === undefined ? "between two steps" : `in step ${step.index} ${step.kind} ${step.object}`;
      throw toolError({
        code: "interrupted",
        what: `the run was stopped ${where} of ${migration.id}`,
        state: "what was committed is undone and recorded; the rest is as it was",
        next: "zanith migrate down",
        details: { migration: migration.id },
      });
    }
  }
}
