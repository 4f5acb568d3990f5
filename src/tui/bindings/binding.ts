/** What a binding is: keys, words and an action as data. */
import type { Action, ScreenName, State } from "../state.ts";

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
  /** the screen it leads to, when that is all it does */
  readonly toScreen?: ScreenName;
  /** why it cannot be used now */
  readonly disabled?: (state: State) => string | undefined;
  readonly action: (state: State) => Action;
}
