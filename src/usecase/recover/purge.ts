/** purge and cleanup: remove for good what was set aside, one artifact after the other, each recorded as a migration of its own. */

import { toolError } from "../../base/errors.ts";
import { commandLine } from "../../base/shell.ts";
import { type Operation, operation } from "../../operation/define.ts";
import type { Artifact } from "../../recovery/artifact.ts";
import { findArtifacts } from "../../recovery/find.ts";
import { noProgress } from "../step-progress.ts";
import type { Run, Workspace } from "../workspace.ts";
import { isPurgeable, physicalOf, targetOf } from "./artifacts.ts";
import {
  type CommandContext,
  commandId,
  planCommanded,
  runCommanded,
  unfinishedRun,
  withRecovery,
} from "./commanded-run.ts";

export interface PurgeInput {
  /** a table, table.column, the id of an artifact, or of a migration: then everything it left */
  readonly what: string;
  readonly confirmed?: boolean;
  readonly confirm?: (artifacts: readonly Artifact[]) => Promise<boolean>;
  readonly lockTimeoutMs?: number;
}

export interface CleanupInput {
  /** seconds since it was set aside; without it, what has expired */
  readonly olderThanSeconds?: number;
  /** without it nothing is removed */
  readonly confirmed?: boolean;
  /** ids of what was shown: nothing else is removed */
  readonly only?: ReadonlySet<string>;
  readonly lockTimeoutMs?: number;
}

export type PurgeResult = {
  readonly status: "nothing to do" | "planned" | "refused" | "purged";
  readonly why?: string;
  readonly artifacts: readonly Artifact[];
};

/**
 * Removes artifacts for good.
 * @throws ToolError name_unknown, locked, step_failed, interrupted
 */
export async function purge(workspace: Workspace, input: PurgeInput, run: Run): Promise<PurgeResult> {
  return withRecovery(workspace, "purge", run, async (context) => {
    const found = findArtifacts(context.artifacts, input.what);
    const artifacts = found.filter(isPurgeable);
    if (artifacts.length === 0) {
      const unsealed = found.find(({ status }) => status === "live");
      if (unsealed !== undefined) throw unfinishedStep(unsealed);
      return { status: "nothing to do", artifacts: found };
    }
    if (!(input.confirmed || ((await input.confirm?.(artifacts)) ?? false)))
      return { status: "refused", why: "nobody confirmed it", artifacts };
    await purgeAll(workspace, context, artifacts, input);
    return { status: "purged", artifacts };
  });
}

/** Removes what is older than a time, or has expired; what is still counted on stays whatever its age. */
export async function cleanUp(workspace: Workspace, input: CleanupInput, run: Run): Promise<PurgeResult> {
  return withRecovery(workspace, "purge", run, async (context) => {
    const { olderThanSeconds, only } = input;
    const artifacts = context.artifacts.filter(
      (artifact) =>
        isPurgeable(artifact) &&
        (only?.has(artifact.id) ?? true) &&
        (olderThanSeconds === undefined
          ? artifact.expired
          : artifact.ageSeconds >= olderThanSeconds && (artifact.expiresAt === null || artifact.expired)),
    );
    if (artifacts.length === 0) return { status: "nothing to do", artifacts };
    if (!input.confirmed) return { status: "planned", artifacts };
    await purgeAll(workspace, context, artifacts, input);
    return { status: "purged", artifacts };
  });
}

async function purgeAll(
  workspace: Workspace,
  context: CommandContext,
  artifacts: readonly Artifact[],
  { lockTimeoutMs }: { readonly lockTimeoutMs?: number },
): Promise<void> {
  const { run, sessions, state } = context;
  const runs = artifacts.map((artifact) => {
    const unfinished = unfinishedRun(state, "purge", artifact);
    return { artifact, unfinished, id: unfinished?.id ?? commandId(workspace, state, "purge", artifact) };
  });
  run.emit({ type: "run.started", database: sessions.work.server.database, migrations: runs.map(({ id }) => id) });
  for (const { artifact, unfinished, id } of runs) {
    const steps = await planCommanded(context, [purgeOf(artifact)], 0);
    await runCommanded(
      workspace,
      context,
      { id, steps, progress: unfinished?.progress ?? noProgress },
      {
        ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
        again: commandLine`zanith recover purge ${artifact.id}`,
      },
    );
  }
}

function purgeOf(artifact: Artifact): Operation {
  const { schema, table, column } = targetOf(artifact);
  return operation("purgeArtifact", {
    type: artifact.type,
    schema,
    table,
    ...(column === undefined ? {} : { column }),
    physical: physicalOf(artifact),
  });
}

function unfinishedStep({ id }: Artifact): Error {
  return toolError({
    code: "usage",
    what: `${id} has no checksum yet`,
    why: "the step that archived it has not finished and still needs it",
    state: "nothing was changed",
    next: "zanith migrate up",
  });
}
