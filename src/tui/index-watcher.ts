/** Follows the index builds of a run on a session of its own, and only those that take a while. Never disturbs the run. */
import type { RunEvent } from "../run/events.ts";
import { watchIndexBuild } from "../usecase/index-progress.ts";
import type { Workspace } from "../usecase/workspace.ts";
import type { Action } from "./state.ts";

/** A statement that runs for less is not worth a session that watches it. */
const watchAfterMs = 1_000;

export interface IndexWatcher {
  /** told of every event of the run */
  hear(event: RunEvent): void;
  /** resolves when nothing is watched any more */
  stop(): Promise<void>;
}

/** Looks at the progress of an index build once it takes a while, and stops looking when its statement ends. */
export function createIndexWatcher(workspace: Workspace, dispatch: (action: Action) => void): IndexWatcher {
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
