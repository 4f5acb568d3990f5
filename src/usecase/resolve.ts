/**
 * resolve: writes into the ledger that a migration is applied or rolled back, for a person who knows better than it. Runs
 * nothing of the migration; shows beforehand what the ledger and the live schema say, and records who did it.
 */
import { forgetCheckpoint } from "../backfill/checkpoint.ts";
import { toolError } from "../base/errors.ts";
import type { Migration } from "../migration/migration.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { acquireLock } from "../pg/advisory-lock.ts";
import type { Session } from "../pg/session.ts";
import { operationsHash, type PlannedStep, planSteps } from "../risk/plan.ts";
import { recordedOperation, recordedSql, type StepRecord, snapshotDocument } from "../run/ledger.ts";
import { knownOf } from "./resolve-known.ts";
import { contradictionsOf, effectsOf, type ResolvePlan, type ResolveStep } from "./resolve-plan.ts";
import { readFolder, readState, type State } from "./state.ts";
import { type Run, type Workspace, withRunSessions } from "./workspace.ts";

export type { ResolvePlan, ResolveStep } from "./resolve-plan.ts";

export interface ResolveInput {
  readonly migration: string;
  readonly as: ResolvePlan["as"];
  /** index of the one step that is marked; the migration itself stays pending, and up goes on after it */
  readonly step?: number;
  /** `--yes`; undefined asks `confirm`, where one is given */
  readonly confirmed?: boolean;
  readonly confirm?: (plan: ResolvePlan) => Promise<boolean>;
  readonly dryRun?: boolean;
}

export interface ResolveResult {
  readonly plan: ResolvePlan;
  /** rows that were written to the steps table */
  readonly recorded: number;
  /** why nothing was recorded */
  readonly refused?: string;
}

/**
 * Marks a migration.
 * @throws ToolError name_unknown, locked, ledger_mismatch when the ledger changed while a person was asked
 */
export async function resolve(workspace: Workspace, input: ResolveInput, run: Run): Promise<ResolveResult> {
  return withRunSessions(workspace, "resolve", async ({ work }) => {
    const { auditSchema } = workspace.config;
    const lock = await acquireLock(work, { schema: auditSchema, waitMs: 0, signal: run.signal });
    try {
      return await resolveLocked(workspace, input, work);
    } finally {
      if (work.alive) await lock.release();
    }
  });
}

async function resolveLocked(workspace: Workspace, input: ResolveInput, work: Session): Promise<ResolveResult> {
  const files = await readFolder(workspace);
  let state = await readState(workspace, work);
  if (!input.dryRun) {
    await state.ledger.ensure(work);
    await state.ledger.closeAbandoned(work);
    state = await readState(workspace, work);
  }
  const file = files.find(({ id }) => id === input.migration);
  const plan = await planResolve(work, state, file, input);
  if (plan.settled || input.dryRun) return { plan, recorded: 0 };
  // With a person's word against the catalog's, no mode goes without being asked.
  const asks = workspace.config.mode !== "development" || plan.contradictions.length > 0;
  if (asks && input.confirmed !== true && !(await input.confirm?.(plan))) {
    return { plan, recorded: 0, refused: "not confirmed: type the name, or give --yes" };
  }
  const recorded = plan.steps.filter((step) => step.recorded);
  await work.transaction({}, async (tx) => {
    const { ledger } = state;
    const { migration, as } = plan;
    const note = `marked as ${as === "applied" ? "applied" : "rolled back"} by zanith migrate resolve, role ${work.server.user}`;
    for (const step of recorded) {
      await ledger.markStep(tx, migration, step, as, note);
      await forgetCheckpoint(tx, { schema: ledger.schema, migration, step: step.index });
    }
    if (plan.step !== undefined) return;
    if (as === "rolled_back") await ledger.forget(tx, migration);
    else {
      const operations = operationsHash(file?.ops ?? []);
      await ledger.complete(tx, migration, snapshotDocument(state.live, { migration, phase: "after", operations }));
    }
  });
  return { plan, recorded: recorded.length };
}

async function planResolve(
  work: Session,
  state: State,
  file: Migration | undefined,
  { migration, as, step: only }: ResolveInput,
): Promise<ResolvePlan> {
  const attempts = state.attempts.filter((one) => one.migration === migration);
  const isComplete = state.migrations.some(({ id }) => id === migration);
  if (file === undefined && (as === "applied" || (attempts.length === 0 && !isComplete))) throw unknown(migration, as);
  const words = ledgerWords(attempts);
  const before = await graphBefore(work, state, migration, isComplete);
  if (only !== undefined) refuseStep(migration, only, file, isComplete);
  const planned = file === undefined ? [] : planSteps(file.ops, before, { server: work.server.versionNum });
  const effects = file === undefined ? [] : effectsOf(file.ops, before, state.live);
  const steps: ResolveStep[] = [];
  for (const step of file === undefined ? fromAttempts(attempts) : planned.map(fromPlanned)) {
    const ledger = words.get(step.index) ?? "not begun";
    const seen = effects[step.index] ?? "not known";
    const own = planned[step.index];
    const recorded =
      (only ?? step.index) === step.index &&
      (as === "applied" ? ledger !== "applied" : !["rolled_back", "not begun", "refused"].includes(ledger));
    const found = seen === "not known" && own !== undefined ? await knownOf(work, own, ledger) : { catalog: seen };
    steps.push({ ...step, ledger, ...found, recorded });
  }
  const marked = only === undefined ? steps : steps.filter(({ index }) => index === only);
  const isSaid = steps.every(({ recorded }) => !recorded);
  const settled = only !== undefined ? isSaid : as === "applied" ? isComplete : !isComplete && isSaid;
  return {
    migration,
    as,
    ...(only === undefined ? {} : { step: only }),
    steps,
    contradictions: settled ? [] : contradictionsOf(as, marked),
    settled,
  };
}

/** One step can be marked of a migration that is in the folder and not complete. */
function refuseStep(migration: string, step: number, file: Migration | undefined, isComplete: boolean): void {
  if (!isComplete && file?.ops[step] !== undefined) return;
  throw toolError({
    code: "name_unknown",
    what: `step ${step} of ${migration} cannot be marked by itself`,
    why: isComplete
      ? "the migration is recorded as applied, as a whole"
      : `its file has ${file === undefined ? "gone" : `the steps 0 to ${file.ops.length - 1}`}`,
    state: "nothing was recorded",
    next: `zanith migrate history --id ${migration}`,
  });
}

type RecordedStep = Omit<ResolveStep, "ledger" | "catalog" | "known" | "recorded">;

function fromPlanned(step: PlannedStep): RecordedStep {
  const { index, kind, object, level, score } = step;
  return { index, kind, object, level, score, sql: recordedSql(step) };
}

/** The steps of a migration whose file is gone: what was recorded of them last. */
function fromAttempts(attempts: readonly StepRecord[]): RecordedStep[] {
  const last = new Map(attempts.map((attempt) => [attempt.index, attempt]));
  return [...last.values()]
    .sort((a, b) => a.index - b.index)
    .map(({ index, kind, level, score, sql }) => {
      return { index, kind, object: recordedOperation(sql).object, level, score, sql };
    });
}

/** The newest word on each step. A refusal says nothing of what stands. */
function ledgerWords(attempts: readonly StepRecord[]): Map<number, string> {
  const words = new Map<number, string>();
  for (const { index, status } of attempts) {
    if (status !== "refused" || !words.has(index)) words.set(index, status);
  }
  return words;
}

/** The schema before a migration: the snapshot before its own, or the newest while it has none. */
async function graphBefore(
  work: Session,
  { ledger, snapshot, live }: State,
  migration: string,
  isComplete: boolean,
): Promise<SchemaGraph> {
  if (!isComplete) return snapshot?.graph ?? live;
  const all = await ledger.snapshots(work);
  const own = all.findIndex((one) => one.migration === migration && one.phase === "after");
  const earlier = all[own - 1];
  return (earlier === undefined ? undefined : (await ledger.snapshotAt(work, earlier.capturedAt))?.graph) ?? live;
}

function unknown(migration: string, as: ResolvePlan["as"]): Error {
  return toolError({
    code: "name_unknown",
    what: `there is no migration ${migration} to mark`,
    why:
      as === "applied"
        ? "its file is not in the folder, and what its steps are is only known from there"
        : "neither the folder nor the ledger knows it",
    state: "nothing was recorded",
    next: "zanith migrate status",
  });
}
