/** verify: proves the pending migrations on a shadow of the live schema. Nothing is written to the live database. */

import { isToolError } from "../base/errors.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { operationsHash, planSteps } from "../risk/plan.ts";
import { storeVerdicts } from "../verify/verdicts.ts";
import { type VerifyReport, verifyOnShadow } from "../verify/verify.ts";
import { readNamedSource } from "./sources.ts";
import { readState } from "./state.ts";
import { type Run, shadowConnection, type Workspace, withSession } from "./workspace.ts";

export interface VerifyInput {
  readonly keep?: boolean;
}

export interface VerifyResult {
  readonly report: VerifyReport;
  /** ids of the migrations that were verified; empty when none is pending */
  readonly migrations: readonly string[];
  /** what the shadow was compared with */
  readonly declared: string;
}

/** Runs the four stages and keeps the verdict beside the migrations when it is `ok`. */
export async function verify(workspace: Workspace, input: VerifyInput, run: Run): Promise<VerifyResult> {
  return withSession(workspace, "verify", async (session) => {
    const state = await readState(workspace, session);
    const server = session.server.versionNum;
    let before: SchemaGraph = state.live;
    const migrations = state.check.pending.map(({ id, ops }) => {
      const done = state.progress.get(id)?.applied;
      const open = ops.filter((_, index) => !done?.has(index));
      const steps = planSteps(open, before, { server });
      before = predictOperations(before, open);
      return { id, ops, steps, partly: (done?.size ?? 0) > 0 };
    });
    const target = await declaredTarget(workspace, before);
    const report = await verifyOnShadow({
      shadow: shadowConnection(workspace),
      live: state.live,
      migrations,
      declared: target.graph,
      auditSchema: workspace.config.auditSchema,
      keep: input.keep ?? false,
      emit: run.emit,
    });
    if (report.verdict === "ok") {
      const at = workspace.now().toISOString();
      storeVerdicts(
        workspace.config.dir,
        report.chain.map(({ migration, before, after }) => ({
          migration,
          operations: operationsHash(migrations.find(({ id }) => id === migration)?.ops ?? []),
          before,
          after,
          at,
        })),
      );
    }
    return { report, migrations: migrations.map(({ id }) => id), declared: target.name };
  });
}

/** What the migrations should lead to: the declared schema where one is configured, else their own prediction. */
async function declaredTarget(
  workspace: Workspace,
  predicted: SchemaGraph,
): Promise<{ readonly graph: SchemaGraph; readonly name: string }> {
  const { schema } = workspace.config;
  if (schema === undefined) return { graph: predicted, name: "what the operations predict" };
  try {
    return { graph: await readNamedSource(workspace, schema), name: schema };
  } catch (error) {
    // Without a readable declaration the operations' own prediction is still a proof of their SQL.
    if (!isToolError(error, "file_missing")) throw error;
    return { graph: predicted, name: "what the operations predict" };
  }
}
