/** What has to be so before something can be started; the answers are the reasons that disabled keys give. Pure. */
import { refusedBy } from "../risk/gates.ts";
import type { StatusResult } from "../usecase/status.ts";
import { known, type State } from "./state.ts";

/** Whether something is being applied. */
export const isRunning = (state: State): boolean => state.apply.phase === "running";
/** Whether the recover screen does something. */
export const isRecovering = (state: State): boolean => state.recovery.phase === "running";
/** Why nothing else can be started. */
export const isBusy = (state: State): string | undefined => {
  if (isRunning(state)) return "a run is going on; it can be seen under 4";
  return isRecovering(state) ? `${state.recoveryLabel ?? "recovering"}; it can be seen under 7` : undefined;
};
/** The migrations of the plan. */
export const pending = (state: State) => known(state.readings.plan)?.migrations ?? [];
/** Why a screen of the database cannot be shown. */
export const needsDatabase = (state: State): string | undefined =>
  state.offline ? "exported files are browsed; start zanith with a database for this" : undefined;

/** Why the pending migrations cannot be verified now. */
export function cannotVerify(state: State): string | undefined {
  if (state.verify.phase === "running") return "it is being verified already";
  const reason = needsDatabase(state) ?? isBusy(state);
  if (reason !== undefined) return reason;
  // Verify makes its own plan: it need not wait for the one that is shown.
  return known(state.readings.plan) === undefined ? undefined : nothingPending(state);
}

/** Why there is nothing to plan, verify or apply. */
export function nothingPending(state: State): string | undefined {
  if (known(state.readings.plan) === undefined) return "the plan is not there yet";
  return pending(state).length === 0 ? "nothing is pending" : undefined;
}

/** Why the pending migrations cannot be applied now: the first gate that refuses, with what passes it. */
export function cannotApply(state: State): string | undefined {
  const reason = needsDatabase(state) ?? isBusy(state);
  if (reason !== undefined) return reason;
  if (state.verify.phase === "running") return "it is being verified; wait for the verdict";
  const none = nothingPending(state);
  if (none !== undefined) return none;
  if (state.readings.plan.status === "loading") return "the plan is being read again; a moment";
  for (const { gates } of pending(state)) {
    const gate = refusedBy(gates);
    if (gate !== undefined) return `gate ${gate.gate} refuses: ${gate.why} (g on the plan shows what passes it)`;
  }
  return undefined;
}

/** Migrations of which some steps are applied and no step was left in the middle. */
export function stoppedBetween({ pending: all, unfinished }: StatusResult): StatusResult["pending"] {
  return all.filter(({ id, applied }) => applied > 0 && !unfinished.some(({ migration }) => migration === id));
}

/** Whether an earlier run left something to go on with. */
export function isUnfinished(state: State): boolean {
  const status = known(state.readings.status);
  return status !== undefined && (status.unfinished.length > 0 || stoppedBetween(status).length > 0);
}

/** Why what an earlier run left cannot be gone on with. */
export function cannotContinue(state: State): string | undefined {
  const runner = known(state.readings.status)?.runner;
  if (runner === undefined || isBusy(state) !== undefined) return cannotApply(state);
  return `pid ${runner.pid} is at it; Ctrl-R looks again`;
}
