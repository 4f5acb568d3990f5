/** history: the ledger as it reads, migrations with the attempts at their steps and the snapshot each one left. */
import type { Session } from "../pg/session.ts";
import { scores } from "../risk/levels.ts";
import { type ArtifactSummary, type Ledger, ledgerIn, recordedOperation, type StepStatus } from "../run/ledger.ts";
import { compareGraphs, type DiffResult } from "./diff.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

export interface HistoryInput {
  /** only migrations that were applied, or tried, since this moment (ISO 8601) */
  readonly since?: string;
  readonly id?: string;
}

export interface HistoryStep {
  readonly index: number;
  readonly kind: string;
  readonly object: string;
  readonly status: StepStatus;
  readonly level: string;
  readonly score: number;
  readonly error: string | null;
  readonly sql: string;
  readonly startedAt: string;
  readonly durationMs: number | null;
}

export interface HistoryEntry {
  readonly migration: string;
  /** null: tried but not complete */
  readonly appliedAt: string | null;
  readonly worst: { readonly level: string; readonly score: number };
  readonly durationMs: number;
  /** every attempt, oldest first */
  readonly steps: readonly HistoryStep[];
  readonly snapshot?: { readonly models: number; readonly relations: number };
}

/** What one migration did to the schema, and what it left to go back by. */
export interface MigrationEffect {
  /** absent while the migration is not complete */
  readonly diff?: DiffResult;
  readonly artifacts: readonly ArtifactSummary[];
}

export interface HistoryResult {
  readonly database: string;
  readonly entries: readonly HistoryEntry[];
  /** only when one migration was asked for */
  readonly effect?: MigrationEffect;
}

/** Reads the ledger, oldest migration first. A database without one has no history. */
export async function history(workspace: Workspace, input: HistoryInput, _run: Run): Promise<HistoryResult> {
  return withSession(workspace, "history", async (session) => {
    const ledger = ledgerIn(workspace.config.auditSchema);
    const database = session.server.database;
    if (!(await ledger.exists(session))) return { database, entries: [] };
    const applied = new Map((await ledger.migrations(session)).map(({ id, appliedAt }) => [id, appliedAt]));
    const snapshots = new Map((await ledger.snapshots(session)).map((one) => [`${one.phase} ${one.migration}`, one]));
    const byMigration = new Map<string, HistoryStep[]>([...applied.keys()].map((id) => [id, []]));
    for (const { migration, sql, finishedAt: _, ...attempt } of await ledger.steps(session)) {
      const step = { ...attempt, sql, object: recordedOperation(sql).object };
      const steps = byMigration.get(migration);
      if (steps) steps.push(step);
      else byMigration.set(migration, [step]);
    }
    const entries = [...byMigration].map(([migration, steps]): HistoryEntry => {
      const snapshot = snapshots.get(`after ${migration}`);
      const worst = worstOf(steps);
      return {
        migration,
        appliedAt: applied.get(migration) ?? null,
        worst,
        durationMs: steps.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0),
        steps,
        ...(snapshot ? { snapshot: { models: snapshot.models, relations: snapshot.relations } } : {}),
      };
    });
    const found = entries.filter((entry) => matches(entry, input));
    if (input.id === undefined || found.length === 0) return { database, entries: found };
    return { database, entries: found, effect: await effectOf(ledger, session, input.id) };
  });
}

/** The difference between a migration's snapshot and the one before it. */
async function effectOf(ledger: Ledger, session: Session, migration: string): Promise<MigrationEffect> {
  const artifacts = await ledger.artifacts(session, migration);
  const chain = await ledger.snapshots(session);
  const at = chain.findIndex((one) => one.phase === "after" && one.migration === migration);
  const previous = chain[at - 1];
  if (at < 0 || previous === undefined) return { artifacts };
  const [before, after] = [
    await ledger.snapshot(session, previous.migration),
    await ledger.snapshot(session, migration),
  ];
  if (before === undefined || after === undefined) return { artifacts };
  return { diff: compareGraphs(before.graph, after.graph, []), artifacts };
}

/** The worst risk that was taken: a refusal or a way back counts only where nothing else happened. */
function worstOf(steps: readonly HistoryStep[]): HistoryEntry["worst"] {
  const taken = steps.filter(({ status }) => status !== "refused" && status !== "rolled_back");
  const [first, ...rest] = taken.length > 0 ? taken : steps;
  if (first === undefined) return { level: "safe", score: scores.safe };
  const { level, score } = rest.reduce((a, b) => (b.score > a.score ? b : a), first);
  return { level, score };
}

function matches(entry: HistoryEntry, { since, id }: HistoryInput): boolean {
  if (id !== undefined && entry.migration !== id) return false;
  if (since === undefined) return true;
  const last = entry.appliedAt ?? entry.steps.at(-1)?.startedAt;
  return last !== undefined && Date.parse(last) >= Date.parse(since);
}
