/** plan: the pending migrations with their steps, risk and gates, judged against the live database where there is one. */
import { toolError } from "../base/errors.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { emptyGraph } from "../model/graph.ts";
import { graphHash } from "../model/json.ts";
import type { ObjectId } from "../model/kinds.ts";
import { kindOf } from "../operation/registry.ts";
import { makingRoles, missingInWords, missingRoles, objectsPut, rolesIn } from "../pg/missing-roles.ts";
import type { Session } from "../pg/session.ts";
import { readTableFacts } from "../pg/table-facts.ts";
import { evaluateGates, type GateResult } from "../risk/gates.ts";
import type { Level } from "../risk/levels.ts";
import { type GateSettings, type Mode, modeDefaults } from "../risk/modes.ts";
import { type LiveFigures, operationsHash, type PlannedStep, planSteps, worstStep } from "../risk/plan.ts";
import { runProbes } from "../run/probes.ts";
import { findVerdict, readVerdicts } from "../verify/verdicts.ts";
import { type HeldContract, heldContract } from "./hold-contract.ts";
import { readFolder, readState, type State } from "./state.ts";
import { noProgress } from "./step-progress.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

/** Gate settings given with a command; they outrank the configuration, which outranks the mode. */
export interface GateFlags {
  readonly maxRisk?: number;
  readonly allowDestructive?: boolean;
  readonly failOn?: readonly string[];
}

export interface PlanInput extends GateFlags {
  /** judge by the files alone */
  readonly offline?: boolean;
  readonly steps?: number;
  readonly to?: string;
  /** as a run does: stop before a migration that ends what one of the same run begins, unless `to` asks for it */
  readonly holding?: true;
}

export interface PlannedMigration {
  readonly id: string;
  readonly steps: readonly PlannedStep[];
  /** indexes of steps that are applied already */
  readonly applied: readonly number[];
  readonly gates: readonly GateResult[];
  readonly worst: { readonly level: Level; readonly score: number };
}

export interface PlanResult {
  readonly mode: Mode;
  /** absent offline */
  readonly database?: { readonly name: string; readonly version: string; readonly user: string };
  readonly migrations: readonly PlannedMigration[];
  /** what is left for a run of its own */
  readonly held?: HeldContract;
  /** figures that were not known, in words */
  readonly notKnown: readonly string[];
  /** objects of the live database that are not modelled */
  readonly unmodelled: readonly { readonly kind: string; readonly name: string }[];
}

/** The gate settings of a run. */
export function gateSettings(workspace: Workspace, flags: GateFlags): GateSettings {
  const { config } = workspace;
  const defaults = modeDefaults(config.mode);
  const maxRisk = flags.maxRisk ?? config.maxRisk ?? defaults.maxRisk;
  return {
    ...defaults,
    ...(maxRisk !== undefined ? { maxRisk } : {}),
    allowDestructive: flags.allowDestructive ?? config.allowDestructive ?? defaults.allowDestructive,
    failOn: flags.failOn ?? config.failOn ?? defaults.failOn,
  };
}

/** Plans all pending migrations; changes nothing. */
export async function plan(workspace: Workspace, input: PlanInput, _run: Run): Promise<PlanResult> {
  if (input.offline) return planOffline(workspace, input);
  return withSession(workspace, "plan", async (session) =>
    planLive(workspace, session, await readState(workspace, session), input, undefined),
  );
}

async function planOffline(workspace: Workspace, input: PlanInput): Promise<PlanResult> {
  const settings = gateSettings(workspace, input);
  const files = await readFolder(workspace);
  const migrations = select(files, input).map((migration): PlannedMigration => {
    const steps = planSteps(migration.ops, emptyGraph);
    return {
      id: migration.id,
      steps,
      applied: [],
      gates: evaluateGates(steps, settings, { migration: migration.id }),
      worst: worstStep(steps),
    };
  });
  return {
    mode: workspace.config.mode,
    migrations,
    notKnown: ["offline: table sizes, row counts, write rates, the server's version and which migrations are applied"],
    unmodelled: [],
  };
}

/** Plans against a state that was read; `confirmed` is undefined while nobody was asked. */
export async function planLive(
  workspace: Workspace,
  session: Session,
  state: State,
  input: PlanInput,
  confirmed: boolean | undefined,
): Promise<PlanResult> {
  const settings = gateSettings(workspace, input);
  const figures: LiveFigures = { server: session.server.versionNum, table: await readTableFacts(session) };
  const verdicts = readVerdicts(workspace.config.dir);
  const notKnown = new Set<string>();
  let before: SchemaGraph = state.snapshot?.graph ?? state.live;
  let hash = graphHash(state.live);
  let opaque = false;
  const written = new Set<ObjectId>();
  const migrations: PlannedMigration[] = [];
  const chosen = select(state.check.pending, input);
  const held = input.holding === true && input.to === undefined ? heldContract(chosen) : undefined;
  for (const migration of held === undefined
    ? chosen
    : select(chosen, { steps: chosen.findIndex(({ id }) => id === held.migration) })) {
    const done = (state.progress.get(migration.id) ?? noProgress).applied;
    if (done.size === 0 && migrations.length === 0) before = state.live;
    const steps = planSteps(migration.ops, before, { ...figures, applied: done });
    const open = steps.filter(({ index }) => !done.has(index));
    const proof =
      findVerdict(verdicts, migration.id, operationsHash(migration.ops), hash) ??
      // What was proven for the schema its first step found stays proven while it is finished.
      (done.size > 0
        ? findVerdict(verdicts, migration.id, operationsHash(migration.ops), graphHash(before))
        : undefined);
    const missing = await missingRoles(
      session,
      rolesIn(
        objectsPut(
          before,
          open.map(({ op }) => op),
        ),
      ),
    );
    const asked = opaque ? [] : askable(untilOpaque(open), written);
    const gates = evaluateGates(open, settings, {
      migration: migration.id,
      offending: await runProbes(session, asked, state.live),
      askedLater: open.filter((step) => step.probes.length > 0 && !asked.includes(step)).length,
      ...(missing.length > 0 ? { missingRoles: { words: missingInWords(missing), how: makingRoles(missing) } } : {}),
      verified: proof !== undefined,
      drift: state.drift,
      ...(confirmed !== undefined ? { confirmed } : {}),
    });
    opaque ||= open.some(isOpaque);
    migrations.push({
      id: migration.id,
      steps,
      applied: [...done].sort((a, b) => a - b),
      gates,
      worst: worstStep(open),
    });
    if (migrations.length < chosen.length) before = predictOperations(before, migration.ops);
    hash = proof?.after ?? "";
    for (const { findings } of steps)
      for (const { message } of findings) if (message.startsWith("not known")) notKnown.add(message);
  }
  const { database: name, version, user } = session.server;
  return {
    mode: workspace.config.mode,
    database: { name, version, user },
    migrations,
    ...(held === undefined ? {} : { held }),
    notKnown: [...notKnown],
    unmodelled: state.live.unmodelled,
  };
}

function isOpaque({ kind }: PlannedStep): boolean {
  return kindOf(kind).opaque === true;
}

/** The steps before the first one that may change rows in ways nobody knows. */
function untilOpaque(steps: readonly PlannedStep[]): readonly PlannedStep[] {
  const end = steps.findIndex(isOpaque);
  return end < 0 ? steps : steps.slice(0, end);
}

/**
 * The steps whose probes can be answered by the rows as they are: not those about columns that an earlier step has yet to
 * fill. Adds what the steps write to `written`.
 */
function askable(steps: readonly PlannedStep[], written: Set<ObjectId>): readonly PlannedStep[] {
  return steps.filter(({ op, kind, probes }) => {
    const isAsked = !probes.some(({ requires }) => requires.some((id) => written.has(id)));
    for (const id of kindOf(kind).writes?.(op) ?? []) written.add(id);
    return isAsked;
  });
}

/** The first N pending migrations, or those up to an id. */
export function select<T extends { readonly id: string }>(
  migrations: readonly T[],
  input: { readonly steps?: number; readonly to?: string },
): T[] {
  const end = input.to === undefined ? migrations.length : migrations.findIndex(({ id }) => id === input.to) + 1;
  if (input.to !== undefined && end === 0) throw unknownMigration(input.to);
  return migrations.slice(0, Math.min(end, input.steps ?? migrations.length));
}

/** The error for an id that is not pending. */
export function unknownMigration(id: string): Error {
  return toolError({
    code: "name_unknown",
    what: `there is no pending migration ${id}`,
    why: "--to takes the id of a migration that is not applied yet",
    state: "nothing was changed",
    next: "zanith migrate status",
  });
}
