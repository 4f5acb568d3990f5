/** Where things stand: the files, the ledger, the live schema, and what of all that does not fit together. */
import { plural } from "../base/text.ts";
import { diffGraphs } from "../diff/graph-diff.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import { readMigrations } from "../migration/directory.ts";
import { checkAgainstLedger, type LedgerCheck, type RecordedMigration } from "../migration/ledger-check.ts";
import type { Migration } from "../migration/migration.ts";
import type { SchemaGraph } from "../model/graph.ts";
import type { GraphDocument } from "../model/json.ts";
import { kindOfId, nameOfId, ruleOf } from "../model/kinds.ts";
import { readGraph } from "../pg/catalog/index.ts";
import type { Session } from "../pg/session.ts";
import { type Ledger, ledgerIn, type MigrationRecord, recordedOperation, type StepRecord } from "../run/ledger.ts";
import { splitScript } from "../source/sql-script.ts";
import type { Workspace } from "./workspace.ts";

export interface State {
  readonly ledger: Ledger;
  /** whether the five tables are there */
  readonly ledgerExists: boolean;
  readonly check: LedgerCheck;
  readonly migrations: readonly MigrationRecord[];
  /** attempts at steps of migrations, oldest first */
  readonly attempts: readonly StepRecord[];
  readonly live: SchemaGraph;
  readonly snapshot: (GraphDocument & { readonly migration: string; readonly capturedAt: string }) | undefined;
  /** steps of an unfinished migration that are applied, and those that were begun */
  readonly progress: ReadonlyMap<string, StepProgress>;
  /** differences between the live schema and the last snapshot, one phrase each; problems of the files included */
  readonly drift: readonly string[];
}

export interface StepProgress {
  readonly applied: ReadonlySet<number>;
  readonly begun: ReadonlySet<number>;
}

/** Migrations of the folder. */
export function readFolder(workspace: Workspace): Promise<Migration[]> {
  return readMigrations(workspace.config.dir, splitScript);
}

/** Reads files, ledger and live schema; writes nothing. */
export async function readState(workspace: Workspace, session: Session): Promise<State> {
  const files = await readFolder(workspace);
  const { auditSchema } = workspace.config;
  const ledger = ledgerIn(auditSchema);
  const ledgerExists = await ledger.exists(session);
  const migrations = ledgerExists ? await ledger.migrations(session) : [];
  const attempts = ledgerExists ? await ledger.steps(session) : [];
  const snapshot = ledgerExists ? await ledger.snapshot(session) : undefined;
  const live = await readGraph(session, { auditSchema });
  const progress = progressOf(attempts);
  const check = checkAgainstLedger(files, recordedMigrations(migrations, attempts));
  const drift = [
    ...check.problems.map(({ message }) => message),
    ...schemaDrift(snapshot?.graph, live, check, progress),
  ];
  return { ledger, ledgerExists, check, migrations, attempts, live, snapshot, progress, drift };
}

/** What stands of each step by its newest attempt that says so: applied until rolled back. */
export function progressOf(attempts: readonly StepRecord[]): Map<string, StepProgress> {
  const progress = new Map<string, { applied: Set<number>; begun: Set<number> }>();
  for (const { migration, index, status } of attempts) {
    const one = progress.get(migration) ?? { applied: new Set<number>(), begun: new Set<number>() };
    progress.set(migration, one);
    if (status === "applied") one.applied.add(index);
    else if (status === "rolled_back") {
      one.applied.delete(index);
      one.begun.delete(index);
    } else if (status !== "refused") one.begun.add(index);
  }
  return progress;
}

function recordedMigrations(
  migrations: readonly MigrationRecord[],
  attempts: readonly StepRecord[],
): RecordedMigration[] {
  const complete = new Set(migrations.map(({ id }) => id));
  const applied = new Map<string, Map<number, string | undefined>>();
  for (const id of complete) applied.set(id, new Map());
  for (const { migration, index, status, sql } of attempts) {
    const steps = applied.get(migration) ?? new Map<number, string | undefined>();
    applied.set(migration, steps);
    if (status === "applied") steps.set(index, recordedOperation(sql).digest);
    else if (status === "rolled_back") steps.delete(index);
  }
  return [...applied].map(([id, steps]) => ({ id, complete: complete.has(id), applied: steps }));
}

/** The live schema against the last snapshot plus the steps that an unfinished migration has applied since. */
function schemaDrift(
  snapshot: SchemaGraph | undefined,
  live: SchemaGraph,
  check: LedgerCheck,
  progress: ReadonlyMap<string, StepProgress>,
): string[] {
  if (snapshot === undefined) return [];
  let expected = snapshot;
  for (const { id, ops } of check.pending) {
    const applied = progress.get(id)?.applied;
    if (applied === undefined || applied.size === 0) continue;
    // What a raw statement did to the schema is known only once the migration is complete.
    if (ops.some((op, index) => op.kind === "rawSql" && applied.has(index))) return [];
    expected = predictOperations(
      expected,
      ops.filter((_, index) => applied.has(index)),
    );
  }
  return describeDrift(expected, live);
}

/** Differences in words: `column public.users.email is gone`. */
export function describeDrift(expected: SchemaGraph, live: SchemaGraph): string[] {
  return diffGraphs(expected, live).map((change) => {
    const name = `${ruleOf(kindOfId(change.id)).label} ${nameOfId(change.id)}`;
    if (change.type === "create") return `${name} is there, the last snapshot does not have it`;
    if (change.type === "drop") return `${name} is gone, the last snapshot has it`;
    return `${name} differs from the last snapshot in ${change.attributes.join(", ")}`;
  });
}

/** A list of drift as one sentence for messages. */
export function driftSentence(drift: readonly string[]): string {
  const [first = ""] = drift;
  return drift.length > 1 ? `${first}; ${plural(drift.length - 1, "more difference")}` : first;
}
