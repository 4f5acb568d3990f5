/**
 * Proves a migration on a shadow: a throwaway database made as a copy of the live schema, never of its data. Four
 * stages, a verdict, and no exception: what goes wrong is part of the report.
 */
import { isToolError, type ToolError } from "../base/errors.ts";
import type { ConnectionSettings } from "../config/connection.ts";
import { planOperations } from "../diff/plan-operations.ts";
import { emptyGraph, type SchemaGraph } from "../model/graph.ts";
import { graphHash } from "../model/json.ts";
import { readGraph } from "../pg/catalog/index.ts";
import { executeSteps } from "../pg/execute-steps.ts";
import { connect, type Session } from "../pg/session.ts";
import { withShadowDatabase } from "../pg/shadow-database.ts";
import { type PlannedStep, planSteps, stepSql } from "../risk/plan.ts";
import type { Emit, VerifyStage } from "../run/events.ts";

export type Verdict = "ok" | "drift" | "apply-failed" | "shadow-unreachable";

export interface StageReport {
  readonly stage: VerifyStage;
  readonly status: "passed" | "failed" | "not reached";
  readonly durationMs: number;
}

export interface VerifyFailure {
  /** the migration and step that failed; absent when the copy of the live schema did */
  readonly migration?: string;
  readonly step?: number;
  readonly kind?: string;
  readonly object?: string;
  readonly sql?: string;
  readonly error: string;
  readonly sqlstate?: string;
}

export interface VerifyReport {
  readonly verdict: Verdict;
  readonly stages: readonly StageReport[];
  /** name of the throwaway database, when it was kept */
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
  readonly migrations: readonly { readonly id: string; readonly steps: readonly PlannedStep[] }[];
  /** the schema the migrations should lead to */
  readonly declared: SchemaGraph;
  readonly auditSchema: string;
  readonly keep: boolean;
  readonly emit: Emit;
}

const stageNames: readonly VerifyStage[] = ["connect + reset", "apply on shadow", "introspect", "diff vs declared"];

/** Runs the four stages. Never throws for anything a server can answer. */
export async function verifyOnShadow(input: VerifyInput): Promise<VerifyReport> {
  const run = new Stages(input.emit);
  const partial: { -readonly [K in keyof VerifyReport]?: VerifyReport[K] } = {
    residual: [],
    chain: [],
    unmodelled: input.live.unmodelled.length,
  };
  const report = (verdict: Verdict): VerifyReport => ({
    residual: [],
    chain: [],
    unmodelled: 0,
    ...partial,
    verdict,
    stages: run.reports(),
  });
  try {
    return await withShadowDatabase(
      input.shadow,
      { applicationName: "zanith verify", purpose: "verify", keep: input.keep },
      async ({ name, settings }) => {
        if (input.keep) partial.kept = name;
        const session = await connect(settings, { applicationName: "zanith verify" });
        try {
          return await verifyIn(session, input, run, partial, report);
        } finally {
          await session.close();
        }
      },
    );
  } catch (error) {
    if (!isToolError(error)) throw error;
    partial.failure ??= failureOf(error);
    run.fail();
    return report("shadow-unreachable");
  }
}

async function verifyIn(
  session: Session,
  input: VerifyInput,
  run: Stages,
  partial: { -readonly [K in keyof VerifyReport]?: VerifyReport[K] },
  report: (verdict: Verdict) => VerifyReport,
): Promise<VerifyReport> {
  const server = session.server.versionNum;
  run.start("connect + reset");
  const copy = planSteps(planOperations(emptyGraph, input.live, { server }).operations, emptyGraph, { server });
  const copyFailed = await executeSteps(session, copy, { batch: true });
  if (copyFailed !== undefined) {
    const step = copy[copyFailed.step];
    partial.failure = {
      ...failureOf(copyFailed.error),
      sql: copyFailed.sql,
      ...(step ? { kind: step.kind, object: step.object } : {}),
    };
    run.fail();
    return report("apply-failed");
  }
  let graph = await readGraph(session, { auditSchema: input.auditSchema });
  run.pass();

  run.start("apply on shadow");
  const chain: { migration: string; before: string; after: string }[] = [];
  for (const { id, steps } of input.migrations) {
    // Positions of columns can differ between a schema and its copy; the first link is therefore the live graph's own hash.
    const before = chain.at(-1)?.after ?? graphHash(input.live);
    const failed = await executeSteps(session, steps, {
      onStep: (at, durationMs) => {
        const step = steps[at];
        if (step) input.emit({ type: "shadow.step", step: at, kind: step.kind, object: step.object, durationMs });
      },
    });
    if (failed !== undefined) {
      const step = steps[failed.step];
      partial.failure = {
        ...failureOf(failed.error),
        migration: id,
        step: failed.step,
        sql: failed.sql === "" && step ? stepSql(step) : failed.sql,
        ...(step ? { kind: step.kind, object: step.object } : {}),
      };
      run.fail();
      return report("apply-failed");
    }
    graph = await readGraph(session, { auditSchema: input.auditSchema });
    chain.push({ migration: id, before, after: graphHash(graph) });
  }
  partial.chain = chain;
  run.pass();

  run.start("introspect");
  graph = await readGraph(session, { auditSchema: input.auditSchema });
  run.pass();

  run.start("diff vs declared");
  const residual = planOperations(graph, input.declared, { server }).operations;
  partial.residual = planSteps(residual, graph, { server });
  if (residual.length > 0) {
    run.fail();
    return report("drift");
  }
  run.pass();
  return report("ok");
}

function failureOf(error: ToolError): VerifyFailure {
  const sqlstate = error.details["sqlstate"];
  return { error: error.why ?? error.what, ...(typeof sqlstate === "string" ? { sqlstate } : {}) };
}

/** The stages as they go by, with their times. */
class Stages {
  readonly #emit: Emit;
  readonly #done = new Map<VerifyStage, StageReport>();
  #running: { stage: VerifyStage; started: number } | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  start(stage: VerifyStage): void {
    this.#running = { stage, started: performance.now() };
    this.#emit({ type: "verify.stage", stage, status: "started", durationMs: 0 });
  }

  pass(): void {
    this.#end("passed");
  }

  /** Ends the running stage as failed; the first one when none has begun. */
  fail(): void {
    if (this.#running === undefined && this.#done.size === 0) this.start("connect + reset");
    this.#end("failed");
  }

  reports(): StageReport[] {
    return stageNames.map((stage) => this.#done.get(stage) ?? { stage, status: "not reached", durationMs: 0 });
  }

  #end(status: "passed" | "failed"): void {
    if (this.#running === undefined) return;
    const { stage, started } = this.#running;
    const durationMs = Math.round(performance.now() - started);
    this.#done.set(stage, { stage, status, durationMs });
    this.#running = undefined;
    this.#emit({ type: "verify.stage", stage, status: status === "passed" ? "finished" : "failed", durationMs });
  }
}
