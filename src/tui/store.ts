/** reduce: the next state from a state and an action. Pure; everything that happens outside is done by effects.ts. */
import type { ModelRow } from "./comparison.ts";
import {
  cursorOf,
  historyRows,
  listLength,
  listName,
  modelRows,
  relationRows,
  selectedModel,
  snapshotRows,
} from "./lists.ts";
import { isAnswer } from "./recover-dialogs.ts";
import { type Asked, reduceRun, type StageView, startedRun } from "./run-view.ts";
import { type Action, historyTabs, known, type ModelView, nothing, type State } from "./state.ts";
import { themeNames } from "./theme.ts";

/** The next state. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "go":
      return goTo(state, action.screen);
    case "back":
      return back(state);
    case "move":
      return moveTo(state, cursorOf(state) + action.by);
    case "move.to":
      return moveTo(state, action.end === "first" ? 0 : listLength(state) - 1);
    case "cursor":
      return moveTo(state, action.row);
    case "scroll":
      return state.dialog !== undefined
        ? { ...state, dialog: { ...state.dialog, top: Math.max(0, state.dialog.top + action.by) } }
        : { ...state, detailTop: Math.max(0, state.detailTop + action.by) };
    case "tab":
      return turnTab(state, action.by);
    case "filter":
      return { ...state, isFiltering: action.on, ...(action.on || action.keep === true ? {} : withFilter(state, "")) };
    case "typed":
      return typed(state, action.text);
    case "erase":
      return erased(state);
    case "escape":
      return escaped(state);
    case "submit":
      return submitted(state);
    case "open":
      return opened(state);
    case "sort":
      return { ...state, isSortedByRisk: !state.isSortedByRisk };
    case "gates":
      return { ...state, isGatesFocused: !state.isGatesFocused, detailTop: 0 };
    case "log":
      return { ...state, isLogShown: !state.isLogShown, detailTop: 0 };
    case "help":
      return { ...state, isHelpShown: !state.isHelpShown, detailTop: 0 };
    case "theme":
      return { ...state, theme: after(themeNames, state.theme) };
    case "changed-only":
      return { ...state, isChangedOnly: !state.isChangedOnly, cursors: { ...state.cursors, models: 0 }, detailTop: 0 };
    case "model-view":
      return { ...state, modelView: after(modelViews, state.modelView), detailTop: 0 };
    case "relations":
      return toggleRelations(state);
    case "pick":
      return picked(state);
    case "pair":
      return paired(state, action);
    case "unpair":
      return unpaired(state);
    case "toast":
      return { ...state, toast: { text: action.text, role: action.role } };
    case "dialog":
      return { ...state, dialog: action.dialog };
    case "verify.start":
      return {
        ...goTo(state, "verify"),
        verify: startedRun(known(state.readings.plan)?.migrations ?? [], state.now),
        verifyResult: { status: "loading" },
        detailTop: 0,
      };
    case "apply.start":
      return {
        ...goTo(state, "apply"),
        apply: startedRun(known(state.readings.plan)?.migrations ?? [], state.now),
        applyResult: { status: "loading" },
        detailTop: 0,
      };
    case "run.ask": {
      const run = runningRun(state);
      if (run === undefined) return state;
      const asked = stronger(state[run].asked, action.how);
      return { ...state, [run]: { ...state[run], asked } };
    }
    case "backfill.ask":
      return { ...state, apply: { ...state.apply, pausing: action.verb } };
    case "run.event":
      return onEvent(state, action);
    case "run.index": {
      const { index: _, ...rest } = state.apply;
      return { ...state, apply: action.progress === undefined ? rest : { ...rest, index: action.progress } };
    }
    case "verify.ended":
      return {
        ...state,
        verify: { ...state.verify, phase: "done", endedAt: state.now, stages: state.verify.stages.map(settled) },
        verifyResult: action.result,
      };
    case "apply.ended": {
      const { dialog, ...rest } = state;
      return {
        ...(dialog?.kind === "typed" && dialog.purpose === "apply" ? rest : state),
        apply: { ...state.apply, phase: "done", endedAt: state.now },
        applyResult: action.result,
        // Consent was to what has just been applied, not to what comes next.
        consent: action.result.status === "ready" && action.result.value.applied.length > 0 ? {} : state.consent,
      };
    }
    case "read":
      return {
        ...state,
        readings: {
          ...state.readings,
          // What steps change is known for one plan only.
          ...(action.name === "plan" && action.reading.status === "ready" ? { effects: nothing } : {}),
          [action.name]: action.reading,
        },
      };
    case "resize":
      return { ...state, size: { columns: action.columns, rows: action.rows } };
    case "tick":
      return { ...state, now: action.now };
    case "recover.start":
      return {
        ...state,
        recovery: startedRun([], state.now),
        recoveryLabel: action.label,
        recoveryResult: { status: "loading" },
      };
    case "recover.ended":
      return {
        ...state,
        recovery: { ...state.recovery, phase: "done", endedAt: state.now },
        recoveryResult: action.result,
      };
    case "recover.inspected":
      return { ...state, inspections: { ...state.inspections, [action.id]: action.inspection } };
    case "artifacts.of": {
      const there = goTo(state, "recover");
      return {
        ...there,
        filters: { ...there.filters, recover: action.migration },
        cursors: { ...there.cursors, recover: 0 },
      };
    }
    case "recover":
    case "back-off":
    case "export":
    case "reload":
    case "suspend":
    case "quit":
      return state;
  }
}

/** A stage that still ran when all ended did not end well. */
function settled(stage: StageView): StageView {
  return stage.status === "running" ? { stage: stage.stage, status: "failed" } : stage;
}

/** The run that goes on. */
function runningRun(state: State): "apply" | "verify" | "recovery" | undefined {
  return (["apply", "verify", "recovery"] as const).find((run) => state[run].phase === "running");
}

const weights: readonly Asked[] = ["step", "stop", "cancel"];

/** What was asked last, unless more was asked before. */
function stronger(before: Asked | undefined, now: Asked): Asked {
  return before !== undefined && weights.indexOf(before) > weights.indexOf(now) ? before : now;
}

const modelViews: readonly ModelView[] = ["unified", "side", "sql"];

function after<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length] as T;
}

function goTo(state: State, screen: State["screen"]): State {
  const base = { ...state, isFiltering: false, isGatesFocused: false, isHelpShown: false, detailTop: 0 };
  return state.screen === screen ? base : { ...base, screen, trail: [...state.trail, state.screen].slice(-20) };
}

function back(state: State): State {
  if (state.screen === "snapshots" && state.jumps.length > 0) return jumpedBack(state);
  if (state.relationsOf !== undefined) return toggleRelations(state);
  if (state.isZoomed) return { ...state, isZoomed: false };
  if (state.isGatesFocused) return { ...state, isGatesFocused: false };
  if (state.isLogShown && state.screen === "apply") return { ...state, isLogShown: false };
  if ((state.filters[listName(state)] ?? "") !== "") return { ...state, ...withFilter(state, "") };
  if (state.screen === "snapshots" && state.pair !== undefined && !state.isVisit) return unpaired(state);
  const screen = state.trail.at(-1);
  if (screen === undefined) return state;
  const left = state.isVisit ? unpaired(state) : state;
  return { ...left, screen, trail: state.trail.slice(0, -1), detailTop: 0, isFiltering: false };
}

function moveTo(state: State, row: number): State {
  const length = listLength(state);
  const next = Math.max(0, Math.min(row, length - 1));
  const name = listName(state);
  const keepsDetail = next === state.cursors[name];
  return { ...state, cursors: { ...state.cursors, [name]: next }, detailTop: keepsDetail ? state.detailTop : 0 };
}

function turnTab(state: State, by: number): State {
  if (state.screen !== "history") return state;
  const at = (historyTabs.indexOf(state.historyTab) + by + historyTabs.length) % historyTabs.length;
  return {
    ...state,
    historyTab: historyTabs[at] ?? "history",
    readings: { ...state.readings, audit: nothing },
    detailTop: 0,
  };
}

function withFilter(state: State, text: string): Pick<State, "filters" | "cursors" | "detailTop"> {
  const name = listName(state);
  return {
    filters: { ...state.filters, [name]: text },
    cursors: { ...state.cursors, [name]: 0 },
    detailTop: 0,
  };
}

/** Longest text that can be typed. */
const typedLimit = 120;

function typed(state: State, text: string): State {
  if (state.dialog?.kind === "typed") {
    const { wrong: _, ...dialog } = state.dialog;
    return { ...state, dialog: { ...dialog, typed: (dialog.typed + text).slice(0, typedLimit) } };
  }
  if (!state.isFiltering) return state;
  return { ...state, ...withFilter(state, ((state.filters[listName(state)] ?? "") + text).slice(0, typedLimit)) };
}

function erased(state: State): State {
  if (state.dialog?.kind === "typed") {
    const { wrong: _, ...dialog } = state.dialog;
    return { ...state, dialog: { ...dialog, typed: [...dialog.typed].slice(0, -1).join("") } };
  }
  if (!state.isFiltering) return state;
  return { ...state, ...withFilter(state, [...(state.filters[listName(state)] ?? "")].slice(0, -1).join("")) };
}

function withoutDialog(state: State): State {
  const { dialog: _, ...rest } = state;
  return rest;
}

function escaped(state: State): State {
  if (state.dialog !== undefined) return withoutDialog(state);
  if (state.isHelpShown) return { ...state, isHelpShown: false, detailTop: 0 };
  if (state.isFiltering) return { ...state, isFiltering: false, ...withFilter(state, "") };
  return state;
}

/** Enter in a dialog or a filter. Whether the text was the right one is all that decides. */
function submitted(state: State): State {
  const { dialog } = state;
  if (dialog === undefined) return { ...state, isFiltering: false };
  if (dialog.kind === "message") return withoutDialog(state);
  if (!isAnswer(dialog)) return { ...state, dialog: { ...dialog, wrong: true } };
  const rest = withoutDialog(state);
  switch (dialog.purpose) {
    case "apply":
    case "restore":
    case "restore-as":
    case "reseed":
    case "purge":
    case "cleanup":
    case "cleanup-age":
      return rest;
    case "destructive":
      return { ...rest, consent: { ...state.consent, allowDestructive: true } };
    case "ceiling":
      return {
        ...rest,
        consent: { ...state.consent, ...(dialog.maxRisk === undefined ? {} : { maxRisk: dialog.maxRisk }) },
      };
  }
}

function opened(state: State): State {
  if (state.screen === "history" && state.historyTab === "history") {
    const rows = historyRows(state);
    const row = rows[cursorOf(state, "history", rows.length)];
    if (row?.type !== "migration") return state;
    const id = row.entry.migration;
    const openMigrations = row.isOpen
      ? state.openMigrations.filter((one) => one !== id)
      : [...state.openMigrations, id];
    return { ...state, openMigrations };
  }
  if (state.screen === "snapshots" && state.pair !== undefined) {
    if (state.relationsOf === undefined) return { ...state, isZoomed: !state.isZoomed, detailTop: 0 };
    return jumped(state);
  }
  if (state.screen === "home") return planOf(state);
  return state;
}

/** From the pending migration under the cursor to its plan. */
function planOf(state: State): State {
  const migrations = known(state.readings.plan)?.migrations ?? [];
  const before = migrations.slice(0, cursorOf(state));
  const row = before.reduce((sum, { steps }) => sum + steps.length + 1, 0);
  return { ...goTo(state, "plan"), cursors: { ...state.cursors, plan: row } };
}

function toggleRelations(state: State): State {
  const { relationsOf, ...rest } = state;
  if (relationsOf !== undefined) return { ...rest, detailTop: 0 };
  const model = selectedModel(state);
  if (model === undefined) return state;
  return { ...state, relationsOf: model.id, cursors: { ...state.cursors, relations: 0 }, detailTop: 0 };
}

/** To the model at the other end of the relation under the cursor. */
function jumped(state: State): State {
  const rows = relationRows(state);
  const target = rows[cursorOf(state, "relations", rows.length)]?.model;
  const from = state.relationsOf;
  if (target === undefined || from === undefined) return state;
  const { relationsOf: _, ...rest } = state;
  return { ...showModel(rest, target), jumps: [...state.jumps, from].slice(-50) };
}

function jumpedBack(state: State): State {
  const target = state.jumps.at(-1);
  if (target === undefined) return state;
  const { relationsOf: _, ...rest } = state;
  return { ...showModel(rest, target), jumps: state.jumps.slice(0, -1) };
}

/** The cursor on a model; filters that hide it are taken away. */
function showModel(state: State, id: string): State {
  const find = (rows: readonly ModelRow[]): number => rows.findIndex((row) => row.id === id);
  const at = find(modelRows(state));
  if (at >= 0) return { ...state, cursors: { ...state.cursors, models: at }, detailTop: 0 };
  const wide = { ...state, isChangedOnly: false, filters: { ...state.filters, models: "" } };
  return { ...wide, cursors: { ...wide.cursors, models: Math.max(0, find(modelRows(wide))) }, detailTop: 0 };
}

function picked(state: State): State {
  const rows = snapshotRows(state);
  const entry = rows[cursorOf(state, "snapshots", rows.length)];
  if (entry === undefined) return state;
  if (state.picked === undefined) return { ...state, picked: entry.source };
  const { picked: first, ...rest } = state;
  return first === entry.source ? rest : state;
}

function paired(state: State, { a, b }: { readonly a: string; readonly b: string }): State {
  const { isVisit: _, ...there } = goTo(state, "snapshots");
  return {
    ...there,
    ...(state.screen === "snapshots" ? {} : { isVisit: true as const }),
    pair: { a, b },
    readings: { ...state.readings, comparison: nothing },
    jumps: [],
  };
}

function unpaired(state: State): State {
  const { isVisit: ____, pair: _, relationsOf: __, picked: ___, ...rest } = state;
  return {
    ...rest,
    jumps: [],
    isZoomed: false,
    detailTop: 0,
    readings: { ...state.readings, comparison: nothing },
    filters: { ...state.filters, models: "" },
    cursors: { ...state.cursors, models: 0 },
  };
}

function onEvent(state: State, { run, event }: Extract<Action, { type: "run.event" }>): State {
  if (run !== "apply") return { ...state, [run]: reduceRun(state[run], event, state.now) };
  const apply = reduceRun(state.apply, event, state.now);
  if (event.type !== "step.started") return { ...state, apply };
  const running = apply.steps.findLastIndex(({ status }) => status === "running");
  return { ...state, apply, cursors: { ...state.cursors, apply: Math.max(0, running) } };
}
