/**
 * The five tables: seeing that they are there, and every read and write of them. Nothing else in the tool names their columns, apart
 * from the audit questions, which are SQL a person can paste.
 */
import { assert, defined } from "../base/assert.ts";
import { operationDigest } from "../migration/migration.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { type GraphDocument, type GraphOrigin, graphFromJson, graphToJson } from "../model/json.ts";
import type { ReadOptions } from "../pg/catalog/index.ts";
import type { Session } from "../pg/session.ts";
import type { PlannedStep } from "../risk/plan.ts";
import { stepSql } from "../risk/plan.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { ledgerDdl, ledgerTables } from "./ledger-tables.ts";

export type StepStatus = "running" | "applied" | "failed" | "refused" | "interrupted" | "rolled_back";

/** One attempt at one step, as recorded. Times are the server's, as text. */
export interface StepRecord {
  readonly migration: string;
  readonly index: number;
  readonly kind: string;
  readonly status: StepStatus;
  readonly sql: string;
  readonly level: string;
  readonly score: number;
  readonly error: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
}

/** A step and when it began and ended, in milliseconds after the transaction's own start. */
export interface TimedStep {
  readonly step: PlannedStep;
  /** as it is recorded: see recordedSql */
  readonly sql: string;
  readonly beganMs: number;
  readonly endedMs: number;
}

export interface MigrationRecord {
  readonly id: string;
  readonly appliedAt: string;
}

/** The ledger in one schema of one database. Every method takes the session it shall use: what commits with what matters. */
export interface Ledger {
  readonly schema: string;
  /** how a schema is read that this ledger is about */
  readonly reading: ReadOptions;
  exists(session: Session): Promise<boolean>;
  ensure(session: Session): Promise<void>;
  /** a text that is another one after a step or migration was begun, ended or forgotten */
  mark(session: Session): Promise<string>;
  migrations(session: Session): Promise<readonly MigrationRecord[]>;
  /** every attempt of some migrations (all when not named), oldest first */
  steps(session: Session, migrations?: readonly string[]): Promise<readonly StepRecord[]>;
  /**
   * writes the intent to run a step, of which an earlier attempt committed some parts; returns its start time, which names
   * the attempt
   */
  begin(session: Session, migration: string, step: PlannedStep, parts: number): Promise<string>;
  /** notes on a running attempt how many of its parts are committed, so that another one goes on after them */
  note(
    session: Session,
    migration: string,
    step: number,
    startedAt: string,
    parts: number,
    total: number,
  ): Promise<void>;
  finish(
    session: Session,
    migration: string,
    step: number,
    startedAt: string,
    status: StepStatus,
    error?: string,
  ): Promise<void>;
  /** writes the rows of steps that begin and end in the session's open transaction; they have no intent rows */
  record(session: Session, migration: string, steps: readonly TimedStep[], status: StepStatus): Promise<void>;
  refuse(session: Session, migration: string, step: PlannedStep, error: string): Promise<void>;
  /** records what a person says of a step; nothing was run */
  markStep(
    session: Session,
    migration: string,
    step: Pick<StepRecord, "index" | "kind" | "sql" | "level" | "score">,
    status: "applied" | "rolled_back",
    note: string,
  ): Promise<void>;
  /** marks what a dead runner left running; only while holding the lock, when nobody can still be running it */
  closeAbandoned(session: Session): Promise<readonly StepRecord[]>;
  complete(session: Session, migration: string, document: string): Promise<void>;
  forget(session: Session, migration: string): Promise<void>;
  storeSnapshot(session: Session, migration: string, phase: "baseline" | "after", document: string): Promise<void>;
  /** the newest snapshot, or the one of a migration */
  snapshot(
    session: Session,
    migration?: string,
  ): Promise<(GraphDocument & { readonly migration: string; readonly capturedAt: string }) | undefined>;
  /** what destructive steps of a migration left behind, by id */
  artifacts(session: Session, migration: string): Promise<readonly ArtifactSummary[]>;
  /** the snapshot that was the newest at a moment (ISO 8601) */
  snapshotAt(session: Session, moment: string): Promise<StoredSnapshot | undefined>;
  snapshots(session: Session): Promise<readonly SnapshotRecord[]>;
}

/** An artifact as far as a list shows it. */
export interface ArtifactSummary {
  readonly id: string;
  readonly type: string;
  readonly rows: string | null;
  readonly status: string;
}

/** A stored snapshot, read back and checked. */
export type StoredSnapshot = GraphDocument & { readonly migration: string; readonly capturedAt: string };

export interface SnapshotRecord {
  readonly migration: string;
  readonly phase: "baseline" | "after";
  readonly capturedAt: string;
  readonly hash: string;
  readonly models: number;
  readonly relations: number;
}

/** A time as ISO 8601 in UTC with microseconds: it sorts as text and reads back to the same instant. */
function iso(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

const stepColumns = `migration_id, step_index::text as step_index, operation_kind, status, sql, risk_level, risk_score::text as risk_score,
  error, ${iso("started_at")} as started_at, ${iso("finished_at")} as finished_at,
  round(extract(epoch from (finished_at - started_at)) * 1000)::text as duration_ms`;

/** A ledger in a schema; makes nothing until `ensure`. A tenant's is about the tenant's schema alone. */
export function ledgerIn(schema: string, tenant?: string): Ledger {
  const migrations = qualified(schema, "_zanith_migrations");
  const steps = qualified(schema, "_zanith_migration_steps");
  const snapshots = qualified(schema, "_zanith_schema_snapshots");
  const storedSnapshot = async (session: Session, which: string, params: readonly string[]) => {
    const [row] = await session.rows(
      `select migration_id, ${iso("captured_at")}, graph::text from ${snapshots} ${which}`,
      params,
    );
    if (row === undefined) return undefined;
    const id = text(row[0]);
    return { ...graphFromJson(text(row[2]), `snapshot ${id}`), migration: id, capturedAt: text(row[1]) };
  };

  /** Changes the row of an attempt that is running; `change` takes its values from $4 on. */
  async function updateRunning(
    session: Session,
    migration: string,
    step: number,
    startedAt: string,
    change: string,
    values: readonly string[],
  ): Promise<void> {
    const changed = await session.rows(
      `update ${steps} set ${change}
       where migration_id = $1 and step_index = $2::integer and started_at = $3::timestamptz and status = 'running'
       returning step_index::text`,
      [migration, String(step), startedAt, ...values],
    );
    assert(changed.length === 1, `the attempt at step ${step} of ${migration} is not running any more`);
  }

  const ledger: Ledger = {
    schema,
    reading: { auditSchema: schema, ...(tenant === undefined ? {} : { only: tenant }) },
    async exists(session) {
      const [row] = await session.rows(
        `select count(*)::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and c.relkind = 'r' and c.relname = any($2::text[])`,
        [schema, [...ledgerTables]],
      );
      return row?.[0] === String(ledgerTables.length);
    },
    async ensure(session) {
      if (await ledger.exists(session)) return;
      await session.transaction({}, async (tx) => {
        // IF NOT EXISTS would ask for the right to make schemas even where there is nothing to make.
        const found = await tx.rows("select from pg_catalog.pg_namespace where nspname = $1", [schema]);
        if (found.length === 0) await tx.execute(`create schema ${quoteIdent(schema)}`);
        for (const ddl of ledgerDdl(schema)) await tx.execute(ddl);
      });
    },
    async mark(session) {
      const [row] = await session.rows(
        `select count(*)::text, max(started_at)::text, max(finished_at)::text,
           (select count(*)::text from ${migrations}), (select max(applied_at)::text from ${migrations})
         from ${steps}`,
      );
      return JSON.stringify(row);
    },
    async migrations(session) {
      const rows = await session.rows(`select id, ${iso("applied_at")} from ${migrations} order by applied_at, id`);
      return rows.map(([id, appliedAt]) => ({ id: text(id), appliedAt: text(appliedAt) }));
    },
    async steps(session, ids) {
      const rows = await session.query(
        `select ${stepColumns} from ${steps} ${ids ? "where migration_id = any($1::text[])" : ""}
         order by started_at, migration_id, step_index`,
        ids ? [[...ids]] : [],
      );
      return rows.map(stepRecord);
    },
    async begin(session, migration, step, parts) {
      const done = parts === 0 ? null : partsNote(parts, step.segments.length);
      const [row] = await session.rows(
        `insert into ${steps} (migration_id, step_index, operation_kind, status, sql, risk_level, risk_score, error)
         values ($1, $2::integer, $3, 'running', $4, $5, $6::integer, $7) returning ${iso("started_at")}`,
        [migration, String(step.index), step.kind, recordedSql(step), step.level, String(step.score), done],
      );
      return text(row?.[0]);
    },
    async note(session, migration, step, startedAt, parts, total) {
      await updateRunning(session, migration, step, startedAt, "error = $4", [partsNote(parts, total)]);
    },
    async finish(session, migration, step, startedAt, status, error) {
      const why = error === undefined ? "null" : "concat_ws('; ', $5::text, error)";
      const change = `status = $4, error = ${why}, finished_at = clock_timestamp()`;
      const values = error === undefined ? [status] : [status, withoutNote(error)];
      await updateRunning(session, migration, step, startedAt, change, values);
    },
    async record(session, migration, timed, status) {
      const rows = timed.map(({ step, sql, beganMs, endedMs }) => ({
        index: step.index,
        kind: step.kind,
        sql,
        level: step.level,
        score: step.score,
        began: beganMs,
        ended: endedMs,
      }));
      await session.rows(
        `insert into ${steps} (migration_id, step_index, operation_kind, status, sql, risk_level, risk_score, started_at, finished_at)
         select $1, s.index, s.kind, $2, s.sql, s.level, s.score,
           now() + s.began * interval '1 millisecond', now() + s.ended * interval '1 millisecond'
         from json_to_recordset($3::json)
           as s(index integer, kind text, sql text, level text, score integer, began float8, ended float8)`,
        [migration, status, JSON.stringify(rows)],
      );
    },
    async refuse(session, migration, step, error) {
      await session.rows(
        `insert into ${steps} (migration_id, step_index, operation_kind, status, sql, risk_level, risk_score, error, finished_at)
         values ($1, $2::integer, $3, 'refused', $4, $5, $6::integer, $7, clock_timestamp())`,
        [migration, String(step.index), step.kind, recordedSql(step), step.level, String(step.score), error],
      );
    },
    async markStep(session, migration, { index, kind, sql, level, score }, status, note) {
      await session.rows(
        `insert into ${steps} (migration_id, step_index, operation_kind, status, sql, risk_level, risk_score, error, finished_at)
         values ($1, $2::integer, $3, $4, $5, $6, $7::integer, $8, clock_timestamp())`,
        [migration, String(index), kind, status, sql, level, String(score), note],
      );
    },
    async closeAbandoned(session) {
      const rows = await session.query(
        `update ${steps} set status = 'interrupted', finished_at = clock_timestamp(),
           error = concat_ws('; ', '${abandonedWords}', error)
         where status = 'running' returning ${stepColumns}`,
      );
      return rows.map(stepRecord);
    },
    async complete(session, migration, document) {
      await ledger.storeSnapshot(session, migration, "after", document);
      await session.rows(`insert into ${migrations} (id, applied_at) values ($1, clock_timestamp())`, [migration]);
    },
    async forget(session, migration) {
      await session.rows(`delete from ${migrations} where id = $1`, [migration]);
      await session.rows(`delete from ${snapshots} where migration_id = $1 and phase = 'after'`, [migration]);
    },
    async storeSnapshot(session, migration, phase, document) {
      await session.rows(
        `insert into ${snapshots} (migration_id, phase, graph, captured_at) values ($1, $2, $3::jsonb, clock_timestamp())
         on conflict (migration_id, phase) do update set graph = excluded.graph, captured_at = excluded.captured_at`,
        [migration, phase, document],
      );
    },
    snapshot: (session, migration) =>
      migration === undefined
        ? storedSnapshot(session, "order by captured_at desc, phase limit 1", [])
        : storedSnapshot(session, "where migration_id = $1 order by captured_at desc, phase limit 1", [migration]),
    snapshotAt: (session, moment) =>
      storedSnapshot(session, "where captured_at <= $1::timestamptz order by captured_at desc, phase limit 1", [
        moment,
      ]),
    async artifacts(session, migration) {
      const rows = await session.rows(
        `select id, artifact_type, row_count::text, status from ${qualified(schema, "_zanith_migration_artifacts")}
         where migration_id = $1 order by id`,
        [migration],
      );
      return rows.map(([id, type, count, status]) => ({
        id: text(id),
        type: text(type),
        rows: count ?? null,
        status: text(status),
      }));
    },
    async snapshots(session) {
      const rows = await session.rows(
        `select migration_id, phase, ${iso("captured_at")}, graph->>'hash',
           coalesce(graph->>'models', (select count(*) from jsonb_array_elements(graph->'objects') o where o->>'kind' = 'table')::text),
           coalesce(graph->>'relations', (select count(*) from jsonb_array_elements(graph->'objects') o where o->>'kind' = 'foreignKey')::text)
         from ${snapshots} order by captured_at, migration_id, phase`,
      );
      return rows.map(([id, phase, at, hash, models, relations]) => ({
        migration: text(id),
        phase: phase === "baseline" ? "baseline" : "after",
        capturedAt: text(at),
        hash: hash ?? "",
        models: Number(models),
        relations: Number(relations),
      }));
    },
  };
  return ledger;
}

function text(value: string | null | undefined): string {
  return defined(value, "the ledger's columns that are read are not null");
}

function stepRecord(row: Record<string, string | null>): StepRecord {
  return {
    migration: text(row["migration_id"]),
    index: Number(row["step_index"]),
    kind: text(row["operation_kind"]),
    status: text(row["status"]) as StepStatus,
    sql: text(row["sql"]),
    level: text(row["risk_level"]),
    score: Number(row["risk_score"]),
    error: row["error"] ?? null,
    startedAt: text(row["started_at"]),
    finishedAt: row["finished_at"] ?? null,
    durationMs: row["duration_ms"] === null || row["duration_ms"] === undefined ? null : Number(row["duration_ms"]),
  };
}

/** How an attempt that was not finished tells its successor what is committed: the end of its error. */
const partsAtEnd = /(?:^|; )(\d+) of (\d+) parts are committed$/;

function partsNote(parts: number, total: number): string {
  return `${parts} of ${total} parts are committed`;
}

/** A server's message must not read as a note of ours. */
function withoutNote(error: string): string {
  return partsAtEnd.test(error) ? `${error}.` : error;
}

/** How many parts an attempt committed, as it recorded. */
export function recordedParts({ error }: Pick<StepRecord, "error">): number {
  return Number(partsAtEnd.exec(error ?? "")?.[1] ?? 0);
}

const abandonedWords = "the runner ended before it could record an outcome";

/** Whether nobody was left to record how an attempt ended. */
export function wasAbandoned({ status, error }: Pick<StepRecord, "status" | "error">): boolean {
  return status === "running" || (status === "interrupted" && (error ?? "").startsWith(abandonedWords));
}

const digestLine = /^-- op ([0-9a-f]{16}) /;

/** A step's SQL as recorded: a first line with the operation's digest and object, then the statements. */
export function recordedSql(step: PlannedStep): string {
  return `-- op ${operationDigest(step.op)} ${step.object.replaceAll(/[\r\n]/g, " ")}\n${stepSql(step)}`;
}

/** The digest and the object that were recorded with a step. */
export function recordedOperation(sql: string): { readonly digest: string | undefined; readonly object: string } {
  const [first = ""] = sql.split("\n", 1);
  const digest = digestLine.exec(first)?.[1];
  return { digest, object: digest === undefined ? "" : first.slice("-- op ".length + 17) };
}

/** The document of a snapshot as it is stored. */
export function snapshotDocument(graph: SchemaGraph, origin: GraphOrigin): string {
  return graphToJson(graph, origin);
}
