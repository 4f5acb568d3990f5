/** Keys of home, plan and verify: the way to a migration that may be applied. */
import { passGate } from "../binding-actions.ts";
import { selectedGate, selectedMigration } from "../lists.ts";
import {
  cannotApply,
  cannotContinue,
  cannotVerify,
  isRunning,
  isUnfinished,
  needsDatabase,
  nothingPending,
} from "../readiness.ts";
import { hereOf } from "../screens/plan.ts";
import type { Binding } from "./binding.ts";

/** Keys of home, plan and verify. */
export const spineBindings: readonly Binding[] = [
  {
    keys: ["c"],
    label: "continue",
    help: "go on with what an earlier run left unfinished",
    on: ["home"],
    when: isUnfinished,
    disabled: cannotContinue,
    action: () => ({ type: "apply.start" }),
  },
  {
    keys: ["enter"],
    label: "plan",
    help: "the plan of the migration under the cursor",
    on: ["home"],
    disabled: nothingPending,
    action: () => ({ type: "open" }),
  },
  {
    keys: ["x"],
    label: "stop",
    help: "stop verifying; the shadow is removed",
    on: ["verify"],
    when: ({ verify }) => verify.phase === "running",
    disabled: ({ verify }) => (verify.asked === undefined ? undefined : "it is being stopped"),
    action: () => ({ type: "run.ask", how: "cancel" }),
  },
  {
    keys: ["enter"],
    label: "prove",
    help: "run the four stages",
    on: ["verify"],
    disabled: cannotVerify,
    action: () => ({ type: "verify.start" }),
  },
  {
    keys: ["enter"],
    label: "pass it",
    help: "what passes the gate under the cursor",
    on: ["plan"],
    when: (state) => state.isGatesFocused,
    disabled: (state) => {
      const gate = selectedGate(state);
      if (gate === undefined) return "no gate is selected";
      if (hereOf(gate.gate, gate.status) !== undefined) return undefined;
      return gate.status === "failed"
        ? `cannot be passed from here: ${gate.how ?? gate.why}`
        : `nothing to pass: ${gate.why}`;
    },
    action: passGate,
  },
  {
    keys: ["g", "tab"],
    label: "gates",
    help: "to the gates and back",
    on: ["plan"],
    disabled: (state) => (selectedMigration(state) === undefined ? "nothing is pending" : undefined),
    action: () => ({ type: "gates" }),
  },
  {
    keys: ["s"],
    label: "by risk",
    help: "sort by risk, or in the order of execution",
    on: ["plan"],
    action: () => ({ type: "sort" }),
  },
  {
    keys: ["p"],
    label: "plan",
    help: "to the plan",
    on: ["home", "verify"],
    when: (state) => !isRunning(state),
    disabled: needsDatabase,
    action: () => ({ type: "go", screen: "plan" }),
  },
  {
    keys: ["v"],
    label: "verify",
    help: "prove the pending migrations on a shadow",
    on: ["home", "plan"],
    disabled: cannotVerify,
    action: () => ({ type: "verify.start" }),
  },
  {
    keys: ["a"],
    label: "apply",
    help: "apply the pending migrations",
    on: ["home", "plan", "verify"],
    disabled: cannotApply,
    action: () => ({ type: "go", screen: "apply" }),
  },
];
