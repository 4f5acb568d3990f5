/** The verbs of the recover screen: the use cases of `zanith recover`, asked about first and reported after. */

import { readDuration } from "../base/duration.ts";
import { plural } from "../base/text.ts";
import { fileWord, openNewFile } from "../usecase/new-file.ts";
import { inspectArtifact } from "../usecase/recover/artifacts.ts";
import { exportArtifact } from "../usecase/recover/export.ts";
import { type CleanupInput, cleanUp, purge } from "../usecase/recover/purge.ts";
import { type ReseedPlanned, reseed } from "../usecase/recover/reseed.ts";
import { type RestoreInput, type RestorePlanned, type RestoreResult, restore } from "../usecase/recover/restore.ts";
import type { Run, Workspace } from "../usecase/workspace.ts";
import { type ArtifactRow, sourceOf } from "./artifact-rows.ts";
import { cleanError } from "./readings.ts";
import {
  ageDialog,
  cleanupDialog,
  nameDialog,
  notReseededDialog,
  notRestoredDialog,
  purgeDialog,
  reseedDialog,
  restoreDialog,
} from "./recover-dialogs.ts";
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
  /** plans a restore, under another name where one is given, and asks whether it is wanted */
  preview(artifact: ArtifactRow, as?: string): void;
  askName(artifact: ArtifactRow): void;
  /** what the preview showed, and nothing else */
  restore(artifact: ArtifactRow): void;
  /** counts what a reseed would fill and asks whether it is wanted */
  previewReseed(artifact: ArtifactRow): void;
  /** what that showed, and nothing else */
  reseed(artifact: ArtifactRow): void;
  askPurge(artifact: ArtifactRow): void;
  askCleanup(): void;
  /** lists what is older than a time (what has expired for no text) and asks whether it may go */
  previewCleanup(olderThan: string): void;
  /** what that listed, and nothing else */
  cleanUp(): void;
  purge(artifact: ArtifactRow): void;
  export(artifact: ArtifactRow, format: "csv" | "jsonl"): void;
}

/** The verbs for one app. */
export function createRecovering({ workspace, dispatch, begin }: RecoveringInput): Recovering {
  /** what was shown when a restore was asked about */
  let shown: { readonly planned: RestorePlanned; readonly as: string | undefined } | undefined;
  let shownReseed: ReseedPlanned | undefined;
  let shownCleanup: Required<Pick<CleanupInput, "only">> & CleanupInput = { only: new Set() };

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
    askName(artifact) {
      dispatch({ type: "dialog", dialog: nameDialog(artifact) });
    },
    preview(artifact, as) {
      doing(`planning the restore of ${sourceOf(artifact)}`, async (run) => {
        const result = await restore(workspace, { ...inputOf(artifact), ...named(as), dryRun: true }, run);
        const database = workspace.connection().database;
        if (result.status === "planned") {
          shown = { planned: result, as };
          dispatch({ type: "dialog", dialog: restoreDialog(result, database, as) });
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
        const confirm = async (planned: RestorePlanned): Promise<boolean> => sameSteps(planned, agreed.planned);
        const partial = agreed.planned.lost.length > 0 ? { partial: true } : {};
        return wordsOf(
          await restore(workspace, { ...inputOf(artifact), ...named(agreed.as), ...partial, confirm }, run),
          agreed.as,
        );
      });
    },
    previewReseed(artifact) {
      doing(`counting the rows of ${sourceOf(artifact)}`, async (run) => {
        const result = await reseed(workspace, { what: artifact.id, dryRun: true }, run);
        const database = workspace.connection().database;
        if (result.status === "planned") {
          shownReseed = result;
          dispatch({ type: "dialog", dialog: reseedDialog(result, database) });
        } else dispatch({ type: "dialog", dialog: notReseededDialog(result) });
        return undefined;
      });
    },
    reseed(artifact) {
      const agreed = shownReseed;
      shownReseed = undefined;
      if (agreed === undefined) return;
      doing(`filling ${sourceOf(artifact)} again`, async (run) => {
        const confirm = async (planned: ReseedPlanned): Promise<boolean> => sameReseed(planned, agreed);
        const { status, counts, why } = await reseed(workspace, { what: artifact.id, confirm }, run);
        return status === "reseeded"
          ? `${sourceOf(artifact)}: ${plural(counts.filled, "row")} filled from its archive`
          : `nothing was filled: ${why ?? "it is not what was shown"}`;
      });
    },
    askCleanup() {
      dispatch({ type: "dialog", dialog: ageDialog() });
    },
    previewCleanup(olderThan) {
      doing("looking for what can go", async (run) => {
        const age = readDuration(olderThan);
        const input = age === undefined ? {} : { olderThanSeconds: age / 1_000 };
        const { artifacts } = await cleanUp(workspace, input, run);
        shownCleanup = { ...input, only: new Set(artifacts.map(({ id }) => id)) };
        const rows = artifacts.map((artifact): ArtifactRow => ({ ...artifact, bytes: null }));
        dispatch({ type: "dialog", dialog: cleanupDialog(rows, workspace.connection().database) });
        return undefined;
      });
    },
    cleanUp() {
      const agreed = shownCleanup;
      shownCleanup = { only: new Set() };
      if (agreed.only.size === 0) return;
      doing("cleaning up", async (run) => {
        const { status, artifacts } = await cleanUp(workspace, { ...agreed, confirmed: true }, run);
        return status === "purged" ? `${plural(artifacts.length, "artifact")} removed for good` : "nothing was removed";
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

function named(as: string | undefined): Pick<RestoreInput, "as"> {
  return as === undefined ? {} : { as };
}

function sameReseed(a: ReseedPlanned, b: ReseedPlanned): boolean {
  const key = ({ steps, counts }: ReseedPlanned): string => JSON.stringify([steps.map(({ op }) => op), counts]);
  return key(a) === key(b);
}

function inputOf({ id, column }: ArtifactRow): Pick<RestoreInput, "what" | "wanted"> {
  return { what: id, wanted: column === null ? "table" : "column" };
}

function sameSteps(a: RestorePlanned, b: RestorePlanned): boolean {
  const key = ({ steps, lost, blocked }: RestorePlanned): string =>
    JSON.stringify([steps.map(({ op }) => op), lost, blocked]);
  return key(a) === key(b);
}

function wordsOf(result: RestoreResult, as?: string): string {
  switch (result.status) {
    case "restored":
      return `${sourceOf(result.artifact)} is restored${as === undefined ? "" : ` as ${as}`}; put it back in the declared schema, or the next generate drops it again`;
    case "nothing to do":
      return `${sourceOf(result.artifact)} is restored already; nothing was changed`;
    case "planned":
    case "refused":
      return `nothing was restored: ${result.why ?? "it is not what was shown"}`;
  }
}
