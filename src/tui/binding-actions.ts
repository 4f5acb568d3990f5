/** What keys with a longer story do, and why they cannot: kept apart so that the table of bindings stays a table. Pure. */
import { cannotPurge, cannotReseed, cannotRestore } from "./artifact-rows.ts";
import { consentDialog } from "./consent.ts";
import { cursorOf, historyRows, selectedArtifact, selectedGate, selectedMigration, snapshotRows } from "./lists.ts";
import { isBusy, isRecovering, isRunning, needsDatabase, pending } from "./readiness.ts";
import { type Action, known, type RecoverVerb, type State } from "./state.ts";

/** Why a run is not asked to stop once more. */
export function askedAlready(state: State): string | undefined {
  return state.apply.asked === undefined ? undefined : "it was asked to stop already; x cancels the statement";
}

/** Whether the backfill stands still. */
export const isPaused = ({ apply }: State): boolean => apply.backfill?.state === "paused";

/** Why nothing can be paused now. */
export function cannotPause({ apply }: State): string | undefined {
  if (apply.backfill === undefined) {
    const runs = apply.steps.find(({ status }) => status === "running")?.kind;
    if (runs === "backfill") return "a moment: its first batch is not done yet";
    return "only a backfill can stand still in the middle; n stops after this step";
  }
  if (apply.asked !== undefined) return "it was asked to stop already; x cancels the statement";
  return apply.pausing === undefined ? undefined : "a moment: it looks before its next batch";
}

/** Why others cannot be let go first. */
export function cannotBackOff({ apply }: State): string | undefined {
  if (apply.lockWait === undefined) return "it waits for no lock now";
  if (apply.lockWait.isResting) return "it rests now: others go first already";
  return apply.lockWait.attempts > 1 ? undefined : "this wait keeps nobody else waiting; it needs no lock that could";
}

/** Why zanith cannot be left now. */
export function cannotQuit(state: State): string | undefined {
  if (isRunning(state)) return "a run is going on: under 4, n stops it after this step, x cancels it";
  return isRecovering(state) ? `${state.recoveryLabel ?? "recovering"}: Ctrl-C stops it` : undefined;
}

/** Ctrl-C: leaves; during a run it stops it, and cancels its statement when pressed again. */
export function interruptOrQuit(state: State): Action {
  const asked = isRunning(state) ? state.apply.asked : state.recovery.asked;
  if (!isRunning(state) && !isRecovering(state)) return { type: "quit" };
  return { type: "run.ask", how: asked === undefined ? "stop" : "cancel" };
}

/** Whether there is somewhere to go back to. */
export function canGoBack(state: State): boolean {
  return (
    state.trail.length > 0 ||
    state.relationsOf !== undefined ||
    state.isZoomed ||
    state.isGatesFocused ||
    (state.screen === "snapshots" && state.pair !== undefined)
  );
}

/** What passes the gate under the cursor, as far as that can be done from here. */
export function passGate(state: State): Action {
  const gate = selectedGate(state)?.gate;
  const migration = selectedMigration(state);
  if (gate === "verified") return { type: "verify.start" };
  if (gate === "drift") {
    const newest = known(state.readings.snapshots)?.find(({ source }) => source !== "live");
    return newest === undefined ? { type: "go", screen: "snapshots" } : { type: "pair", a: newest.source, b: "live" };
  }
  if (migration === undefined || gate === undefined) return { type: "gates" };
  return { type: "dialog", dialog: consentDialog(gate, pending(state)) };
}

/** Why nothing can be compared with the snapshot under the cursor. */
export function cannotCompare(state: State): string | undefined {
  const rows = snapshotRows(state);
  if (rows.length === 0) return "there is no snapshot yet";
  const at = rows[cursorOf(state, "snapshots", rows.length)];
  return state.picked !== undefined && at?.source === state.picked ? "this is the first one; pick another" : undefined;
}

/** The picked snapshot and the one under the cursor, or the one under the cursor and the one before it. */
export function comparePicked(state: State): Action {
  const rows = snapshotRows(state);
  const at = cursorOf(state, "snapshots", rows.length);
  const under = rows[at]?.source ?? "";
  return { type: "pair", a: state.picked ?? rows[at + 1]?.source ?? under, b: under };
}

/** The snapshots before and after the migration under the cursor. */
export function pairOfHistory(state: State): { readonly a: string; readonly b: string } | undefined {
  const rows = historyRows(state);
  const id = rows[cursorOf(state, "history", rows.length)]?.entry.migration;
  const stored = (known(state.readings.snapshots) ?? []).filter(({ source }) => source !== "live");
  const at = stored.findIndex(({ name, phase }) => name === id && phase === "after");
  const before = stored[at + 1];
  const after = stored[at];
  return at < 0 || before === undefined || after === undefined ? undefined : { a: before.source, b: after.source };
}

/** A verb for the artifact under the cursor. */
export function recoverAction(verb: RecoverVerb): (state: State) => Action {
  return (state) => ({ type: "recover", verb, id: selectedArtifact(state)?.id ?? "" });
}

/** Why a verb cannot be used on the artifact under the cursor. */
export function cannotRecover(verb: RecoverVerb): (state: State) => string | undefined {
  return (state) => {
    const reason = needsDatabase(state) ?? isBusy(state);
    if (reason !== undefined) return reason;
    const artifact = selectedArtifact(state);
    if (verb === "cleanup")
      return (known(state.readings.artifacts) ?? []).length > 0 ? undefined : "nothing was set aside";
    if (verb === "restore" || verb === "restore-as") return cannotRestore(artifact);
    if (verb === "reseed") return cannotReseed(artifact);
    if (verb === "purge") return cannotPurge(artifact);
    return artifact === undefined ? "nothing was set aside" : undefined;
  };
}

/** What the migration under the cursor set aside: its id, or why there is nothing to see. */
export function artifactsOfHistory(state: State): { readonly migration: string } | { readonly why: string } {
  const rows = historyRows(state);
  const migration = rows[cursorOf(state, "history", rows.length)]?.entry.migration;
  const artifacts = known(state.readings.artifacts) ?? [];
  if (migration === undefined || !artifacts.some((artifact) => artifact.migration === migration)) {
    return { why: "this migration set nothing aside" };
  }
  return { migration };
}
