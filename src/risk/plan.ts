/** A plan: the steps of one migration with their SQL, locks, findings and undo, as data for every front end. */
import { toolError } from "../base/errors.ts";
import { hashJson } from "../base/hash.ts";
import { draftGraph, type GraphEdit, type SchemaGraph } from "../model/graph.ts";
import { type ObjectId, objectId } from "../model/kinds.ts";
import { missingAttribute } from "../model/since-version.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";
import { inversionOf } from "../operation/undo.ts";
import { qualified } from "../sql/identifier.ts";
import { type Segment, scriptOf } from "../sql/statement.ts";
import type { Facts, TableFacts } from "./facts.ts";
import { type Finding, type Level, scores, worstOf } from "./levels.ts";
import type { Probe } from "./probe.ts";

/** One operation of a migration, ready to be shown and run. */
export interface PlannedStep {
  readonly index: number;
  readonly op: Operation;
  readonly kind: string;
  readonly family: string;
  /** the object in words, as in SQL */
  readonly object: string;
  readonly level: Level;
  readonly score: number;
  readonly findings: readonly Finding[];
  readonly segments: readonly Segment[];
  readonly probes: readonly Probe[];
  readonly undo: Undo;
  /** it waits for nobody and may commit together with the steps beside it: what it locks was made by this migration */
  readonly shares?: true;
}

/** How a step can be undone. */
export type Undo =
  | { readonly possible: true; readonly kinds: readonly string[]; readonly loses?: string }
  | { readonly possible: false; readonly why: string };

/** The live figures that risk is judged by; absent without a connection. */
export interface LiveFigures {
  readonly server?: number;
  readonly table?: (id: ObjectId) => TableFacts | undefined;
  /** indexes of steps that are applied: what they made has been in use since */
  readonly applied?: ReadonlySet<number>;
}

const newestServer = 180000;

/**
 * The steps of a list of operations on a schema. Without a server version the SQL is for the newest one; without live
 * figures risk is judged by kind and details alone, and the findings say which figures are missing.
 * @throws ToolError not_supported when the server lacks what a step needs
 */
export function planSteps(
  operations: readonly Operation[],
  before: SchemaGraph,
  live: LiveFigures = {},
): PlannedStep[] {
  const draft = draftGraph(before);
  const fresh = new Set<ObjectId>();
  const isFresh = (id: ObjectId): boolean => fresh.has(id);
  const made = new Set<string>();
  const facts: Facts = {
    ...(live.server !== undefined ? { server: live.server } : {}),
    live: live.table !== undefined,
    table: (id) => live.table?.(id),
    isFresh,
  };
  return operations.map((op, index) => {
    const kind = kindOf(op.kind);
    const findings = kind.risks(op, facts);
    const worst = findings.length > 0 ? worstOf(findings) : { level: kind.base, score: scores[kind.base] };
    const inversion = inversionOf(op, draft.current);
    const step: PlannedStep = {
      index,
      op,
      kind: kind.kind,
      family: kind.family,
      object: kind.describe(op),
      level: worst.level,
      score: worst.score,
      findings,
      segments: kind.emit(op, { server: live.server ?? newestServer, isFresh }),
      probes: kind.probes?.(op) ?? [],
      undo: inversion.reversible
        ? {
            possible: true,
            kinds: inversion.operations.map((undo) => undo.kind),
            ...(inversion.loses !== undefined ? { loses: inversion.loses } : {}),
          }
        : { possible: false, why: inversion.why },
    };
    const edits = kind.predict(op, draft.current);
    if (live.server !== undefined) requireServer(edits, live.server, step);
    for (const edit of edits) {
      if (!("put" in edit) || live.applied?.has(index)) continue;
      const { put } = edit;
      if (put.kind !== "table" && put.kind !== "materializedView") continue;
      if (edit.at === undefined && !draft.current.objects.has(objectId(put))) {
        fresh.add(objectId(put));
        made.add(qualified(put.schema, put.name));
      }
    }
    draft.edit(edits);
    return kind.shares === true && sharesTransaction(step, made) ? { ...step, shares: true } : step;
  });
}

/** @throws ToolError not_supported when a step gives an object what a server of this version does not have */
function requireServer(edits: readonly GraphEdit[], server: number, { index, object }: PlannedStep): void {
  for (const edit of edits) {
    const missing = "put" in edit ? missingAttribute(edit.put, server) : undefined;
    if (missing === undefined || !("put" in edit)) continue;
    throw toolError({
      code: "not_supported",
      what: `step ${index + 1} cannot run on this server: ${object} has ${missing.words}`,
      why: `${missing.words} exists from Postgres ${missing.since} on, and this server is Postgres ${Math.floor(server / 10_000)}`,
      state: "nothing was changed",
      next: `leave it out of the schema, or apply the migration to Postgres ${missing.since} or later`,
      details: { object: objectId(edit.put), since: missing.since },
    });
  }
}

/** Whether a step is one plain transaction that locks nothing but these relations. */
function sharesTransaction({ segments }: PlannedStep, made: ReadonlySet<string>): boolean {
  const [segment] = segments;
  if (segment === undefined || segments.length > 1) return false;
  const { mode, searchPath, artifact, statements } = segment;
  if (mode !== "transaction" || searchPath !== undefined || artifact !== undefined) return false;
  return statements.every(({ lock, on }) => lock === "none" || (on.length > 0 && on.every((name) => made.has(name))));
}

/** The SQL of a step as one text: what is recorded, shown and pasted into psql. */
export function stepSql(step: { readonly segments: readonly Segment[] }): string {
  return scriptOf(step.segments);
}

/** The worst level and score of some steps. */
export function worstStep(steps: readonly PlannedStep[]): { readonly level: Level; readonly score: number } {
  let worst: { level: Level; score: number } = { level: "safe", score: scores.safe };
  for (const { level, score } of steps) if (score > worst.score) worst = { level, score };
  return worst;
}

/** The hash of some operations: what a verdict and a consent are bound to. */
export function operationsHash(operations: readonly Operation[]): string {
  return hashJson(operations as never);
}
