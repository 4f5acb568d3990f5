/** The verbs of the recover screen: the use cases of `zanith recover`, asked about first and reported after. */

import { fileWord, openNewFile } from "../usecase/new-file.ts";
import { inspectArtifact } from "../usecase/recover/artifacts.ts";
import { exportArtifact } from "../usecase/recover/export.ts";
import { purge } from "../usecase/recover/purge.ts";
import { type RestoreInput, type RestorePlanned, type RestoreResult, restore } from "../usecase/recover/restore.ts";
import type { Run, Workspace } from "../usecase/workspace.ts";
import { type ArtifactRow, sourceOf } from "./artifact-rows.ts";
import { cleanError } from "./readings.ts";
import { notRestoredDialog, purgeDialog, restoreDialog } from "./recover-dialogs.ts";
import type { Action } from "./state.ts";

export interface RecoveringInput {
  readonly workspace: Workspace;
  readonly dispatch: (action: Action) => void;
  /** runs a body as the one run that goes on; it is told how it can be stopped */
  readonly begin: (body: (run: Run) => Promise<void>) => void;
}

export interface Recovering {
  /** reads one artifact's recovery SQL and takes its checksum again */
  inspect(artifact: ArtifactRow): void;
  /** plans a restore and asks whether it is wanted */
  preview(artifact: ArtifactRow): void;
  /** what the preview showed, and nothing else */
  restore(artifact: ArtifactRow): void;
  askPurge(artifact: ArtifactRow): void;
  purge(artifact: ArtifactRow): void;
  export(artifact: ArtifactRow, format: "csv" | "jsonl"): void;
}

/** The verbs for one app. */
export function createRecovering({ workspace, dispatch, begin }: RecoveringInput): Recovering {
  /** what was shown when a restore was asked about */
  let shown: RestorePlanned | undefined;

  const doing = (label: string, body: (run: Run) => Promise<string | undefined>): void =>
    begin(async (run) => {
      dispatch({ type: "recover.start", label });
      try {
        const said = await body(run);
        dispatch({
          type: "recover.ended",
          result: said === undefined ? { status: "none" } : { status: "ready", value: said },
        });
      } catch (error) {
        dispatch({ type: "recover.ended", result: { status: "failed", error: cleanError(workspace, error) } });
      }
    });

  return {
    inspect(artifact) {
      doing(`inspecting ${sourceOf(artifact)}`, async () => {
        const { id, type, checksum } = artifact;
        const isSealed = checksum !== null && type.startsWith("archive") && artifact.status !== "purged";
        const value = await inspectArtifact(workspace, { what: id, ...(isSealed ? { verify: true } : {}) });
        dispatch({ type: "recover.inspected", id, inspection: value });
        return undefined;
      });
    },
    preview(artifact) {
      doing(`planning the restore of ${sourceOf(artifact)}`, async (run) => {
        const result = await restore(workspace, { ...inputOf(artifact), dryRun: true }, run);
        const database = workspace.connection().database;
        if (result.status === "planned") {
          shown = result;
          dispatch({ type: "dialog", dialog: restoreDialog(result, database) });
        } else dispatch({ type: "dialog", dialog: notRestoredDialog(result) });
        return undefined;
      });
    },
    restore(artifact) {
      const agreed = shown;
      shown = undefined;
      if (agreed === undefined) return;
      doing(`restoring ${sourceOf(artifact)}`, async (run) => {
        // What is restored is what was shown: the plan is made again under the lock.
        const confirm = async (planned: RestorePlanned): Promise<boolean> => sameSteps(planned, agreed);
        const partial = agreed.lost.length > 0 ? { partial: true } : {};
        return wordsOf(await restore(workspace, { ...inputOf(artifact), ...partial, confirm }, run));
      });
    },
    askPurge(artifact) {
      dispatch({ type: "dialog", dialog: purgeDialog(artifact) });
    },
    purge(artifact) {
      doing(`purging ${sourceOf(artifact)}`, async (run) => {
        const { status } = await purge(workspace, { what: artifact.id, confirmed: true }, run);
        return status === "purged"
          ? `${sourceOf(artifact)} is purged: its rows are gone for good`
          : "nothing was purged";
      });
    },
    export(artifact, format) {
      doing(`exporting ${sourceOf(artifact)}`, async (run) => {
        const file = openNewFile(workspace.cwd, fileWord(sourceOf(artifact)), format);
        try {
          const write = async (text: string): Promise<void> => file.write(text);
          const { rows } = await exportArtifact(workspace, { what: artifact.id, format, write }, run);
          return `${rows} row(s) written to ${file.name}`;
        } catch (error) {
          file.discard();
          throw error;
        } finally {
          file.close();
        }
      });
    },
  };
}

function inputOf({ id, column }: ArtifactRow): Pick<RestoreInput, "what" | "wanted"> {
  return { what: id, wanted: column === null ? "table" : "column" };
}

function sameSteps(a: RestorePlanned, b: RestorePlanned): boolean {
  const key = ({ steps, lost, blocked }: RestorePlanned): string =>
    JSON.stringify([steps.map(({ op }) => op), lost, blocked]);
  return key(a) === key(b);
}

function wordsOf(result: RestoreResult): string {
  switch (result.status) {
    case "restored":
      return `${sourceOf(result.artifact)} is restored; put it back in the declared schema, or the next generate drops it again`;
    case "nothing to do":
      return `${sourceOf(result.artifact)} is restored already; nothing was changed`;
    case "planned":
    case "refused":
      return `nothing was restored: ${result.why ?? "it is not what was shown"}`;
  }
}
