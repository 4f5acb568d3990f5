/** The list under the cursor on each screen: its rows, in the order and with the filter that is shown. Pure. */
import type { GateResult } from "../risk/gates.ts";
import type { PlannedStep } from "../risk/plan.ts";
import type { HistoryEntry, HistoryStep } from "../usecase/history.ts";
import type { PlannedMigration, PlanResult } from "../usecase/plan.ts";
import type { ArtifactRow } from "./artifact-rows.ts";
import type { Comparison, ModelRow, RelationRow } from "./comparison.ts";
import { known, type SnapshotEntry, type State } from "./state.ts";

export type PlanRow =
  | { readonly type: "migration"; readonly migration: PlannedMigration }
  | { readonly type: "step"; readonly migration: PlannedMigration; readonly step: PlannedStep; readonly done: boolean };

export type HistoryRow =
  | { readonly type: "migration"; readonly entry: HistoryEntry; readonly isOpen: boolean }
  | { readonly type: "step"; readonly entry: HistoryEntry; readonly step: HistoryStep };

/** The name its cursor and filter are kept under. */
export function listName(state: State): string {
  switch (state.screen) {
    case "plan":
      return state.isGatesFocused ? "gates" : "plan";
    case "history":
      return state.historyTab;
    case "snapshots":
      if (state.pair === undefined) return "snapshots";
      return state.relationsOf === undefined ? "models" : "relations";
    default:
      return state.screen;
  }
}

/** Rows of the list under the cursor. */
export function listLength(state: State): number {
  switch (listName(state)) {
    case "home":
      return known(state.readings.plan)?.migrations.length ?? 0;
    case "plan":
      return planRows(state).length;
    case "gates":
      return selectedMigration(state)?.gates.length ?? 0;
    case "apply":
      return state.apply.steps.length;
    case "history":
      return historyRows(state).length;
    case "snapshots":
      return snapshotRows(state).length;
    case "models":
      return modelRows(state).length;
    case "relations":
      return relationRows(state).length;
    case "recover":
      return artifactRows(state).length;
    case "verify":
      return 0;
    default:
      return known(state.readings.audit)?.rows.length ?? 0;
  }
}

/** The cursor's row of the list under it, within what is there. */
export function cursorOf(state: State, name = listName(state), length = listLength(state)): number {
  return Math.max(0, Math.min(state.cursors[name] ?? 0, length - 1));
}

/** Remembers the last answer: a screen asks for the same rows several times per frame. */
function memo<A extends readonly unknown[], R>(make: (...args: A) => R): (...args: A) => R {
  let last: { readonly args: A; readonly result: R } | undefined;
  return (...args) => {
    if (last?.args.every((value, index) => Object.is(value, args[index]))) return last.result;
    last = { args, result: make(...args) };
    return last.result;
  };
}

const includes = (text: string, filter: string): boolean => text.toLowerCase().includes(filter.toLowerCase());

const makePlanRows = memo((plan: PlanResult | undefined, filter: string, byRisk: boolean): readonly PlanRow[] =>
  (plan?.migrations ?? []).flatMap((migration): PlanRow[] => {
    const applied = new Set(migration.applied);
    const steps = migration.steps
      .filter(({ kind, object, level }) => filter === "" || includes(`${kind} ${object} ${level}`, filter))
      .map((step): PlanRow => ({ type: "step", migration, step, done: applied.has(step.index) }));
    if (byRisk) steps.sort((a, b) => scoreOf(b) - scoreOf(a));
    return [{ type: "migration", migration }, ...steps];
  }),
);

function scoreOf(row: PlanRow): number {
  return row.type === "step" ? row.step.score : 0;
}

/** The plan: each migration and below it its steps. */
export function planRows(state: State): readonly PlanRow[] {
  return makePlanRows(known(state.readings.plan), state.filters["plan"] ?? "", state.isSortedByRisk);
}

/** The row of the plan under the cursor, also while the gates have the focus. */
export function selectedPlanRow(state: State): PlanRow | undefined {
  const rows = planRows(state);
  return rows[cursorOf(state, "plan", rows.length)];
}

/** The migration whose gates are shown. */
export function selectedMigration(state: State): PlannedMigration | undefined {
  return selectedPlanRow(state)?.migration;
}

/** The gate under the cursor while the gates have the focus. */
export function selectedGate(state: State): GateResult | undefined {
  const gates = selectedMigration(state)?.gates ?? [];
  return state.isGatesFocused ? gates[cursorOf(state, "gates", gates.length)] : undefined;
}

const makeHistoryRows = memo((entries: readonly HistoryEntry[], open: readonly string[], filter: string) =>
  [...entries].reverse().flatMap((entry): HistoryRow[] => {
    if (filter !== "" && !includes(entry.migration, filter)) return [];
    const isOpen = open.includes(entry.migration);
    const steps = isOpen ? entry.steps.map((step): HistoryRow => ({ type: "step", entry, step })) : [];
    return [{ type: "migration", entry, isOpen }, ...steps];
  }),
);

const noEntries: readonly HistoryEntry[] = [];

/** The ledger, newest migration first; the steps of those that are open. */
export function historyRows(state: State): readonly HistoryRow[] {
  const entries = known(state.readings.history)?.entries ?? noEntries;
  return makeHistoryRows(entries, state.openMigrations, state.filters["history"] ?? "");
}

const noSnapshots: readonly SnapshotEntry[] = [];
const makeSnapshotRows = memo((entries: readonly SnapshotEntry[], filter: string) =>
  filter === "" ? entries : entries.filter(({ name }) => includes(name, filter)),
);

/** The snapshots that can be picked, newest first. */
export function snapshotRows(state: State): readonly SnapshotEntry[] {
  return makeSnapshotRows(known(state.readings.snapshots) ?? noSnapshots, state.filters["snapshots"] ?? "");
}

const noArtifacts: readonly ArtifactRow[] = [];
const makeArtifactRows = memo((artifacts: readonly ArtifactRow[], filter: string) =>
  filter === "" ? artifacts : artifacts.filter(({ id, type }) => includes(`${id} ${type}`, filter)),
);

/** What was set aside, newest first. */
export function artifactRows(state: State): readonly ArtifactRow[] {
  return makeArtifactRows(known(state.readings.artifacts) ?? noArtifacts, state.filters["recover"] ?? "");
}

/** The artifact under the cursor. */
export function selectedArtifact(state: State): ArtifactRow | undefined {
  const rows = artifactRows(state);
  return rows[cursorOf(state, "recover", rows.length)];
}

const makeModelRows = memo(
  (comparison: Comparison | undefined, filter: string, changedOnly: boolean): readonly ModelRow[] =>
    (comparison?.rows ?? []).filter(
      ({ name, mark }) => (!changedOnly || mark !== "same") && (filter === "" || includes(name, filter)),
    ),
);

/** The models of the pair that is open. */
export function modelRows(state: State): readonly ModelRow[] {
  return makeModelRows(known(state.readings.comparison), state.filters["models"] ?? "", state.isChangedOnly);
}

/** The model under the cursor, also while its relations have the focus. */
export function selectedModel(state: State): ModelRow | undefined {
  const rows = modelRows(state);
  return rows[cursorOf(state, "models", rows.length)];
}

const noRelations: readonly RelationRow[] = [];

/** The relations of the model they were opened for. */
export function relationRows(state: State): readonly RelationRow[] {
  if (state.relationsOf === undefined) return noRelations;
  return known(state.readings.comparison)?.relations(state.relationsOf) ?? noRelations;
}
