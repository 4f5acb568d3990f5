/** verify: proves the pending migrations on a shadow of the live schema. Nothing is written to the live database. */
import { exitCode, exitCodeOf, isToolError, type ToolError } from "../base/errors.ts";
import type { ConnectionSettings } from "../config/connection.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { operationsHash, planSteps } from "../risk/plan.ts";
import { isolated } from "../run/events.ts";
import { storeVerdicts } from "../verify/verdicts.ts";
import { unreachableReport, type VerifyReport, verifyOnShadow } from "../verify/verify.ts";
import { scoped } from "./diff.ts";
import { readNamedSource } from "./sources.ts";
import { readState, type State } from "./state.ts";
import { noProgress } from "./step-progress.ts";
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

/**
 * Runs the four stages and keeps the verdict beside the migrations when it is `ok`. Whatever the shadow's server answers
 * is a report; what throws is the live database that cannot be read, a file that is not valid, or the signal to stop.
 */
export async function verify(workspace: Workspace, input: VerifyInput, given: Run): Promise<VerifyResult> {
  const run: Run = { ...given, emit: isolated(given.emit) };
  return withSession(workspace, "verify", async (session) => {
    const state = await readState(workspace, session);
    const migrations = openMigrations(state, session.server.versionNum);
    const ids = migrations.map(({ id }) => id);
    const target = await shadowAnd(workspace, () => declaredTarget(workspace));
    if ("error" in target) {
      const report = unreachableReport(target.error, state.live, run.emit);
      return { report, migrations: ids, declared: workspace.config.schema ?? predictedName };
    }
    const report = await verifyOnShadow({
      shadow: target.shadow,
      live: state.live,
      migrations,
      ...(target.value.graph === undefined ? {} : { declared: scoped(workspace, {}, state.live, target.value.graph) }),
      auditSchema: workspace.config.auditSchema,
      keep: input.keep ?? false,
      emit: run.emit,
      signal: run.signal,
      ...(run.cancel === undefined ? {} : { cancel: run.cancel }),
    });
    if (report.verdict === "ok") keepVerdict(workspace, report, state);
    return { report, migrations: ids, declared: target.value.name };
  });
}

/** What is still to be done of each pending migration, planned on what the ones before it leave. */
function openMigrations({ live, check, progress }: State, server: number) {
  let before: SchemaGraph = live;
  return check.pending.map(({ id, ops }) => {
    const { applied } = progress.get(id) ?? noProgress;
    const indexes = [...ops.keys()].filter((index) => !applied.has(index));
    const open = ops.filter((_, index) => !applied.has(index));
    const steps = planSteps(open, before, { server }).map((step) => ({ ...step, index: indexes[step.index] ?? 0 }));
    before = predictOperations(before, open);
    return { id, steps };
  });
}

/** The shadow's settings and what a body makes of the same server; or why that server cannot be used. */
async function shadowAnd<T>(
  workspace: Workspace,
  body: () => Promise<T>,
): Promise<{ readonly shadow: ConnectionSettings; readonly value: T } | { readonly error: ToolError }> {
  try {
    return { shadow: shadowConnection(workspace), value: await body() };
  } catch (error) {
    if (!isToolError(error) || !isAboutTheServer(error)) throw error;
    return { error };
  }
}

function isAboutTheServer({ code }: ToolError): boolean {
  const unusable = code === "permission_denied" || code === "connection_settings_invalid" || code === "connection_lost";
  return unusable || exitCodeOf(code) === exitCode.unreachable;
}

const predictedName = "what the operations predict";

/** What the migrations should lead to: the declared schema where one is configured, else their own prediction. */
async function declaredTarget(
  workspace: Workspace,
): Promise<{ readonly graph: SchemaGraph | undefined; readonly name: string }> {
  const { schema } = workspace.config;
  if (schema === undefined) return { graph: undefined, name: predictedName };
  try {
    return { graph: await readNamedSource(workspace, schema), name: schema };
  } catch (error) {
    // Without a readable declaration the operations' own prediction is still a proof of their SQL.
    if (!isToolError(error, "file_missing")) throw error;
    return { graph: undefined, name: predictedName };
  }
}

function keepVerdict(workspace: Workspace, { chain }: VerifyReport, { check }: State): void {
  const at = workspace.now().toISOString();
  try {
    storeVerdicts(
      workspace.config.dir,
      chain.map((link) => ({
        ...link,
        operations: operationsHash(check.pending.find(({ id }) => id === link.migration)?.ops ?? []),
        at,
      })),
    );
  } catch (error) {
    if (!isToolError(error, "file_unreadable")) throw error;
    workspace.note?.(`the verdict could not be kept, so the gate verified will not know of it: ${error.why}`);
  }
}
