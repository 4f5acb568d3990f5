/** Verify and apply as the screens start them: the same use cases and gates as the command line, their events dispatched. */

import { controlBackfill } from "../usecase/backfills.ts";
import type { PlanResult } from "../usecase/plan.ts";
import { up } from "../usecase/up.ts";
import { verify } from "../usecase/verify.ts";
import type { Workspace } from "../usecase/workspace.ts";
import { applyDialog } from "./consent.ts";
import { createIndexWatcher } from "./index-watcher.ts";
import { cleanError } from "./readings.ts";
import { createRecovering, type Recovering } from "./recovering.ts";
import type { Asked } from "./run-view.ts";
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
  /** asks a run to end; `why` is what the ledger says about the step that was not finished */
  ask(how: Asked, why?: string): void;
  /** lets the others go first for whose locks the run waits */
  backOff(): void;
  /** makes the running backfill stand still, or go on */
  control(verb: "pause" | "resume"): void;
  readonly recovering: Recovering;
  /** resolves when nothing runs any more */
  ended(): Promise<void>;
}

/** The runs of one app; at most one at a time. */
export function createRuns({ workspace, dispatch, state, track }: RunsInput): Runs {
  let going: Promise<void> | undefined;
  let afterStep = new AbortController();
  let stop = new AbortController();
  let cancel = new AbortController();
  let answered: ((confirmed: boolean) => void) | undefined;
  const backOffs = new Set<() => void>();

  const begin = (body: () => Promise<void>): void => {
    afterStep = new AbortController();
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

  const recovering = createRecovering({
    workspace,
    dispatch,
    begin: (body) =>
      begin(() =>
        body({
          emit: (event) => dispatch({ type: "run.event", run: "recovery", event }),
          signal: stop.signal,
          cancel: cancel.signal,
        }),
      ),
  });

  return {
    recovering,
    verify() {
      begin(async () => {
        try {
          const value = await verify(
            workspace,
            {},
            {
              emit: (event) => dispatch({ type: "run.event", run: "verify", event }),
              signal: stop.signal,
              cancel: cancel.signal,
            },
          );
          dispatch({ type: "verify.ended", result: { status: "ready", value } });
        } catch (error) {
          dispatch({ type: "verify.ended", result: { status: "failed", error: cleanError(workspace, error) } });
        }
      });
    },
    apply() {
      begin(async () => {
        const watcher = createIndexWatcher(workspace, dispatch);
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
              afterStep: afterStep.signal,
              backOff: {
                onAsk(listener) {
                  backOffs.add(listener);
                  return () => backOffs.delete(listener);
                },
              },
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
    ask(how, why) {
      afterStep.abort(why);
      if (how !== "step") {
        stop.abort(why);
        answered?.(false);
      }
      if (how === "cancel") cancel.abort(why);
    },
    backOff() {
      for (const listener of [...backOffs]) listener();
    },
    control(verb) {
      const migration = state().apply.backfill?.migration;
      track(
        controlBackfill(workspace, { verb, ...(migration === undefined ? {} : { migration }) }).then(
          () => {},
          (error: unknown) =>
            dispatch({ type: "toast", text: `not ${verb}d: ${cleanError(workspace, error).what}`, role: "bad" }),
        ),
      );
    },
    async ended() {
      await going;
    },
  };
}
