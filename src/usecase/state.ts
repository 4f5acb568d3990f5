/** Where things stand: the files, the ledger, the live schema, and what of all that does not fit together. */
import { readMigrations } from "../migration/directory.ts";
import { checkAgainstLedger, type LedgerCheck, type RecordedMigration } from "../migration/ledger-check.ts";
import type { Migration } from "../migration/migration.ts";
import type { SchemaGraph } from "../model/graph.ts";
import type { GraphDocument } from "../model/json.ts";
import type { Operation } from "../operation/define.ts";
import { isCommanded } from "../operation/registry.ts";
import { readGraph } from "../pg/catalog/index.ts";
import type { Session } from "../pg/session.ts";
import { type Ledger, ledgerIn, type MigrationRecord, recordedOperation, type StepRecord } from "../run/ledger.ts";
import { splitScript } from "../source/sql-script.ts";
import { schemaDrift } from "./schema-drift.ts";
import { progressOf, type StepProgress } from "./step-progress.ts";
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
  readonly snapshot: StoredSnapshot | undefined;
  /** steps of migrations that are applied, and those that were begun */
  readonly progress: ReadonlyMap<string, StepProgress>;
  /** differences between the live schema and the last snapshot, one phrase each; problems of the files included */
  readonly drift: readonly string[];
}

export type StoredSnapshot = GraphDocument & { readonly migration: string; readonly capturedAt: string };

/** How often ledger and live schema are read again when a runner is at work meanwhile. */
const maxLooks = 3;

/** Migrations of the folder; for a tenant, with the tenant's schema where they say {schema}. */
export async function readFolder({ config: { dir, tenant } }: Workspace): Promise<Migration[]> {
  const migrations = await readMigrations(dir, splitScript);
  if (tenant === undefined) return migrations;
  return migrations.map((migration) => ({ ...migration, ops: migration.ops.map((op) => inSchema(op, tenant)) }));
}

/** The name of a tenant's schema has no sign that would end a name or a text: see the list of targets. */
function inSchema(op: Operation, schema: string): Operation {
  return JSON.parse(JSON.stringify(op).replaceAll("{schema}", schema)) as Operation;
}

/** Reads files, ledger and live schema; writes nothing. */
export async function readState(workspace: Workspace, session: Session): Promise<State> {
  const files = await readFolder(workspace);
  const ledger = ledgerIn(workspace.config.auditSchema, workspace.config.tenant);
  for (let look = 1; ; look++) {
    const recorded = await readRecorded(ledger, session);
    const live = await readGraph(session, ledger.reading);
    // A step that ended in between would look like drift: its effect is there, its row was not.
    if (look < maxLooks && (await markOf(ledger, session)) !== recorded.mark) continue;
    return stateOf(ledger, files, recorded, live);
  }
}

interface Recorded {
  readonly mark: string | undefined;
  readonly migrations: readonly MigrationRecord[];
  readonly attempts: readonly StepRecord[];
  readonly snapshot: StoredSnapshot | undefined;
}

async function markOf(ledger: Ledger, session: Session): Promise<string | undefined> {
  return (await ledger.exists(session)) ? ledger.mark(session) : undefined;
}

async function readRecorded(ledger: Ledger, session: Session): Promise<Recorded> {
  const mark = await markOf(ledger, session);
  if (mark === undefined) return { mark, migrations: [], attempts: [], snapshot: undefined };
  return {
    mark,
    migrations: await ledger.migrations(session),
    attempts: await ledger.steps(session),
    snapshot: await ledger.snapshot(session),
  };
}

function stateOf(ledger: Ledger, files: readonly Migration[], recorded: Recorded, live: SchemaGraph): State {
  const { mark, migrations, attempts, snapshot } = recorded;
  const progress = progressOf(attempts);
  const check = checkAgainstLedger(files, withoutCommanded(files, recordedMigrations(migrations, attempts), attempts));
  const parts = { ledger, ledgerExists: mark !== undefined, check, migrations, attempts, live, snapshot, progress };
  return { ...parts, drift: driftOf(parts, (migration, step) => !isApplied(progress, migration, step)) };
}

function isApplied(progress: State["progress"], migration: string, step: number): boolean {
  return progress.get(migration)?.applied.has(step) ?? false;
}

/**
 * What does not fit together, one phrase each. `mayFinish` says of a step that was begun whether the command at hand will
 * finish it: what such an attempt left behind is no drift.
 */
export function driftOf(
  state: Omit<State, "drift">,
  mayFinish: (migration: string, step: number) => boolean,
): readonly string[] {
  const { check, snapshot, live, progress } = state;
  const problems = check.problems.map(({ message }) => message);
  if (snapshot === undefined) return problems;
  const tampered = snapshot.intact
    ? []
    : [
        `the stored snapshot of ${snapshot.migration} is not the one that was taken: its hash is not that of its content`,
      ];
  return [...problems, ...tampered, ...schemaDrift(snapshot.graph, live, check.pending, progress, mayFinish)];
}

/** What a command did by itself, such as a restore, has no file and asks for none. */
function withoutCommanded(
  files: readonly Migration[],
  recorded: readonly RecordedMigration[],
  attempts: readonly StepRecord[],
): RecordedMigration[] {
  const inFolder = new Set(files.map(({ id }) => id));
  const commanded = new Set(attempts.filter(({ kind }) => isCommanded(kind)).map(({ migration }) => migration));
  return recorded.filter(({ id }) => inFolder.has(id) || !commanded.has(id));
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
