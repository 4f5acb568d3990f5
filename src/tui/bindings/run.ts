/** Keys of apply: to begin, to hold, and the ways out of a run, from the gentlest to the hardest. */
import { askedAlready, cannotBackOff, cannotPause, isPaused } from "../binding-actions.ts";
import { cannotApply, isRunning } from "../readiness.ts";
import type { Binding } from "./binding.ts";

/** Keys of apply. */
export const runBindings: readonly Binding[] = [
  {
    keys: ["enter"],
    label: "apply",
    help: "apply the pending migrations",
    on: ["apply"],
    when: (state) => !isRunning(state),
    disabled: cannotApply,
    action: () => ({ type: "apply.start" }),
  },
  {
    keys: ["p"],
    label: "resume",
    help: "let the backfill go on",
    on: ["apply"],
    when: (state) => isRunning(state) && isPaused(state),
    disabled: cannotPause,
    action: () => ({ type: "backfill.ask", verb: "resume" }),
  },
  {
    keys: ["p"],
    label: "pause",
    help: "let the backfill stand still before its next batch; it keeps its place, also when zanith ends",
    on: ["apply"],
    when: (state) => isRunning(state) && !isPaused(state),
    disabled: cannotPause,
    action: () => ({ type: "backfill.ask", verb: "pause" }),
  },
  {
    keys: ["b"],
    label: "back off",
    help: "give up this wait for a lock, let the others go first, try again in 15 s",
    on: ["apply"],
    when: ({ apply }) => apply.phase === "running" && apply.lockWait !== undefined,
    disabled: cannotBackOff,
    action: () => ({ type: "back-off" }),
  },
  {
    keys: ["n"],
    label: "stop after step",
    help: "finish the step that runs, then stop; a later run goes on with the next one",
    on: ["apply"],
    when: isRunning,
    disabled: askedAlready,
    action: () => ({ type: "run.ask", how: "step" }),
  },
  {
    keys: ["x"],
    label: "cancel now",
    help: "cancel the statement that runs; its transaction is rolled back",
    on: ["apply"],
    when: isRunning,
    disabled: ({ apply }) => (apply.asked === "cancel" ? "it is being cancelled" : undefined),
    action: () => ({ type: "run.ask", how: "cancel" }),
  },
  {
    keys: ["l"],
    label: "SQL log",
    help: "every statement that was sent",
    on: ["apply"],
    action: () => ({ type: "log" }),
  },
];
