/** Runs what a recover command asks for as a migration of its own: under the run lock, with its steps in the ledger. */
import { toolError } from "../../base/errors.ts";
import { makeMigrationId } from "../../migration/migration.ts";
import { graphSize } from "../../model/lined-graph.ts";
import type { Operation } from "../../operation/define.ts";
import { acquireLock } from "../../pg/advisory-lock.ts";
import { readTableFacts } from "../../pg/table-facts.ts";
import { type Artifact, readArtifacts } from "../../recovery/artifact.ts";
import { artifactKeeper } from "../../recovery/keeper.ts";
import { type PlannedStep, planSteps } from "../../risk/plan.ts";
import { applyMigration } from "../../run/apply.ts";
import { stepFailure } from "../../run/attempt.ts";
import { isolated } from "../../run/events.ts";
import type { RunSessions } from "../../run/step-runner.ts";
import { readState, type State } from "../state.ts";
import { noProgress, type StepProgress } from "../step-progress.ts";
import { cancellable, type Run, type Workspace, withRunSessions } from "../workspace.ts";

/** What a command may look at once it holds the lock. */
export interface CommandContext {
  readonly run: Run;
  readonly sessions: RunSessions;
  readonly state: State;
  readonly artifacts: readonly Artifact[];
}

/** Takes the lock, closes what a dead runner left, reads the state and runs the body. */
export async function withRecovery<T>(
  workspace: Workspace,
  purpose: string,
  given: Run,
  body: (context: CommandContext) => Promise<T>,
): Promise<T> {
  const run: Run = { ...given, emit: isolated(given.emit) };
  return withRunSessions(workspace, purpose, async (sessions) => {
    const { work, audit } = sessions;
    const { auditSchema } = workspace.config;
    const lock = await acquireLock(work, { schema: auditSchema, waitMs: 0, signal: run.signal });
    try {
      return await cancellable(run, work, async () => {
        let state = await readState(workspace, work);
        if (!state.ledgerExists) return body({ run, sessions, state, artifacts: [] });
        if ((await state.ledger.closeAbandoned(audit)).length > 0) state = await readState(workspace, work);
        return body({ run, sessions, state, artifacts: await readArtifacts(work, auditSchema) });
      });
    } finally {
      if (work.alive) await lock.release();
    }
  });
}

/** A run of the same command on the same artifact that did not end. */
export interface UnfinishedRun {
  readonly id: string;
  readonly progress: StepProgress;
  /** the first index that no attempt has */
  readonly next: number;
}

/** The id for what a command does: `<stamp>_<verb>_<name>_<tag>`, the stamp a second later for each time it is taken. */
export function commandId(
  workspace: Workspace,
  { migrations, attempts }: State,
  verb: string,
  { table, column, physical }: Artifact,
): string {
  const name = [table, column ?? ""].join("_").slice(0, 60);
  const taken = new Set([...migrations.map(({ id }) => id), ...attempts.map(({ migration }) => migration)]);
  const now = workspace.now().getTime();
  const idAfter = (seconds: number): string =>
    `${makeMigrationId(new Date(now + seconds * 1_000), `${verb}_${name}`)}_${tagOf(physical)}`;
  let seconds = 0;
  // Ends: there are fewer taken ids than seconds.
  while (taken.has(idAfter(seconds))) seconds++;
  return idAfter(seconds);
}

/** The eight digits at the end of where something was set aside. */
export function tagOf(physical: string): string {
  return /_([0-9a-f]{8})"?$/.exec(physical)?.[1] ?? "00000000";
}

/** Finds the run that a command goes on with. */
export function unfinishedRun(state: State, verb: string, { physical }: Artifact): UnfinishedRun | undefined {
  const complete = new Set(state.migrations.map(({ id }) => id));
  const ended = new RegExp(`^\\d{8}_\\d{6}_${verb}_.*_${tagOf(physical)}$`);
  const own = state.attempts.filter(({ migration }) => !complete.has(migration) && ended.test(migration));
  const id = own.at(-1)?.migration;
  if (id === undefined) return undefined;
  const indexes = own.filter(({ migration }) => migration === id).map(({ index }) => index);
  return { id, progress: state.progress.get(id) ?? noProgress, next: Math.max(...indexes) + 1 };
}

export interface CommandedMigration {
  readonly id: string;
  readonly steps: readonly PlannedStep[];
  readonly progress: StepProgress;
}

/** Plans operations as steps, the first of which has a certain index. */
export async function planCommanded(
  { state, sessions }: CommandContext,
  operations: readonly Operation[],
  from: number,
): Promise<PlannedStep[]> {
  const figures = { server: sessions.work.server.versionNum, table: await readTableFacts(sessions.work) };
  return planSteps(operations, state.live, figures).map((step) => ({ ...step, index: step.index + from }));
}

/** Runs the steps and completes the migration. @throws ToolError step_failed, interrupted */
export async function runCommanded(
  workspace: Workspace,
  { run, sessions, state }: CommandContext,
  { id, steps, progress }: CommandedMigration,
  input: { readonly lockTimeoutMs?: number; readonly again: string },
): Promise<{ readonly models: number; readonly relations: number }> {
  const outcome = await applyMigration({
    sessions,
    ledger: state.ledger,
    migration: id,
    steps,
    done: new Set(),
    begun: progress.begun,
    lockTimeoutMs: input.lockTimeoutMs ?? workspace.config.lockTimeoutMs,
    emit: run.emit,
    signal: run.signal,
    random: workspace.random,
    artifacts: artifactKeeper(state.ledger.schema, undefined),
  });
  switch (outcome.status) {
    case "applied":
      return graphSize(outcome.graph);
    case "failed": {
      if (outcome.error.code === "archive_mismatch") throw outcome.error;
      const error = stepFailure({ migration: id, outcome: "applied" }, outcome.step, [], outcome.error);
      throw toolError({
        ...error,
        next: `correct the cause, then: ${input.again}`,
        details: error.details,
        cause: error,
      });
    }
    case "refused":
      throw toolError({
        code: "step_failed",
        what: `step ${outcome.step.index} ${outcome.step.kind} ${outcome.step.object} of ${id} was refused`,
        why: [outcome.gate.why, outcome.gate.how].filter(Boolean).join("; "),
        state: "what was committed stays; the same command goes on from there",
        next: input.again,
      });
    case "interrupted":
      throw toolError({
        code: "interrupted",
        what: `${id} was stopped`,
        state: "what was committed stays and is recorded",
        next: input.again,
      });
  }
}
