/**
 * The running program: one state, changed by actions, shown by frames. Keys become actions through the bindings; what
 * happens outside (reads, runs) goes through readings.ts and runs.ts. Owns no terminal and no signal.
 */
import { type ExitCode, exitCode } from "../base/errors.ts";
import { textWidth } from "../base/text.ts";
import { gateSettings } from "../usecase/plan.ts";
import type { Workspace } from "../usecase/workspace.ts";
import { bindingOf, blindBindingOf } from "./bindings.ts";
import { type Key, openSurface, type Pointer, type Surface, type SurfaceInput } from "./blessed.ts";
import { listLength } from "./lists.ts";
import { createReader } from "./readings.ts";
import { createRuns } from "./runs.ts";
import {
  type Action,
  type Dialog,
  initialState,
  known,
  type RecoverVerb,
  type ScreenName,
  type SnapshotEntry,
  type State,
} from "./state.ts";
import { reduce } from "./store.ts";
import type { UiLine } from "./text.ts";
import { styleOf, type ThemeName } from "./theme.ts";
import { frameOf, isTooSmall } from "./view.ts";

export interface AppInput {
  readonly input: SurfaceInput["input"];
  readonly output: SurfaceInput["output"];
  readonly workspace: Workspace;
  readonly theme: ThemeName;
  readonly ascii: boolean;
  readonly screen?: ScreenName;
  /** two sources to compare at once */
  readonly pair?: { readonly a: string; readonly b: string };
  /** exported files, or a folder of them; no database is asked */
  readonly entries?: readonly SnapshotEntry[] | { readonly folder: string };
  readonly clock?: () => number;
  /** what putting the program to sleep means here */
  readonly suspend?: () => void;
}

export interface App {
  readonly state: State;
  readonly surface: Surface;
  /** frames drawn so far, and what the last ones cost in milliseconds */
  readonly frames: { readonly count: number; readonly lastMs: number };
  dispatch(action: Action): void;
  press(key: Key): void;
  /** resolves when no work that was tracked goes on and no frame is due */
  idle(): Promise<void>;
  /** resolves when nothing is verified, applied or recovered any more */
  ended(): Promise<void>;
  /**
   * Gives the terminal back, ends a run after its statement or batch, or at once, and ends when it has. What does not end
   * by itself in a while is cancelled. `why` is what the ledger then says about the step.
   */
  stop(how: "stop" | "cancel", code: ExitCode, why?: string): void;
  /** draws again what the terminal forgot */
  redraw(): void;
  readonly done: Promise<ExitCode>;
}

/** No more than 30 frames a second for keys. */
const frameMs = 34;
/** What a run tells is drawn less often: frames must not slow down what they show. */
const runFrameMs = 100;
/** A statement that was asked to be the last one may take this long before it is cancelled. */
const graceMs = 5_000;
/** How often what goes by on its own is drawn while something runs. */
const tickMs = 250;

/** Takes the terminal and starts. */
export function startApp(given: AppInput): App {
  const clock = given.clock ?? (() => performance.now());
  const surface = openSurface({
    input: given.input,
    output: given.output,
    onKey: (key) => press(key),
    onPointer: (pointer) => point(pointer),
    onResize: () => dispatch({ type: "resize", columns: surface.columns, rows: surface.rows }),
    widthOf: textWidth,
  });
  let state: State = initialState({
    columns: surface.columns,
    rows: surface.rows,
    theme: given.theme,
    mode: given.workspace.config.mode,
    ceiling: gateSettings(given.workspace, {}).maxRisk,
    epoch: Date.now() - clock(),
    offline: given.entries !== undefined,
    screen: given.screen ?? "home",
  });
  if (given.pair !== undefined) state = { ...state, screen: "snapshots", pair: given.pair };

  let busy = 0;
  let frameTimer: ReturnType<typeof setTimeout> | undefined;
  let ticker: ReturnType<typeof setInterval> | undefined;
  let lastFrame = Number.NEGATIVE_INFINITY;
  let frameDue = 0;
  let shown: readonly UiLine[] = [];
  let over = false;
  let waiting: (() => void)[] = [];
  let afterPaint: (() => void)[] = [];
  const frames = { count: 0, lastMs: 0 };
  const { promise: done, resolve: finish } = Promise.withResolvers<ExitCode>();

  const settle = (): void => {
    if (busy > 0 || frameTimer !== undefined) return;
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  };
  const track = <T>(work: Promise<T>): Promise<T> => {
    busy++;
    return work.finally(() => {
      busy--;
      settle();
    });
  };
  const painted = (): Promise<void> => {
    if (frameTimer === undefined) return Promise.resolve();
    return new Promise((resolve) => afterPaint.push(resolve));
  };

  const render = (): void => {
    frameTimer = undefined;
    const started = clock();
    lastFrame = started;
    shown = frameOf(state, given.ascii);
    surface.paint(shown.map((content) => content.map((one) => ({ text: one.text, style: styleOf(one, state.theme) }))));
    frames.count++;
    frames.lastMs = clock() - started;
    const all = afterPaint;
    afterPaint = [];
    for (const resolve of all) resolve();
    settle();
  };
  const schedule = (least = frameMs): void => {
    if (over) return;
    const due = Math.max(clock(), lastFrame + least);
    if (frameTimer !== undefined) {
      if (due >= frameDue) return;
      clearTimeout(frameTimer);
    }
    frameDue = due;
    frameTimer = setTimeout(render, Math.max(0, due - clock()));
  };
  const keepTime = (): void => {
    const runs = [state.apply, state.verify, state.recovery].some(({ phase }) => phase === "running");
    if (runs && ticker === undefined) ticker = setInterval(() => dispatch({ type: "tick", now: clock() }), tickMs);
    if (!runs && ticker !== undefined) {
      clearInterval(ticker);
      ticker = undefined;
    }
  };

  const dispatch = (action: Action): void => {
    const before = state;
    state = reduce({ ...state, now: clock() }, action);
    if (over) return;
    after(before, action);
    keepTime();
    schedule(action.type === "run.event" ? runFrameMs : frameMs);
  };
  const reader = createReader({
    workspace: given.workspace,
    entries: given.entries,
    dispatch,
    state: () => state,
    track,
    painted,
  });
  const runs = createRuns({ workspace: given.workspace, dispatch, state: () => state, track });

  const after = (before: State, action: Action): void => {
    switch (action.type) {
      case "verify.start":
        runs.verify();
        break;
      case "apply.start":
        runs.apply();
        break;
      case "run.ask":
        runs.ask(action.how);
        break;
      case "backfill.ask":
        runs.control(action.verb);
        break;
      case "export":
        reader.exportPage();
        break;
      case "back-off":
        runs.backOff();
        break;
      case "recover":
        recover(action.verb, action.id);
        break;
      case "recover.ended":
        reader.reload(["artifacts", "status", "plan", "history", "snapshots"]);
        break;
      case "submit":
      case "escape":
        if (before.dialog?.kind === "typed" && action.type === "submit" && state.dialog === undefined) {
          answered(before.dialog);
        }
        if (before.dialog?.kind === "typed" && before.dialog.purpose === "apply" && state.dialog === undefined) {
          runs.answer(action.type === "submit");
        }
        if (before.consent !== state.consent) reader.reload(["plan"]);
        break;
      case "verify.ended":
        reader.reload(["plan", "status"]);
        break;
      case "apply.ended":
      case "reload":
        reader.reload();
        break;
      case "suspend":
        given.suspend?.();
        break;
      case "quit":
        stop("stop", exitCode.done);
        break;
      default:
    }
    const isPlanThere = action.type === "read" && action.name === "plan" && action.reading.status === "ready";
    if (isPlanThere || !quietActions.has(action.type)) reader.sync();
  };

  const recover = (verb: RecoverVerb, id: string): void => {
    if (verb === "cleanup") {
      runs.recovering.askCleanup();
      return;
    }
    const artifact = known(state.readings.artifacts)?.find((one) => one.id === id);
    if (artifact === undefined) return;
    if (verb === "inspect") runs.recovering.inspect(artifact);
    else if (verb === "restore") runs.recovering.preview(artifact);
    else if (verb === "restore-as") runs.recovering.askName(artifact);
    else if (verb === "reseed") runs.recovering.previewReseed(artifact);
    else if (verb === "purge") runs.recovering.askPurge(artifact);
    else runs.recovering.export(artifact, verb);
  };
  const answered = ({ purpose, target, typed }: Extract<Dialog, { kind: "typed" }>): void => {
    if (purpose === "cleanup-age") runs.recovering.previewCleanup(typed);
    if (purpose === "cleanup") runs.recovering.cleanUp();
    const artifact = known(state.readings.artifacts)?.find(({ id }) => id === target);
    if (artifact === undefined) return;
    if (purpose === "restore-as") runs.recovering.preview(artifact, typed);
    if (purpose === "reseed") runs.recovering.reseed(artifact);
    if (purpose === "restore") runs.recovering.restore(artifact);
    if (purpose === "purge") runs.recovering.purge(artifact);
  };

  const press = (key: Key): void => {
    if (over) return;
    if (state.toast !== undefined) {
      const { toast: _, ...rest } = state;
      state = rest;
      schedule();
    }
    const isBlind = isTooSmall(state.size);
    const typing = isBlind ? undefined : typingAction(state, key);
    if (typing === "ignored") return;
    if (typing !== undefined) {
      dispatch(typing);
      return;
    }
    const binding = isBlind ? blindBindingOf(key.name) : bindingOf(state, key.name);
    if (binding === undefined) return;
    const why = binding.disabled?.(state);
    dispatch(why === undefined ? binding.action(state) : { type: "toast", text: why, role: "warn" });
  };
  const point = ({ action, row, column }: Pointer): void => {
    if (over || state.dialog?.kind === "typed" || isTooSmall(state.size)) return;
    if (action === "press") {
      const clicked = rowAt(shown[row] ?? [], column);
      if (clicked !== undefined && state.dialog === undefined) dispatch({ type: "cursor", row: clicked });
      return;
    }
    const by = action === "wheel-up" ? -3 : 3;
    if (state.isHelpShown || state.dialog !== undefined || listLength(state) === 0 || row <= 1)
      dispatch({ type: "scroll", by });
    else dispatch({ type: "move", by });
  };

  const stop = (how: "stop" | "cancel", code: ExitCode, why?: string): void => {
    if (over) return;
    over = true;
    clearTimeout(frameTimer);
    clearInterval(ticker);
    frameTimer = undefined;
    // The run is told first: whatever happens to the terminal, its work is ended well. Who waits for a lock has nothing to
    // lose: the wait is given up at once.
    runs.ask(state.apply.lockWait === undefined ? how : "cancel", why);
    surface.close();
    const grace = setTimeout(() => runs.ask("cancel", why), graceMs);
    runs
      .ended()
      .then(
        () => finish(code),
        () => finish(exitCode.unexpected),
      )
      .finally(() => clearTimeout(grace));
    settle();
  };

  reader.sync();
  schedule();
  return {
    get state() {
      return state;
    },
    surface,
    frames,
    dispatch,
    press,
    idle: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        settle();
      }),
    ended: () => runs.ended(),
    stop,
    redraw: () => schedule(),
    done,
  };
}

/** The row of the list that is shown in a cell of a line. */
function rowAt(line: UiLine, column: number): number | undefined {
  let used = 0;
  for (const { text, row } of line) {
    used += textWidth(text);
    if (column < used) return row;
  }
  return undefined;
}

/** Actions after which no screen needs anything that it did not need before. */
const quietActions: ReadonlySet<Action["type"]> = new Set(["read", "run.event", "run.index", "tick"]);

/** What a key means while text is typed or something lies over the screen; undefined where the bindings decide. */
function typingAction(state: State, { name, text }: Key): Action | "ignored" | undefined {
  const isTyping = state.dialog?.kind === "typed" || (state.isFiltering && !state.isHelpShown);
  if (isTyping) {
    if (name === "enter") return { type: "submit" };
    if (name === "escape" || name === "C-c") return { type: "escape" };
    if (name === "backspace") return { type: "erase" };
    if (text !== undefined) return { type: "typed", text };
    if (name === "pageup" || name === "pagedown") return { type: "scroll", by: name === "pageup" ? -10 : 10 };
    if (state.dialog !== undefined) return "ignored";
    return undefined;
  }
  if (state.dialog !== undefined) {
    return name === "enter" || name === "escape" || name === "q" ? { type: "escape" } : undefined;
  }
  if (state.isHelpShown && (name === "escape" || name === "q" || name === "?")) return { type: "escape" };
  return undefined;
}
