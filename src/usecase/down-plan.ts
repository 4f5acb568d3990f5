/** What undoing migrations means: the inverses of their steps, what has none, what does not come back, and the gates. */
import { assert } from "../base/assert.ts";
import { toolError } from "../base/errors.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import type { Migration } from "../migration/migration.ts";
import type { SchemaGraph } from "../model/graph.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";
import { inversionOf } from "../operation/undo.ts";
import type { Session } from "../pg/session.ts";
import { readTableFacts } from "../pg/table-facts.ts";
import { readArtifacts } from "../recovery/artifact.ts";
import { evaluateGates, type GateResult } from "../risk/gates.ts";
import { finding, worstOf } from "../risk/levels.ts";
import { type LiveFigures, type PlannedStep, planSteps } from "../risk/plan.ts";
import { runProbes } from "../run/probes.ts";
import { type GateFlags, gateSettings } from "./plan.ts";
import { driftOf, type State } from "./state.ts";
import { noProgress } from "./step-progress.ts";
import { partlyDone, undoPart } from "./undo-part.ts";
import { wayBack } from "./way-back.ts";
import type { Workspace } from "./workspace.ts";

/** Which applied migrations are meant. */
export interface DownRange extends GateFlags {
  /** how many migrations to undo; one when neither this nor `to` is given */
  readonly steps?: number;
  /** undo everything after this migration, which stays */
  readonly to?: string;
}

/** One migration about to be undone; steps are inverses, last applied first, each under its step's index. */
export interface UndoneMigration {
  readonly id: string;
  readonly steps: readonly PlannedStep[];
  /** steps that cannot be undone, and why */
  readonly irreversible: readonly IrreversibleStep[];
  /** what does not come back although the schema does */
  readonly losses: readonly { readonly index: number; readonly loses: string }[];
  /** what is there already as it shall be, so that nothing is run for it */
  readonly there: readonly { readonly index: number; readonly object: string }[];
  readonly gates: readonly GateResult[];
}

export interface IrreversibleStep {
  readonly index: number;
  readonly kind: string;
  readonly object: string;
  readonly why: string;
  /** what to do about it, when it is not for good */
  readonly next?: string;
}

export interface DownPlan {
  readonly migrations: readonly UndoneMigration[];
}

/** Plans the way back, newest migration first; changes nothing. `confirmed` is undefined while nobody was asked. */
export async function planDown(
  workspace: Workspace,
  session: Session,
  state: State,
  input: DownRange,
  confirmed: boolean | undefined,
): Promise<DownPlan> {
  const figures: LiveFigures = { server: session.server.versionNum, table: await readTableFacts(session) };
  const settings = { ...gateSettings(workspace, input), requireVerified: false };
  const migrations: UndoneMigration[] = [];
  const isGivenBack = await givenBack(state, session);
  let now = state.live;
  for (const migration of chosen(undoable(state), input)) {
    const before = await graphBefore(state, session, migration);
    const { after, ...undone } = inversesOf(migration, { before, now }, state, figures, isGivenBack);
    now = after;
    const first = migrations.length === 0;
    const gates = evaluateGates(undone.steps, settings, {
      migration: migration.id,
      // Rows in the way of an older migration's way back can be asked for once the newer one is undone.
      offending: first ? await runProbes(session, undone.steps, state.live) : [],
      drift: first ? driftOf(state, () => true) : problemsOf(state, migration),
      ...(confirmed !== undefined ? { confirmed } : {}),
    });
    migrations.push({ id: migration.id, ...undone, gates });
  }
  return { migrations };
}

/** Migrations that are applied, wholly or in part, newest first. */
function undoable({ check, progress }: State): Migration[] {
  const partly = check.pending.filter((migration) => {
    const done = progress.get(migration.id) ?? noProgress;
    return done.applied.size > 0 || partlyDone(migration, done).length > 0;
  });
  return [...check.applied, ...partly].reverse();
}

function chosen(newestFirst: readonly Migration[], { steps, to }: DownRange): Migration[] {
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

function problemsOf({ check }: State, { id }: Migration): string[] {
  return check.problems.filter(({ migration }) => migration === id).map(({ message }) => message);
}

/** Whether what an operation gives back is out of the archive: what is in none is there when it is there. */
async function givenBack({ ledger, ledgerExists }: State, session: Session): Promise<(op: Operation) => boolean> {
  const artifacts = ledgerExists ? await readArtifacts(session, ledger.schema) : [];
  const restored = new Set(artifacts.flatMap(({ physical, status }) => (status === "restored" ? [physical] : [])));
  return (op) =>
    kindOf(op.kind)
      .emit(op, { server: session.server.versionNum, isFresh: () => false })
      .every(({ artifact }) => artifact?.phase !== "restored" || restored.has(artifact.physical));
}

function inversesOf(
  migration: Migration,
  { before, now }: { readonly before: SchemaGraph; readonly now: SchemaGraph },
  state: State,
  figures: LiveFigures,
  isGivenBack: (op: Operation) => boolean,
): Omit<UndoneMigration, "id" | "gates"> & { readonly after: SchemaGraph } {
  const progress = state.progress.get(migration.id) ?? noProgress;
  const { applied, begun } = progress;
  const parts = new Set(partlyDone(migration, progress));
  const there: { index: number; object: string }[] = [];
  let after = now;
  const steps: PlannedStep[] = [];
  const irreversible: IrreversibleStep[] = [];
  const losses: { index: number; loses: string }[] = [];
  for (const [index, op] of [...migration.ops.entries()].reverse()) {
    if (parts.has(index)) {
      const part = undoPart(migration, index, progress, { before, live: state.live, figures });
      if (part !== undefined) steps.push(part.step);
      if (part?.loses !== undefined) losses.push({ index, loses: part.loses });
      // It leads to where the steps that were applied whole led.
      after = predictOperations(
        before,
        migration.ops.filter((_, at) => applied.has(at)),
      );
      continue;
    }
    if (!applied.has(index)) continue;
    const kind = kindOf(op.kind);
    const start = predictOperations(
      before,
      migration.ops.filter((_, at) => at < index && applied.has(at)),
    );
    const inversion = inversionOf(op, start);
    if (!inversion.reversible) {
      irreversible.push({ index, kind: kind.kind, object: kind.describe(op), why: inversion.why });
      continue;
    }
    const end = predictOperations(start, [op]);
    const planned = planSteps(inversion.operations, end, figures);
    // Of a way back that was begun some is there, and the rest is to follow.
    const back =
      (begun.get(index)?.parts ?? 0) > 0
        ? { rest: inversion.operations, there: [], after: predictOperations(after, inversion.operations) }
        : wayBack(inversion.operations, end, after, isGivenBack);
    after = back.after;
    if (back.inTheWay !== undefined) {
      const { object, why } = back.inTheWay;
      const next = `rename or drop ${object} as it is now, then: zanith migrate down`;
      irreversible.push({ index, kind: kind.kind, object, why, next });
      continue;
    }
    for (const object of back.there) there.push({ index, object });
    const rest = planned.filter((step) => back.rest.includes(step.op));
    if (rest.length > 0 && inversion.loses !== undefined) losses.push({ index, loses: inversion.loses });
    steps.push(rest.length > 0 ? asOneStep(index, op, rest) : nothingToRun(index, op, planned));
  }
  return { steps, irreversible, losses, there, after };
}

/** A step whose way back was gone before: it is recorded as undone. */
function nothingToRun(index: number, op: Operation, planned: readonly PlannedStep[]): PlannedStep {
  const findings = [finding("safe", undefined, "it is there already, as it was: nothing is run")];
  return { ...asOneStep(index, op, planned), findings, ...worstOf(findings), segments: [], probes: [] };
}

/** The inverses of one step as one step: they commit segment by segment under the step's own index and digest. */
function asOneStep(index: number, op: Operation, inverses: readonly PlannedStep[]): PlannedStep {
  assert(inverses.length > 0, `undoing ${op.kind} takes at least one operation`);
  const worst = inverses.reduce((a, b) => (b.score > a.score ? b : a));
  return {
    ...worst,
    index,
    op,
    findings: inverses.flatMap(({ findings }) => findings),
    segments: inverses.flatMap(({ segments }) => segments),
    probes: inverses.flatMap(({ probes }) => probes),
  };
}

/** The schema a migration began with: the snapshot before its own. */
async function graphBefore(state: State, session: Session, migration: Migration): Promise<SchemaGraph> {
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
