/**
 * Projects for tests of use cases: a database of its own, a workspace on it, and a migrations folder whose files are
 * made from two SQL texts. The texts become graphs on one shared bench database, as Postgres stored them.
 */
import { afterAll } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../src/config/config.ts";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import { planOperations } from "../../src/diff/plan-operations.ts";
import { writeMigration } from "../../src/migration/directory.ts";
import type { SchemaGraph } from "../../src/model/graph.ts";
import { graphHash } from "../../src/model/json.ts";
import { type Operation, operation } from "../../src/operation/define.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { connect } from "../../src/pg/session.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { status } from "../../src/usecase/status.ts";
import { quietRun, type Run, type Workspace } from "../../src/usecase/workspace.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { type SchemaBench, withSchemaBench } from "./graph-of-sql.ts";
import { tempFolder } from "./temp-folder.ts";

/** How one attempt at a step reads in the ledger, without its times and SQL. */
export interface Attempt {
  readonly migration: string;
  readonly step: number;
  readonly kind: string;
  readonly status: string;
  readonly error: string | null;
}

export interface Project {
  readonly database: TestDatabase;
  readonly workspace: Workspace;
  readonly dir: string;
  /** The same project under another configuration or another address of its database. */
  variant(config: Partial<Config>, url?: string): Workspace;
  /** Writes the migration that leads from one schema to another; returns its id. Ids go up with every call. */
  migration(name: string, from: string, to: string): Promise<string>;
  /** Writes a migration of raw statements; returns its id. */
  rawMigration(name: string, ...statements: readonly string[]): string;
  /** Writes a migration of these operations, each with its kind; returns its id. */
  operations(name: string, ...operations: readonly Operation[]): string;
  /** Writes a file of the migrations folder as it is. */
  file(name: string, text: string): void;
  /** What the live schema has beyond or less than a script, one phrase each. */
  difference(script: string): Promise<readonly string[]>;
  /** Every attempt in the ledger, oldest first. */
  attempts(): Promise<readonly Attempt[]>;
  /** Ids in the ledger of applied migrations. */
  applied(): Promise<readonly string[]>;
}

export interface ProjectOptions {
  readonly sql?: string;
  readonly config?: Partial<Config>;
  /** Another server than the shared one; it goes with the project's database on it. */
  readonly serverUrl?: string;
}

export interface Projects {
  readonly bench: SchemaBench;
  /** A project on a new database; both go after the file's last test. */
  start(options?: ProjectOptions): Promise<Project>;
}

/** For the top level of a test file. */
export async function withProjects(): Promise<Projects> {
  const bench = await withSchemaBench();
  return { bench, start: (options = {}) => startProject(bench, options) };
}

async function startProject(bench: SchemaBench, options: ProjectOptions): Promise<Project> {
  const { sql, serverUrl, config = {} } = options;
  const database = await createTestDatabase({
    ...(sql === undefined ? {} : { sql }),
    ...(serverUrl === undefined ? {} : { serverUrl }),
  });
  if (serverUrl === undefined) afterAll(() => database.drop());
  const cwd = tempFolder();
  const dir = join(cwd, "migrations");
  const variant = (changes: Partial<Config>, url = database.url): Workspace => ({
    cwd,
    config: { dir, mode: "development", auditSchema: "public", lockTimeoutMs: 3_000, ...config, ...changes },
    connection: () => resolveProcessConnection(url, {}),
    connectionOf: (given) => resolveProcessConnection(given, {}),
    now: () => new Date(),
    random: () => 0,
  });
  const workspace = variant({});
  const ledger = (): string => `"${workspace.config.auditSchema.replaceAll('"', '""')}"`;
  let made = 0;
  const nextId = (name: string): string => `20260401_${String(100_000 + ++made)}_${name}`;
  return {
    database,
    workspace,
    dir,
    variant,
    async migration(name, from, to) {
      const [before, after] = [await bench.graphOf(from), await bench.graphOf(to)];
      const { operations, predicted } = planOperations(before, after, { server: bench.server });
      const id = nextId(name);
      writeMigration(dir, { id, from: graphHash(before), to: graphHash(predicted), ops: operations });
      return id;
    },
    rawMigration(name, ...statements) {
      const id = nextId(name);
      const ops = statements.map((statement) => operation("rawSql", { sql: statement }));
      writeMigration(dir, { id, from: null, to: null, ops });
      return id;
    },
    operations(name, ...ops) {
      const id = nextId(name);
      writeMigration(dir, { id, from: null, to: null, ops });
      return id;
    },
    file(name, text) {
      mkdirSync(dir, { recursive: true });
      writeFileSync(join(dir, name), text);
    },
    async difference(script) {
      const wanted = await bench.graphOf(script);
      return describeDifference(wanted, await liveGraph(workspace));
    },
    async attempts() {
      const rows = await database.query(
        `select migration_id as migration, step_index as step, operation_kind as kind, status, error
         from ${ledger()}._zanith_migration_steps order by started_at, step_index`,
      );
      return rows as unknown as Attempt[];
    },
    async applied() {
      const rows = await database.query(`select id from ${ledger()}._zanith_migrations order by applied_at`);
      return rows.map(({ id }) => String(id));
    },
  };
}

async function liveGraph(workspace: Workspace): Promise<SchemaGraph> {
  const session = await connect(workspace.connection(), { applicationName: "zanith tests" });
  try {
    return await readGraph(session, { auditSchema: workspace.config.auditSchema });
  } finally {
    await session.close();
  }
}

/** What differs between two graphs, short enough to read in a failure. */
export function describeDifference(from: SchemaGraph, to: SchemaGraph): string[] {
  return diffGraphs(from, to).map((change) =>
    change.type === "alter" ? `${change.type} ${change.id} ${change.attributes.join()}` : `${change.type} ${change.id}`,
  );
}

/** Changes the operations of a migration file in place. */
export function editMigration(
  project: Project,
  id: string,
  change: (operations: Record<string, unknown>[]) => void,
): void {
  const path = join(project.dir, `${id}.json`);
  const document = JSON.parse(readFileSync(path, "utf8"));
  change(document.ops);
  writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
}

/** A run that keeps what it is told and can be stopped. */
export interface RecordedRun extends Run {
  readonly events: readonly RunEvent[];
  /** Asks to stop before the next statement. */
  stop(): void;
  /** Cancels the running statement as well. */
  cancelNow(): void;
}

/** A recorded run; `onEvent` is called after each event was kept. */
export function recordedRun(onEvent: (event: RunEvent, run: RecordedRun) => void = () => {}): RecordedRun {
  const events: RunEvent[] = [];
  const stop = new AbortController();
  const cancel = new AbortController();
  const run: RecordedRun = {
    events,
    emit: (event) => {
      events.push(event);
      onEvent(event, run);
    },
    signal: stop.signal,
    cancel: cancel.signal,
    stop: () => stop.abort(),
    cancelNow: () => {
      stop.abort();
      cancel.abort();
    },
  };
  return run;
}

/** Ids of the applied migrations, what is pending, problems and drift, as `status` tells them. */
export async function standing(project: Project) {
  const { applied, pending, problems, drift, unfinished } = await status(project.workspace, {}, quietRun);
  return {
    applied: applied.map(({ id }) => id),
    pending: pending.map(({ id, applied: done, steps }) => `${id} ${done}/${steps}`),
    problems: problems.map(({ problem, migration }) => `${problem} ${migration}`),
    drift,
    unfinished: unfinished.map(({ step, kind, status: word }) => `${step} ${kind} ${word}`),
  };
}
