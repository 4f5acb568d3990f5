/**
 * Proves a migration on a shadow: a throwaway database made as a copy of the live schema, never of its data. Four
 * stages, a verdict, and no exception: what goes wrong is part of the report.
 */

import { isToolError, type ToolError, toolError } from "../base/errors.ts";
import type { ConnectionSettings } from "../config/connection.ts";
import { planOperations, predictOperations } from "../diff/plan-operations.ts";
import { emptyGraph, type SchemaGraph } from "../model/graph.ts";
import { graphHash } from "../model/json.ts";
import { kindOf } from "../operation/registry.ts";
import { readGraph } from "../pg/catalog/index.ts";
import { executeSteps, type FailedStatement } from "../pg/execute-steps.ts";
import { makingRoles, missingInWords, missingRoles, objectsPut, rolesIn } from "../pg/missing-roles.ts";
import { connect, type Session } from "../pg/session.ts";
import { withShadowDatabase } from "../pg/shadow-database.ts";
import { type PlannedStep, planSteps, stepSql } from "../risk/plan.ts";
import type { Emit } from "../run/events.ts";
import { withoutSecrets, withoutSecretsOf } from "../sql/secrets.ts";
import { createStages, type StageReport, type Stages } from "./stages.ts";

export type { StageReport } from "./stages.ts";

export type Verdict = "ok" | "drift" | "apply-failed" | "shadow-unreachable";

export interface VerifyFailure {
  /** the migration and step that failed; absent when the copy of the live schema did */
  readonly migration?: string;
  readonly step?: number;
  readonly kind?: string;
  readonly object?: string;
  readonly sql?: string;
  readonly error: string;
  readonly sqlstate?: string;
  /** what helps, where the shadow's server could not be used */
  readonly next?: string;
}

export interface VerifyReport {
  readonly verdict: Verdict;
  readonly stages: readonly StageReport[];
  /** name of the throwaway database, when it was kept or could not be dropped */
  readonly kept?: string;
  /** on drift: what would still have to be done to reach the declared schema */
  readonly residual: readonly PlannedStep[];
  readonly failure?: VerifyFailure;
  /** graph hashes before and after each migration on the shadow: what a verdict is bound to */
  readonly chain: readonly { readonly migration: string; readonly before: string; readonly after: string }[];
  /** objects of the live database that are not on the shadow because they are not modelled */
  readonly unmodelled: number;
}

export interface VerifyInput {
  readonly shadow: ConnectionSettings;
  readonly live: SchemaGraph;
  /** what is still to be done, each step under its own index */
  readonly migrations: readonly { readonly id: string; readonly steps: readonly PlannedStep[] }[];
  /** the schema the migrations should lead to; without it, what their operations predict */
  readonly declared?: SchemaGraph;
  readonly auditSchema: string;
  readonly keep: boolean;
  readonly emit: Emit;
  /** given to stop before the next statement, and to cancel the running one as well */
  readonly signal: AbortSignal;
  readonly cancel?: AbortSignal;
}

type Found = { -readonly [K in keyof VerifyReport]?: VerifyReport[K] };

/** One verification under way: its stages and what is known for its report so far. */
interface Verification {
  readonly input: VerifyInput;
  readonly session: Session;
  readonly stages: Stages;
  readonly found: Found;
}

/**
 * Runs the four stages. What a server can answer is part of the report.
 * @throws ToolError interrupted when a signal was given
 */
export async function verifyOnShadow(input: VerifyInput): Promise<VerifyReport> {
  const stages = createStages(input.emit);
  const found: Found = { unmodelled: input.live.unmodelled.length };
  let verdict: Verdict | undefined;
  try {
    await withShadowDatabase(
      input.shadow,
      { applicationName: "zanith verify", purpose: "verify", keep: input.keep },
      async ({ name, settings }) => {
        found.kept = name;
        const session = await connect(settings, { applicationName: "zanith verify" });
        const cancel = (): void => {
          session.cancel().catch(() => {});
        };
        input.cancel?.addEventListener("abort", cancel, { once: true });
        try {
          verdict = await verdictOf({ input, session, stages, found });
        } finally {
          input.cancel?.removeEventListener("abort", cancel);
          await session.close();
        }
      },
    );
    if (!input.keep) delete found.kept;
  } catch (error) {
    if (!isToolError(error) || error.code === "interrupted") throw error;
    // After a verdict only dropping the shadow can have failed: it is still there, and the verdict stands.
    if (verdict === undefined) {
      if (!input.keep) delete found.kept;
      found.failure = unreachable(error);
      stages.fail();
      verdict = "shadow-unreachable";
    }
  }
  return reportOf(verdict ?? "shadow-unreachable", found, stages);
}

/** The report of a verification that could not even begin. */
export function unreachableReport(error: ToolError, live: SchemaGraph, emit: Emit): VerifyReport {
  const stages = createStages(emit);
  stages.fail();
  const found = { unmodelled: live.unmodelled.length, failure: unreachable(error) };
  return reportOf("shadow-unreachable", found, stages);
}

function reportOf(verdict: Verdict, found: Found, stages: Stages): VerifyReport {
  return { residual: [], chain: [], unmodelled: 0, ...found, verdict, stages: stages.reports() };
}

async function verdictOf(verification: Verification): Promise<Verdict> {
  const { stages, found } = verification;
  try {
    return await runStages(verification);
  } catch (error) {
    if (!isToolError(error) || error.code === "interrupted") throw error;
    const failing = stages.current;
    stages.fail();
    found.failure ??= failureOf(error);
    if (error.code === "connection_lost" || error.code === "commit_in_doubt") return "shadow-unreachable";
    return failing === "diff vs declared" ? "drift" : "apply-failed";
  }
}

async function runStages(verification: Verification): Promise<Verdict> {
  const { input, session, stages, found } = verification;
  const server = session.server.versionNum;
  const read = (): Promise<SchemaGraph> => readGraph(session, { auditSchema: input.auditSchema });

  stages.start("connect + reset");
  await requireRoles(verification);
  const copy = planSteps(planOperations(emptyGraph, input.live, { server }).operations, emptyGraph, { server });
  failOn(verification, copy, await executeSteps(session, copy, { batch: true, signal: input.signal }));
  let graph = await read();
  let predicted = graph;
  stages.pass();

  stages.start("apply on shadow");
  const chain: { migration: string; before: string; after: string }[] = [];
  for (const { id, steps } of input.migrations) {
    // Positions of columns can differ between a schema and its copy; the first link is therefore the live graph's own hash.
    const before = chain.at(-1)?.after ?? graphHash(input.live);
    // What an opaque step did is known only from the catalog, so the prediction starts anew after the last one.
    const known = steps.findLastIndex(({ kind }) => kindOf(kind).opaque) + 1;
    await applyOn(verification, id, steps.slice(0, known));
    if (known > 0) predicted = await read();
    const rest = steps.slice(known);
    await applyOn(verification, id, rest);
    predicted = predictOperations(
      predicted,
      rest.map(({ op }) => op),
    );
    graph = await read();
    chain.push({ migration: id, before, after: graphHash(graph) });
  }
  found.chain = chain;
  stages.pass();

  stages.start("introspect");
  graph = await read();
  stages.pass();

  stages.start("diff vs declared");
  const residual = planOperations(graph, input.declared ?? predicted, { server }).operations;
  found.residual = planSteps(residual, graph, { server });
  if (residual.length > 0) {
    stages.fail();
    return "drift";
  }
  stages.pass();
  return "ok";
}

/** The shadow may be on another server: what is granted there needs the same roles. @throws ToolError name_unknown */
async function requireRoles({ input, session, found }: Verification): Promise<void> {
  const operations = input.migrations.flatMap(({ steps }) => steps.map(({ op }) => op));
  const missing = await missingRoles(
    session,
    rolesIn([...input.live.objects.values(), ...objectsPut(input.live, operations)]),
  );
  if (missing.length === 0) return;
  const error = `${missingInWords(missing)} on the shadow's server`;
  found.failure = { error, next: makingRoles(missing) };
  throw toolError({ code: "name_unknown", what: error, state: "nothing was changed", next: makingRoles(missing) });
}

async function applyOn(verification: Verification, id: string, steps: readonly PlannedStep[]): Promise<void> {
  const { input, session } = verification;
  const failed = await executeSteps(session, steps, {
    signal: input.signal,
    onStep: (at, durationMs) => {
      const step = steps[at];
      if (step === undefined) return;
      input.emit({ type: "shadow.step", step: step.index, kind: step.kind, object: step.object, durationMs });
    },
  });
  failOn(verification, steps, failed, id);
}

/** Notes the statement that failed, if one did. @throws ToolError what it failed with */
function failOn(
  { found }: Verification,
  steps: readonly PlannedStep[],
  failed: FailedStatement | undefined,
  migration?: string,
): void {
  if (failed === undefined) return;
  const step = steps[failed.step];
  found.failure = {
    ...failureOf(failed.error, failed.sql),
    ...(migration === undefined ? {} : { migration, ...(step ? { step: step.index } : {}) }),
    ...(step ? { kind: step.kind, object: step.object } : {}),
    sql: failed.sql === "" && step ? stepSql(step) : withoutSecrets(failed.sql),
  };
  throw failed.error;
}

function failureOf(error: ToolError, sql = ""): VerifyFailure {
  const sqlstate = error.details["sqlstate"];
  return {
    error: withoutSecretsOf(sql, error.why ?? error.what),
    ...(typeof sqlstate === "string" ? { sqlstate } : {}),
  };
}

function unreachable(error: ToolError): VerifyFailure {
  return { ...failureOf(error), ...(error.next === undefined ? {} : { next: error.next }) };
}
