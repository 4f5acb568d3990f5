/**
 * One attempt at a step, up or down: intent row, segments, outcome row. What could not be finished is recorded as it is;
 * an outcome nobody here can know is left for the next run to find.
 */
import type { BackfillSettings } from "../backfill/settings.ts";
import { isToolError, type ToolError, toolError, withContext } from "../base/errors.ts";
import { operationDigest } from "../migration/migration.ts";
import { readGraph } from "../pg/catalog/index.ts";
import { describeRows, type GateResult } from "../risk/gates.ts";
import type { PlannedStep } from "../risk/plan.ts";
import { withoutSecretsOf } from "../sql/secrets.ts";
import type { ArtifactKeeper } from "./artifact-keeper.ts";
import type { Emit } from "./events.ts";
import { type Ledger, recordedSql, type StepStatus } from "./ledger.ts";
import type { BackOff } from "./lock-retry.ts";
import { runProbes } from "./probes.ts";
import { foreignRemainder } from "./remainders.ts";
import { type RunSessions, runStep } from "./step-runner.ts";
import { isWritten, writtenOutcome } from "./written-outcome.ts";

/** What an earlier attempt at a step left in the ledger without finishing. */
export interface BegunStep {
  /** digest of the operation it was an attempt at */
  readonly digest: string | undefined;
  /** its statements as they were recorded */
  readonly sql: string;
  /** how many of its segments had been committed, as far as it could record that */
  readonly parts: number;
  /** nobody was left to record how it ended: the server may have finished what it had begun */
  readonly abandoned: boolean;
}

export interface AttemptInput {
  readonly sessions: RunSessions;
  readonly ledger: Ledger;
  readonly migration: string;
  /** steps that an earlier attempt began, by index */
  readonly begun: ReadonlyMap<number, BegunStep>;
  readonly lockTimeoutMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly backOff?: BackOff;
  /** status of an attempt in the ledger when all is done: up applies, down rolls back */
  readonly outcome: "applied" | "rolled_back";
  /** told what is set aside and given back */
  readonly artifacts?: ArtifactKeeper;
  /** how hard a backfill may work */
  readonly backfill?: BackfillSettings;
  /** after this long, what is in the way of a step is cancelled; never without it */
  readonly cancelBlockersAfterMs?: number;
  /** how long an answer may be missing that the server has given */
  readonly answerLimitMs?: number;
}

/** How a step ended that was not finished. */
export type Unfinished =
  | {
      readonly status: "refused";
      readonly step: PlannedStep;
      /** what stands in its way, in the words of a gate */
      readonly gate: GateResult;
    }
  | { readonly status: "failed"; readonly step: PlannedStep; readonly error: ToolError }
  | { readonly status: "interrupted"; readonly step: PlannedStep | undefined };

/** Runs one step; undefined when it is done and the next may follow. Operational failures are values; bugs throw. */
export async function attemptStep(input: AttemptInput, step: PlannedStep): Promise<Unfinished | undefined> {
  const { emit } = input;
  const earlier = earlierAttempt(input, step);
  const refused =
    earlier === undefined ? await refusedAtFirst(input, step) : await refusedInDoubt(input, step, earlier);
  if (refused !== undefined) return refused;
  const place = placeOf(input, step);
  const risk = { level: step.level, score: step.score };
  emit({ type: "step.started", ...place, ...risk });
  const began = performance.now();
  const parts = earlier !== undefined && earlier.sql === recordedSql(step) ? earlier.parts : 0;
  const startedAt = await beginStep(input, step, parts);
  try {
    await runStep({ ...input, step, resumed: earlier !== undefined, parts }, startedAt);
  } catch (error) {
    if (!isToolError(error)) throw error;
    return recordFailure(input, step, startedAt, error);
  }
  emit({ type: "step.finished", ...place, ...risk, durationMs: Math.round(performance.now() - began) });
  return undefined;
}

async function beginStep({ ledger, sessions, migration }: AttemptInput, step: PlannedStep, parts: number) {
  try {
    return await ledger.begin(sessions.audit, migration, step, parts);
  } catch (error) {
    if (!isToolError(error)) throw error;
    throw withContext(error, {
      state: `step ${step.index} of ${migration} had not begun; what was done before it is recorded`,
    });
  }
}

/** The unfinished attempt at this very operation: what another operation left is not ours to build on. */
function earlierAttempt({ begun }: AttemptInput, step: PlannedStep): BegunStep | undefined {
  const earlier = begun.get(step.index);
  return earlier?.digest === operationDigest(step.op) ? earlier : undefined;
}

/** What speaks against beginning a step: rows that are in its way, or a remainder that is nobody's we know of. */
async function refusedAtFirst(input: AttemptInput, step: PlannedStep): Promise<Unfinished | undefined> {
  return (await refusedByProbe(input, step)) ?? (await refusedByRemainder(input, step));
}

async function refusedByProbe(input: AttemptInput, step: PlannedStep): Promise<Unfinished | undefined> {
  if (step.probes.length === 0) return undefined;
  const { sessions, ledger } = input;
  const live = await readGraph(sessions.work, ledger.reading);
  const [offending] = await runProbes(sessions.work, [step], live);
  if (offending === undefined) return undefined;
  const refusal = `preflight ${offending.probe}`;
  const why = `${offending.question}: ${describeRows(offending)}`;
  return refuse(input, step, { why, how: offending.advice, refusal, offending: [offending] });
}

/** What looks like a remainder of this step and is there before any attempt at it: it is left alone. */
async function refusedByRemainder(input: AttemptInput, step: PlannedStep): Promise<Unfinished | undefined> {
  const foreign = await foreignRemainder(input.sessions.work, step.segments);
  if (foreign === undefined) return undefined;
  return refuse(input, step, {
    why: `${foreign.what} is there before this step began: it is not this migration's, and is left alone`,
    how: `where nobody needs it: ${foreign.remove} zanith migrate baseline`,
    refusal: "preflight remainder of something else",
  });
}

/** An attempt of which nobody knows how it ended, at a statement whose effect the catalog does not tell either. */
async function refusedInDoubt(
  input: AttemptInput,
  step: PlannedStep,
  earlier: BegunStep,
): Promise<Unfinished | undefined> {
  const [segment] = step.segments;
  if (!earlier.abandoned || segment === undefined || !isWritten(segment)) return undefined;
  const outcome = await writtenOutcome(input.sessions.work, segment);
  if (outcome.state !== "unknown") return undefined;
  const mark = `zanith migrate resolve ${input.migration} --step ${step.index}`;
  return refuse(input, step, {
    why: `an earlier attempt ended without an answer, and it is not known whether it took effect: ${outcome.says}`,
    how: `${mark} --mark-applied where it did, or ${mark} --mark-rolled-back where it did not`,
    refusal: "preflight outcome not known",
  });
}

async function refuse(
  { sessions, ledger, migration, emit }: AttemptInput,
  step: PlannedStep,
  found: Required<Pick<GateResult, "why" | "how" | "refusal">> & Pick<GateResult, "offending">,
): Promise<Unfinished> {
  const gate: GateResult = { gate: "preflight", status: "failed", step: step.index, ...found };
  await ledger.refuse(sessions.audit, migration, step, `refused — ${found.refusal}`);
  const place = { migration, step: step.index, kind: step.kind, object: step.object };
  emit({ type: "step.refused", ...place, level: step.level, score: step.score, gate: gate.gate, error: gate.why });
  return { status: "refused", step, gate };
}

/** Codes after which nobody here knows whether the server finished: the next run looks, nothing is recorded as failed. */
export const unknownOutcome = new Set<string>(["connection_lost", "commit_in_doubt"]);

async function recordFailure(
  input: AttemptInput,
  step: PlannedStep,
  startedAt: string,
  failure: ToolError,
): Promise<Unfinished> {
  const error = withoutStepSecrets(step, failure);
  const { sessions, ledger, migration, emit } = input;
  const place = placeOf(input, step);
  if (unknownOutcome.has(error.code)) {
    emit({ type: "step.interrupted", ...place });
    return { status: "failed", step, error };
  }
  const interrupted = error.code === "interrupted";
  const status: StepStatus = interrupted ? "interrupted" : "failed";
  const sqlstate = typeof error.details["sqlstate"] === "string" ? error.details["sqlstate"] : null;
  // Who was asked to stop says why, where there is more to say than that it was asked.
  const given: unknown = interrupted && input.signal.aborted ? input.signal.reason : undefined;
  const text = typeof given === "string" ? given : errorText(error, sqlstate);
  try {
    await ledger.finish(sessions.audit, migration, step.index, startedAt, status, text);
  } catch (failure) {
    // The intent row without an outcome is then the record; the next run writes what it finds.
    if (!isToolError(failure)) throw failure;
  }
  if (interrupted) {
    emit({ type: "step.interrupted", ...place });
    return { status: "interrupted", step };
  }
  emit({ type: "step.failed", ...place, level: step.level, score: step.score, error: text, sqlstate });
  return { status: "failed", step, error };
}

/** The server may repeat a part of the statement that holds a secret. */
function withoutStepSecrets({ segments }: PlannedStep, error: ToolError): ToolError {
  const sql = segments.flatMap(({ statements }) => statements.map((statement) => statement.sql)).join(";\n");
  const clean = (text: string): string => withoutSecretsOf(sql, text);
  const what = clean(error.what);
  const why = error.why === undefined ? undefined : clean(error.why);
  const details = JSON.parse(clean(JSON.stringify(error.details))) as ToolError["details"];
  if (what === error.what && why === error.why) return error;
  const { code, state, next } = error;
  return toolError({ code, what, why, state, next, details });
}

function errorText(error: ToolError, sqlstate: string | null): string {
  const text = error.why ?? error.what;
  return sqlstate === null || text.includes(sqlstate) ? text : `${text} (${sqlstate})`;
}

function placeOf({ migration }: AttemptInput, step: PlannedStep) {
  return { migration, step: step.index, kind: step.kind, object: step.object };
}

/** The error a failed migration ends with: what failed, the server's words, what is certain, how to go on. */
export function stepFailure(
  input: { readonly migration: string; readonly outcome: AttemptInput["outcome"] },
  step: PlannedStep,
  done: readonly number[],
  error: ToolError,
): ToolError {
  const { migration, outcome } = input;
  const unknown = unknownOutcome.has(error.code);
  const command = outcome === "applied" ? "zanith migrate up" : "zanith migrate down";
  return toolError({
    code: "step_failed",
    what: `step ${step.index} ${step.kind} ${step.object} of ${migration} ${unknown ? "ended without an answer" : "failed"}`,
    why: error.why ?? error.what,
    state: unknown
      ? "whether it took effect is not known yet; the next run looks at the ledger and the catalog before it does anything"
      : `${describeDone(done, outcome)}; ${describeLeft(step)}`,
    next: unknown ? command : `correct the cause, then: ${command}`,
    details: { ...error.details, migration, step: step.index },
    cause: error,
  });
}

function describeLeft({ segments }: PlannedStep): string {
  return segments.length === 1 && segments[0]?.mode === "transaction"
    ? "this step's transaction was rolled back"
    : "what this step had committed stays and the next run goes on from there";
}

function describeDone(done: readonly number[], outcome: AttemptInput["outcome"]): string {
  const word = outcome === "applied" ? "applied" : "undone";
  const [first, second] = done;
  if (first === undefined) return `no step of the migration is ${word}`;
  if (second === undefined) return `step ${first} is ${word} and recorded`;
  const [low, high] = [Math.min(...done), Math.max(...done)];
  const list = high - low === done.length - 1 ? `${low}–${high}` : done.join(", ");
  return `steps ${list} are ${word} and recorded`;
}
