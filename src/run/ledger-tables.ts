/** The five tables as they are made: their names and columns, no more and no fewer. Reads and writes none of them. */
import { qualified } from "../sql/identifier.ts";

export const ledgerTables = [
  "_zanith_migrations",
  "_zanith_migration_steps",
  "_zanith_schema_snapshots",
  "_zanith_migration_artifacts",
  "_zanith_migration_checkpoints",
] as const;

/** The statements that make the five tables in a schema that is there; each can be run again without effect. */
export function ledgerDdl(schema: string): string[] {
  const table = (name: (typeof ledgerTables)[number]): string => qualified(schema, name);
  return [
    `create table if not exists ${table("_zanith_migrations")} (
      id text primary key,
      applied_at timestamptz not null default now()
    )`,
    `create table if not exists ${table("_zanith_migration_steps")} (
      migration_id text not null,
      step_index integer not null,
      operation_kind text not null,
      status text not null check (status in ('running', 'applied', 'failed', 'refused', 'interrupted', 'rolled_back')),
      sql text not null,
      risk_level text not null,
      risk_score integer not null,
      error text,
      started_at timestamptz not null default clock_timestamp(),
      finished_at timestamptz,
      primary key (migration_id, step_index, started_at)
    )`,
    `create table if not exists ${table("_zanith_schema_snapshots")} (
      migration_id text not null,
      phase text not null check (phase in ('baseline', 'after')),
      graph jsonb not null,
      captured_at timestamptz not null default clock_timestamp(),
      primary key (migration_id, phase)
    )`,
    `create table if not exists ${table("_zanith_migration_artifacts")} (
      id text primary key,
      migration_id text not null,
      step_index integer not null,
      artifact_type text not null,
      source_table text not null,
      source_column text,
      physical_name text not null,
      row_count bigint,
      checksum text,
      recovery_sql text not null,
      status text not null default 'live' check (status in ('live', 'restored', 'purged')),
      created_at timestamptz not null default clock_timestamp(),
      expires_at timestamptz
    )`,
    `create table if not exists ${table("_zanith_migration_checkpoints")} (
      migration_id text not null,
      step_index integer not null,
      cursor jsonb,
      processed_rows bigint not null default 0,
      total_rows bigint,
      status text not null check (status in ('running', 'paused', 'done', 'failed')),
      updated_at timestamptz not null default clock_timestamp(),
      primary key (migration_id, step_index)
    )`,
  ];
}
