/** Keys of history, snapshots and recover: what was, and what can be brought back. */
import {
  artifactsOfHistory,
  cannotCompare,
  cannotRecover,
  comparePicked,
  pairOfHistory,
  recoverAction,
} from "../binding-actions.ts";
import { selectedModel } from "../lists.ts";
import { known, type State } from "../state.ts";
import type { Binding } from "./binding.ts";

const inPair = (state: State): boolean => state.pair !== undefined;
const onModels = (state: State): boolean => inPair(state) && state.relationsOf === undefined;

/** Keys of history, snapshots and recover. */
export const browseBindings: readonly Binding[] = [
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
    keys: ["e"],
    label: "export",
    help: "write the comparison as one HTML page into the folder zanith was started in",
    on: ["snapshots"],
    when: inPair,
    disabled: ({ readings }) =>
      known(readings.comparison) === undefined ? "both schemas are still being read" : undefined,
    action: () => ({ type: "export" }),
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
    keys: ["l"],
    label: "SQL",
    help: "the SQL of the question",
    on: ["history"],
    when: ({ historyTab }) => historyTab !== "history",
    action: () => ({ type: "log" }),
  },
  {
    keys: ["r"],
    label: "artifacts",
    help: "to what the migration under the cursor set aside",
    on: ["history"],
    when: ({ historyTab }) => historyTab === "history",
    disabled: (state) => {
      const found = artifactsOfHistory(state);
      return "why" in found ? found.why : undefined;
    },
    action: (state) => {
      const found = artifactsOfHistory(state);
      return { type: "artifacts.of", migration: "migration" in found ? found.migration : "" };
    },
  },
  {
    keys: ["enter"],
    label: "inspect",
    help: "take the checksum again, and show the SQL that brings it back",
    on: ["recover"],
    disabled: cannotRecover("inspect"),
    action: recoverAction("inspect"),
  },
  {
    keys: ["r"],
    label: "restore",
    help: "show what would be run to bring it back, and ask",
    on: ["recover"],
    disabled: cannotRecover("restore"),
    action: recoverAction("restore"),
  },
  {
    keys: ["a"],
    label: "restore as",
    help: "bring it back under another name, beside what is in its way",
    on: ["recover"],
    disabled: cannotRecover("restore-as"),
    action: recoverAction("restore-as"),
  },
  {
    keys: ["s"],
    label: "reseed",
    help: "fill the empty rows of a column that is there from its archive, once the counts are shown",
    on: ["recover"],
    disabled: cannotRecover("reseed"),
    action: recoverAction("reseed"),
  },
  {
    keys: ["e"],
    label: "export",
    help: "write its rows as CSV into the folder zanith was started in",
    on: ["recover"],
    disabled: cannotRecover("csv"),
    action: recoverAction("csv"),
  },
  {
    keys: ["E"],
    label: "as JSON",
    quiet: true,
    help: "write its rows as JSON, one object a line",
    on: ["recover"],
    disabled: cannotRecover("jsonl"),
    action: recoverAction("jsonl"),
  },
  {
    keys: ["x"],
    label: "purge",
    help: "remove its rows for good, once its name is typed",
    on: ["recover"],
    disabled: cannotRecover("purge"),
    action: recoverAction("purge"),
  },
  {
    keys: ["c"],
    label: "clean up",
    help: "remove what has expired or is older than a time, once all of it is shown",
    on: ["recover"],
    disabled: cannotRecover("cleanup"),
    action: recoverAction("cleanup"),
  },
];
