/**
 * What every key does where, as one table: dispatch, the footer, `?` and the README all read it. A key that cannot be
 * used now stays in the footer and says why when it is pressed.
 */
import { canGoBack, cannotQuit, interruptOrQuit } from "./binding-actions.ts";
import type { Binding } from "./bindings/binding.ts";
import { browseBindings } from "./bindings/browse.ts";
import { runBindings } from "./bindings/run.ts";
import { spineBindings } from "./bindings/spine.ts";
import { isBusy, isRunning, needsDatabase } from "./readiness.ts";
import { type ScreenName, type State, screenNames } from "./state.ts";

const list: readonly ScreenName[] = ["home", "plan", "history", "snapshots", "recover", "apply"];

const movingBindings: readonly Binding[] = [
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
];

const suspend: Binding = {
  keys: ["C-z"],
  label: "",
  help: "back to the shell; fg returns",
  quiet: true,
  disabled: (state) => (isRunning(state) ? "a run is going on: put to sleep here it would keep its locks" : undefined),
  action: () => ({ type: "suspend" }),
};

const quit: Binding = {
  keys: ["q"],
  label: "quit",
  help: "leave zanith",
  when: (state) => !canGoBack(state),
  disabled: cannotQuit,
  action: () => ({ type: "quit" }),
};

const interrupt: Binding = {
  keys: ["C-c"],
  label: "",
  help: "leave; during a run: stop it, pressed again: cancel the statement",
  quiet: true,
  action: interruptOrQuit,
};

const generalBindings: readonly Binding[] = [
  {
    keys: ["/"],
    label: "filter",
    help: "show only rows with this text; Escape takes it away",
    on: ["plan", "history", "snapshots", "recover"],
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
      toScreen: screen,
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
  suspend,
  { keys: ["?"], label: "help", help: "what every key does here", action: () => ({ type: "help" }) },
  {
    keys: ["escape", "backspace", "q"],
    label: "back",
    help: "back to where you came from",
    when: canGoBack,
    action: () => ({ type: "back" }),
  },
  quit,
  interrupt,
];

/** Every binding; the first that fits a key, the screen and the state is taken. */
export const bindings: readonly Binding[] = [
  ...movingBindings,
  ...spineBindings,
  ...runBindings,
  ...browseBindings,
  ...generalBindings,
];

/** The bindings that mean something now, each key once. */
export function activeBindings(state: State): readonly Binding[] {
  return bindings.filter(({ on, when }) => (on === undefined || on.includes(state.screen)) && (when?.(state) ?? true));
}

/** The binding of a key. */
export function bindingOf(state: State, key: string): Binding | undefined {
  return activeBindings(state).find(({ keys }) => keys.includes(key));
}

/** The binding of a key where nothing can be seen: nobody moves or agrees to anything blindly, only the ways out are left. */
export function blindBindingOf(key: string): Binding | undefined {
  return [suspend, quit, interrupt].find(({ keys }) => keys.includes(key));
}
