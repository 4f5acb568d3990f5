/**
 * What every key does where, as one table: dispatch, the footer, `?` and the README all read it. A key that cannot be
 * used now stays in the footer and says why when it is pressed.
 */
import {
  askedAlready,
  canGoBack,
  cannotCompare,
  cannotQuit,
  comparePicked,
  interruptOrQuit,
  pairOfHistory,
  passGate,
} from "./binding-actions.ts";
import { selectedGate, selectedMigration, selectedModel } from "./lists.ts";
import { cannotApply, cannotVerify, isBusy, isRunning, needsDatabase, nothingPending } from "./readiness.ts";
import { hereOf } from "./screens/plan.ts";
import { type Action, known, type ScreenName, type State, screenNames } from "./state.ts";

export interface Binding {
  /** names of keys; the first is the one that is shown */
  readonly keys: readonly string[];
  /** a word or two for the footer */
  readonly label: string;
  /** a sentence for `?` and the README */
  readonly help: string;
  /** screens it works on; all when absent */
  readonly on?: readonly ScreenName[];
  /** whether it means anything in this state; its key is free for others where it does not */
  readonly when?: (state: State) => boolean;
  /** kept out of the footer: everybody knows it, or `?` is enough */
  readonly quiet?: true;
  /** why it cannot be used now */
  readonly disabled?: (state: State) => string | undefined;
  readonly action: (state: State) => Action;
}

const list: readonly ScreenName[] = ["home", "plan", "history", "snapshots", "recover", "apply"];
const inPair = (state: State): boolean => state.pair !== undefined;
const onModels = (state: State): boolean => inPair(state) && state.relationsOf === undefined;

/** Every binding; the first that fits a key, the screen and the state is taken. */
export const bindings: readonly Binding[] = [
  { keys: ["up", "k"], label: "", help: "one row up", on: list, quiet: true, action: () => ({ type: "move", by: -1 }) },
  {
    keys: ["down", "j"],
    label: "",
    help: "one row down",
    on: list,
    quiet: true,
    action: () => ({ type: "move", by: 1 }),
  },
  {
    keys: ["home", "<"],
    label: "",
    help: "the first row",
    on: list,
    quiet: true,
    action: () => ({ type: "move.to", end: "first" }),
  },
  {
    keys: ["end", ">"],
    label: "",
    help: "the last row",
    on: list,
    quiet: true,
    action: () => ({ type: "move.to", end: "last" }),
  },
  {
    keys: ["pageup", "C-u"],
    label: "",
    help: "scroll the details up",
    quiet: true,
    action: () => ({ type: "scroll", by: -10 }),
  },
  {
    keys: ["pagedown", "C-d"],
    label: "",
    help: "scroll the details down",
    quiet: true,
    action: () => ({ type: "scroll", by: 10 }),
  },
  {
    keys: ["c"],
    label: "continue",
    help: "go on with what an earlier run left unfinished",
    on: ["home"],
    when: (state) => (known(state.readings.status)?.unfinished.length ?? 0) > 0,
    disabled: cannotApply,
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
    keys: ["enter"],
    label: "prove",
    help: "run the four stages",
    on: ["verify"],
    disabled: cannotVerify,
    action: () => ({ type: "verify.start" }),
  },
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
    keys: ["enter"],
    label: "steps",
    help: "open or close the migration under the cursor",
    on: ["history"],
    when: ({ historyTab }) => historyTab === "history",
    action: () => ({ type: "open" }),
  },
  {
    keys: ["enter"],
    label: "jump",
    help: "to the model at the other end of the relation",
    on: ["snapshots"],
    when: (state) => inPair(state) && !onModels(state),
    action: () => ({ type: "open" }),
  },
  {
    keys: ["enter"],
    label: "zoom",
    help: "the model under the cursor on the whole screen",
    on: ["snapshots"],
    when: onModels,
    action: () => ({ type: "open" }),
  },
  {
    keys: ["enter"],
    label: "compare",
    help: "the two picked snapshots, or this one with the one before it",
    on: ["snapshots"],
    when: (state) => !inPair(state),
    disabled: cannotCompare,
    action: comparePicked,
  },
  {
    keys: ["space"],
    label: "pick",
    help: "pick the snapshot to compare from",
    on: ["snapshots"],
    when: (state) => !inPair(state),
    action: () => ({ type: "pick" }),
  },
  {
    keys: ["tab"],
    label: "view",
    help: "unified, side by side, SQL",
    on: ["snapshots"],
    when: inPair,
    action: () => ({ type: "model-view" }),
  },
  {
    keys: ["c"],
    label: "changed only",
    help: "only models that differ",
    on: ["snapshots"],
    when: onModels,
    action: () => ({ type: "changed-only" }),
  },
  {
    keys: ["r"],
    label: "relations",
    help: "who refers to the model and to whom it refers",
    on: ["snapshots"],
    when: inPair,
    disabled: (state) => (selectedModel(state)?.kind === "table" ? undefined : "only tables have relations"),
    action: () => ({ type: "relations" }),
  },
  {
    keys: ["o"],
    label: "other pair",
    help: "back to the timeline",
    on: ["snapshots"],
    when: (state) => inPair(state),
    action: () => ({ type: "unpair" }),
  },
  {
    keys: ["tab", "right"],
    label: "next tab",
    help: "the next of the ledger and its six questions",
    on: ["history"],
    action: () => ({ type: "tab", by: 1 }),
  },
  {
    keys: ["S-tab", "left"],
    label: "",
    help: "the tab before",
    on: ["history"],
    quiet: true,
    action: () => ({ type: "tab", by: -1 }),
  },
  {
    keys: ["d"],
    label: "changes",
    help: "what the migration under the cursor changed, as a comparison of snapshots",
    on: ["history"],
    when: ({ historyTab }) => historyTab === "history",
    disabled: (state) => (pairOfHistory(state) === undefined ? "there is no snapshot before and after it" : undefined),
    action: (state) => ({ type: "pair", ...(pairOfHistory(state) ?? { a: "", b: "" }) }),
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
  {
    keys: ["p"],
    label: "pause",
    help: "stop where it can be resumed; a backfill keeps its checkpoint",
    on: ["apply"],
    when: isRunning,
    disabled: askedAlready,
    action: () => ({ type: "run.ask", how: "stop" }),
  },
  {
    keys: ["n"],
    label: "stop",
    help: "stop after the current statement",
    on: ["apply"],
    when: isRunning,
    disabled: askedAlready,
    action: () => ({ type: "run.ask", how: "stop" }),
  },
  {
    keys: ["x"],
    label: "cancel now",
    help: "cancel the statement that runs; its transaction is rolled back",
    on: ["apply"],
    when: isRunning,
    action: () => ({ type: "run.ask", how: "cancel" }),
  },
  {
    keys: ["l"],
    label: "SQL log",
    help: "every statement that was sent",
    on: ["apply"],
    action: () => ({ type: "log" }),
  },
  {
    keys: ["l"],
    label: "SQL",
    help: "the SQL of the question",
    on: ["history"],
    when: ({ historyTab }) => historyTab !== "history",
    action: () => ({ type: "log" }),
  },
  {
    keys: ["r"],
    label: "restore",
    help: "bring back what is under the cursor",
    on: ["recover"],
    disabled: () => "restoring from here is not built yet; use zanith recover",
    action: () => ({ type: "reload" }),
  },
  {
    keys: ["/"],
    label: "filter",
    help: "show only rows with this text; Escape takes it away",
    on: ["plan", "history", "snapshots"],
    disabled: (state) =>
      state.screen === "history" && state.historyTab !== "history"
        ? "answers are not filtered"
        : state.relationsOf === undefined
          ? undefined
          : "relations are not filtered",
    action: () => ({ type: "filter", on: true }),
  },
  ...screenNames.map(
    (screen, at): Binding => ({
      keys: [String(at + 1)],
      label: "",
      help: `to ${screen}`,
      quiet: true,
      disabled: (state) => (screen === "snapshots" ? undefined : needsDatabase(state)),
      action: () => ({ type: "go", screen }),
    }),
  ),
  {
    keys: ["C-r", "f5"],
    label: "",
    help: "read everything again",
    quiet: true,
    disabled: isBusy,
    action: () => ({ type: "reload" }),
  },
  { keys: ["T"], label: "", help: "colours for dark, for light, none", quiet: true, action: () => ({ type: "theme" }) },
  {
    keys: ["C-z"],
    label: "",
    help: "back to the shell; fg returns",
    quiet: true,
    disabled: (state) =>
      isRunning(state) ? "a run is going on: put to sleep here it would keep its locks" : undefined,
    action: () => ({ type: "suspend" }),
  },
  { keys: ["?"], label: "help", help: "what every key does here", action: () => ({ type: "help" }) },
  {
    keys: ["escape", "backspace", "q"],
    label: "back",
    help: "back to where you came from",
    when: canGoBack,
    action: () => ({ type: "back" }),
  },
  {
    keys: ["q"],
    label: "quit",
    help: "leave zanith",
    when: (state) => !canGoBack(state),
    disabled: cannotQuit,
    action: () => ({ type: "quit" }),
  },
  {
    keys: ["C-c"],
    label: "",
    help: "leave; during a run: stop it, pressed again: cancel the statement",
    quiet: true,
    action: interruptOrQuit,
  },
];

/** The bindings that mean something now, each key once. */
export function activeBindings(state: State): readonly Binding[] {
  return bindings.filter(({ on, when }) => (on === undefined || on.includes(state.screen)) && (when?.(state) ?? true));
}

/** The binding of a key. */
export function bindingOf(state: State, key: string): Binding | undefined {
  return activeBindings(state).find(({ keys }) => keys.includes(key));
}
