/** down: undoes applied migrations by the inverses of their operations, newest first, with the guarantees of up. */
import { isToolError, toolError } from "../base/errors.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import type { Migration } from "../migration/migration.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { kindOf } from "../operation/registry.ts";
import { acquireLock } from "../pg/advisory-lock.ts";
import { readTableFacts } from "../pg/table-facts.ts";
import { evaluateGates, type GateResult, refusedBy } from "../risk/gates.ts";
import { type LiveFigures, type PlannedStep, planSteps } from "../risk/plan.ts";
import { stepFailure } from "../run/apply.ts";
import type { RunSessions } from "../run/step-runner.ts";
import { runStep } from "../run/step-runner.ts";
import { type GateFlags, gateSettings } from "./plan.ts";
import { readState, type State } from "./state.ts";
import { cancellable, type Run, type Workspace, withRunSessions } from "./workspace.ts";

export interface DownInput extends GateFlags {
  /** how many migrations to undo; one when neither this nor `to` is given */
  readonly steps?: number;
  /** undo everything after this migration, which stays */
  readonly to?: string;
  readonly confirmed?: boolean;
  readonly confirm?: (plan: DownPlan) => Promise<boolean>;
  readonly dryRun?: boolean;
  readonly lockTimeoutMs?: number;
}

/** One migration about to be undone; steps are inverses, last applied first, each under its step's index. */
export interface UndoneMigration {
  readonly id: string;
  readonly steps: readonly PlannedStep[];
  /** steps that cannot be undone, and why */
  readonly irreversible: readonly {
    readonly index: number;
    readonly kind: string;
    readonly object: string;
    readonly why: string;
  }[];
  /** what does not come back although the schema does */
  readonly losses: readonly { readonly index: number; readonly loses: string }[];
  readonly gates: readonly GateResult[];
}

export interface DownPlan {
  readonly migrations: readonly UndoneMigration[];
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

/** Undoes migrations. Refuses before anything is changed when a step has no inverse. */
export async function down(workspace: Workspace, input: DownInput, run: Run): Promise<DownResult> {
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
  let state = await readState(workspace, work);
  if (!state.ledgerExists) return { plan: { migrations: [] }, undone: [], dryRun: input.dryRun ?? false };
  if (!input.dryRun && (await state.ledger.closeAbandoned(audit)).length > 0) state = await readState(workspace, work);
  const dryRun = input.dryRun ?? false;
  let plan = await planDown(workspace, sessions, state, input, input.confirmed);
  const refused = refusal(plan);
  if (dryRun || refused) return { plan, undone: [], dryRun, ...(refused ? { refused } : {}) };
  if (
    plan.migrations.some(({ gates }) => gates.some(({ gate, status }) => gate === "confirm" && status === "pending"))
  ) {
    plan = await planDown(workspace, sessions, state, input, input.confirm ? await input.confirm(plan) : false);
    const unconfirmed = refusal(plan);
    if (unconfirmed) return { plan, undone: [], dryRun, refused: unconfirmed };
  }
  run.emit({ type: "run.started", database: work.server.database, migrations: plan.migrations.map(({ id }) => id) });
  const undone: string[] = [];
  for (const migration of plan.migrations) {
    await undoMigration(workspace, input, run, sessions, state, migration);
    undone.push(migration.id);
  }
  return { plan, undone, dryRun };
}

function refusal(plan: DownPlan): DownResult["refused"] {
  for (const { id, irreversible, gates } of plan.migrations) {
    if (irreversible.length > 0) return { migration: id, irreversible };
    const gate = refusedBy(gates);
    if (gate) return { migration: id, gate, irreversible: [] };
  }
  return undefined;
}

async function planDown(
  workspace: Workspace,
  { work }: RunSessions,
  state: State,
  input: DownInput,
  confirmed: boolean | undefined,
): Promise<DownPlan> {
  const figures: LiveFigures = { server: work.server.versionNum, table: await readTableFacts(work) };
  const migrations: UndoneMigration[] = [];
  const begun = state.check.pending.filter(({ id }) => (state.progress.get(id)?.applied.size ?? 0) > 0);
  for (const migration of chosen([...state.check.applied, ...begun].reverse(), input)) {
    const before = await graphBefore(state, work, migration);
    const applied = state.progress.get(migration.id)?.applied ?? new Set<number>();
    const steps: PlannedStep[] = [];
    const irreversible: UndoneMigration["irreversible"][number][] = [];
    const losses: UndoneMigration["losses"][number][] = [];
    for (let index = migration.ops.length - 1; index >= 0; index--) {
      const op = migration.ops[index];
      if (op === undefined || !applied.has(index)) continue;
      const kind = kindOf(op.kind);
      const start = predictOperations(before, migration.ops.slice(0, index));
      const inversion = kind.invert(op, start);
      if (!inversion.reversible) {
        irreversible.push({ index, kind: kind.kind, object: kind.describe(op), why: inversion.why });
        continue;
      }
      if (inversion.loses !== undefined) losses.push({ index, loses: inversion.loses });
      steps.push(combine(index, op, planSteps(inversion.operations, predictOperations(start, [op]), figures)));
    }
    const problems = state.check.problems
      .filter((problem) => problem.migration === migration.id)
      .map(({ message }) => message);
    const gates = evaluateGates(
      steps,
      { ...gateSettings(workspace, input), requireVerified: false },
      {
        migration: migration.id,
        offending: [],
        drift: migrations.length === 0 ? [...new Set([...problems, ...state.drift])] : problems,
        ...(confirmed !== undefined ? { confirmed } : {}),
      },
    );
    migrations.push({ id: migration.id, steps, irreversible, losses, gates });
  }
  return { migrations };
}

/** The inverses of one step as one: they commit segment by segment under the step's own index. */
function combine(index: number, op: PlannedStep["op"], inverses: readonly PlannedStep[]): PlannedStep {
  const worst = inverses.reduce((a, b) => (b.score > a.score ? b : a));
  return {
    ...worst,
    index,
    op,
    kind: worst.kind,
    object: worst.object,
    findings: inverses.flatMap(({ findings }) => findings),
    segments: inverses.flatMap(({ segments }) => segments),
    probes: [],
  };
}

function chosen(newestFirst: readonly Migration[], { steps, to }: DownInput): Migration[] {
  if (to === undefined) return newestFirst.slice(0, steps ?? 1);
  const end = newestFirst.findIndex(({ id }) => id === to);
  if (end >= 0) return newestFirst.slice(0, Math.min(end, steps ?? end));
  throw toolError({
    code: "name_unknown",
    what: `${to} is not an applied migration with a file`,
    why: "--to names the migration that shall be the last one left",
    state: "nothing was changed",
    next: "zanith migrate history",
  });
}

/** The schema a migration began with: the snapshot before its own. */
async function graphBefore(state: State, session: RunSessions["work"], migration: Migration): Promise<SchemaGraph> {
  const all = await state.ledger.snapshots(session);
  const own = all.findIndex((one) => one.phase === "after" && one.migration === migration.id);
  const previous = own >= 0 ? all[own - 1] : all.at(-1);
  const found = previous === undefined ? undefined : await state.ledger.snapshot(session, previous.migration);
  if (found !== undefined) return found.graph;
  throw toolError({
    code: "ledger_mismatch",
    what: `the schema before ${migration.id} is not known`,
    why: "no snapshot from before it is in the ledger",
    state: "nothing was changed",
    next: "zanith snapshot list",
  });
}

async function undoMigration(
  workspace: Workspace,
  input: DownInput,
  run: Run,
  sessions: RunSessions,
  state: State,
  migration: UndoneMigration,
): Promise<void> {
  const { emit } = run;
  const started = performance.now();
  emit({
    type: "migration.started",
    migration: migration.id,
    steps: migration.steps.length,
    from: migration.steps[0]?.index ?? 0,
  });
  for (const step of migration.steps) {
    const place = { migration: migration.id, step: step.index, kind: step.kind, object: step.object };
    const risk = { level: step.level, score: step.score };
    emit({ type: "step.started", ...place, ...risk });
    const began = performance.now();
    const startedAt = await state.ledger.begin(sessions.audit, migration.id, step);
    try {
      await runStep(
        {
          sessions,
          ledger: state.ledger,
          migration: migration.id,
          step,
          resumed: state.progress.get(migration.id)?.begun.has(step.index) ?? false,
          lockTimeoutMs: input.lockTimeoutMs ?? workspace.config.lockTimeoutMs,
          emit,
          signal: run.signal,
          random: workspace.random,
          outcome: "rolled_back",
        },
        startedAt,
      );
    } catch (error) {
      if (!isToolError(error)) throw error;
      const interrupted = error.code === "interrupted";
      await state.ledger.finish(
        sessions.audit,
        migration.id,
        step.index,
        startedAt,
        interrupted ? "interrupted" : "failed",
        error.why ?? error.what,
      );
      if (interrupted) throw error;
      emit({ type: "step.failed", ...place, ...risk, error: error.why ?? error.what, sqlstate: null });
      throw stepFailure(migration.id, step, [], error);
    }
    emit({ type: "step.finished", ...place, ...risk, durationMs: Math.round(performance.now() - began) });
  }
  await sessions.work.transaction({}, (tx) => state.ledger.forget(tx, migration.id));
  const size = { models: 0, relations: 0 };
  emit({
    type: "migration.finished",
    migration: migration.id,
    durationMs: Math.round(performance.now() - started),
    ...size,
  });
}
