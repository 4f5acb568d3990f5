/** Verify and apply as the screens start them: the same use cases and gates as the command line, their events dispatched. */

import type { RunEvent } from "../run/events.ts";
import { watchIndexBuild } from "../usecase/index-progress.ts";
import type { PlanResult } from "../usecase/plan.ts";
import { up } from "../usecase/up.ts";
import { verify } from "../usecase/verify.ts";
import type { Workspace } from "../usecase/workspace.ts";
import { applyDialog } from "./consent.ts";
import { cleanError } from "./readings.ts";
import type { Action, State } from "./state.ts";

export interface RunsInput {
  readonly workspace: Workspace;
  readonly dispatch: (action: Action) => void;
  readonly state: () => State;
  readonly track: <T>(work: Promise<T>) => Promise<T>;
}

export interface Runs {
  verify(): void;
  apply(): void;
  /** answers the question of a run, if one is open */
  answer(confirmed: boolean): void;
  ask(how: "stop" | "cancel"): void;
  /** resolves when nothing runs any more */
  ended(): Promise<void>;
}

/** A statement that runs for less is not worth a session that watches it. */
const watchAfterMs = 1_000;

/** The runs of one app; at most one at a time. */
export function createRuns({ workspace, dispatch, state, track }: RunsInput): Runs {
  let going: Promise<void> | undefined;
  let stop = new AbortController();
  let cancel = new AbortController();
  let answered: ((confirmed: boolean) => void) | undefined;

  const begin = (body: () => Promise<void>): void => {
    stop = new AbortController();
    cancel = new AbortController();
    going = track(body()).finally(() => {
      going = undefined;
      answered = undefined;
    });
  };

  const confirm = (plan: PlanResult): Promise<boolean> => {
    if (stop.signal.aborted) return Promise.resolve(false);
    const asked = new Promise<boolean>((resolve) => {
      answered = resolve;
    });
    dispatch({ type: "dialog", dialog: applyDialog(plan, plan.database?.name ?? "") });
    return asked;
  };

  return {
    verify() {
      begin(async () => {
        try {
          const value = await verify(
            workspace,
            {},
            { emit: (event) => dispatch({ type: "run.event", run: "verify", event }), signal: stop.signal },
          );
          dispatch({ type: "verify.ended", result: { status: "ready", value } });
        } catch (error) {
          dispatch({ type: "verify.ended", result: { status: "failed", error: cleanError(workspace, error) } });
        }
      });
    },
    apply() {
      begin(async () => {
        const watcher = createWatcher(workspace, dispatch);
        try {
          const value = await up(
            workspace,
            { ...state().consent, confirm },
            {
              emit: (event) => {
                watcher.hear(event);
                dispatch({ type: "run.event", run: "apply", event });
              },
              signal: stop.signal,
              cancel: cancel.signal,
            },
          );
          dispatch({ type: "apply.ended", result: { status: "ready", value } });
        } catch (error) {
          dispatch({ type: "apply.ended", result: { status: "failed", error: cleanError(workspace, error) } });
        } finally {
          await watcher.stop();
        }
      });
    },
    answer(confirmed) {
      answered?.(confirmed);
      answered = undefined;
    },
    ask(how) {
      stop.abort();
      if (how === "cancel") cancel.abort();
      answered?.(false);
    },
    async ended() {
      await going;
    },
  };
}

/** Looks at the progress of an index build once it takes a while, and stops looking when its statement ends. */
function createWatcher(
  workspace: Workspace,
  dispatch: (action: Action) => void,
): { hear(event: RunEvent): void; stop(): Promise<void> } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watching: { readonly control: AbortController; readonly done: Promise<void> } | undefined;
  const end = async (): Promise<void> => {
    clearTimeout(timer);
    const was = watching;
    watching = undefined;
    was?.control.abort();
    await was?.done;
  };
  return {
    hear(event) {
      if (event.type !== "statement.sent" && event.type !== "statement.finished") return;
      void end();
      if (event.type === "statement.finished" || !/^\s*(create\s+(unique\s+)?index|reindex)\b/i.test(event.sql)) return;
      timer = setTimeout(() => {
        const control = new AbortController();
        const report = (progress: Parameters<Parameters<typeof watchIndexBuild>[1]>[0]): void =>
          dispatch({ type: "run.index", progress });
        // Without the right to look, or with no connection to spare, the build goes on unseen.
        const done = watchIndexBuild(workspace, report, control.signal).catch(() => {});
        watching = { control, done };
      }, watchAfterMs);
    },
    stop: end,
  };
}
