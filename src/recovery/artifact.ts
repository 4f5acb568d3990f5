/** An artifact: what a step set aside, as its row says. Reads and writes the rows of _zanith_migration_artifacts. */
import { defined } from "../base/assert.ts";
import { toolError } from "../base/errors.ts";
import type { Session } from "../pg/session.ts";
import type { ArtifactMark, ArtifactType } from "../sql/artifact.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";

export type ArtifactStatus = "live" | "restored" | "purged";

export interface Artifact {
  /** `<migration>::<type>::<table>[.<column>]` */
  readonly id: string;
  readonly migration: string;
  readonly step: number;
  readonly type: ArtifactType;
  /** the table as SQL names it */
  readonly table: string;
  /** the column as SQL names it; null for a whole table */
  readonly column: string | null;
  /** where the rows are, as SQL names it */
  readonly physical: string;
  readonly rows: string | null;
  readonly checksum: string | null;
  readonly recoverySql: string;
  readonly status: ArtifactStatus;
  /** ISO 8601, UTC */
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** seconds since it was set aside, by the server's clock */
  readonly ageSeconds: number;
  readonly expired: boolean;
}

/** `users.legacy_code`: a table or column in words, public left out; the end of an artifact's id. */
export function sourceInWords(schema: string, table: string, column?: string): string {
  const names = column === undefined ? [table] : [table, column];
  return (schema === "public" ? names : [schema, ...names]).map(quoteIdent).join(".");
}

/** The id of what a step set aside. */
export function artifactId(migration: string, { type, schema, table, column }: ArtifactMark): string {
  return `${migration}::${type}::${sourceInWords(schema, table, column)}`;
}

const tableName = "_zanith_migration_artifacts";
const iso = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const columns = `id, migration_id, step_index::text, artifact_type, source_table, source_column, physical_name, row_count::text,
  checksum, recovery_sql, status, ${iso("created_at")}, ${iso("expires_at")},
  floor(extract(epoch from now() - created_at))::text, coalesce(expires_at <= now(), false)`;

/** All artifacts, newest first. */
export async function readArtifacts(session: Session, schema: string): Promise<Artifact[]> {
  const rows = await session.rows(
    `select ${columns} from ${qualified(schema, tableName)} order by created_at desc, id`,
  );
  return rows.map(artifactOf);
}

/** The artifact whose rows are in a certain place. */
export async function readArtifactAt(
  session: Session,
  schema: string,
  physical: string,
  lock = false,
): Promise<Artifact | undefined> {
  const [row] = await session.rows(
    `select ${columns} from ${qualified(schema, tableName)} where physical_name = $1
     order by created_at desc, id limit 1${lock ? " for update" : ""}`,
    [physical],
  );
  return row && artifactOf(row);
}

function artifactOf(row: readonly (string | null)[]): Artifact {
  const [id, migration, step, type, table, column, physical, count, checksum, sql, status, created, expires, age, old] =
    row;
  const text = (value: string | null | undefined): string => defined(value, "a column of artifacts that is not null");
  return {
    id: text(id),
    migration: text(migration),
    step: Number(step),
    type: text(type) as ArtifactType,
    table: text(table),
    column: column ?? null,
    physical: text(physical),
    rows: count ?? null,
    checksum: checksum ?? null,
    recoverySql: text(sql),
    status: text(status) as ArtifactStatus,
    createdAt: text(created),
    expiresAt: expires ?? null,
    ageSeconds: Number(age),
    expired: old === "t",
  };
}

/** Writes the row of what was set aside; one of an earlier time under the same id, given back since, is replaced. */
export async function insertArtifact(
  session: Session,
  schema: string,
  place: { readonly migration: string; readonly step: number },
  mark: ArtifactMark,
  recoverySql: string,
): Promise<void> {
  await session.rows(
    `insert into ${qualified(schema, tableName)}
       (id, migration_id, step_index, artifact_type, source_table, source_column, physical_name, recovery_sql, status, created_at, expires_at)
     values ($1, $2, $3::integer, $4, $5, $6, $7, $8, 'live', clock_timestamp(), clock_timestamp() + make_interval(days => $9::integer))
     on conflict (id) do update set step_index = excluded.step_index, physical_name = excluded.physical_name,
       recovery_sql = excluded.recovery_sql, status = excluded.status, created_at = excluded.created_at,
       expires_at = excluded.expires_at, row_count = null, checksum = null`,
    [
      artifactId(place.migration, mark),
      place.migration,
      String(place.step),
      mark.type,
      qualified(mark.schema, mark.table),
      mark.column === undefined ? null : quoteIdent(mark.column),
      mark.physical,
      recoverySql,
      mark.retentionDays === undefined ? null : String(mark.retentionDays),
    ],
  );
}

/** Records the count and checksum of what is in a place. */
export async function sealArtifact(
  session: Session,
  schema: string,
  physical: string,
  rows: string,
  checksum: string,
): Promise<void> {
  await session.rows(
    `update ${qualified(schema, tableName)} set row_count = $2::bigint, checksum = $3 where physical_name = $1 and status = 'live'`,
    [physical, rows, checksum],
  );
}

/** Marks what was in a place as given back or removed. */
export async function endArtifact(
  session: Session,
  schema: string,
  id: string,
  status: "restored" | "purged",
): Promise<void> {
  await session.rows(`update ${qualified(schema, tableName)} set status = $2 where id = $1`, [id, status]);
}

/** The refusal to use what nobody recorded. */
export function notRecorded(physical: string): Error {
  return toolError({
    code: "archive_mismatch",
    what: `Refusing to restore: nothing is recorded of ${physical}`,
    why: "only what is in the list of artifacts, with its checksum, is given back",
    state: "nothing was changed",
    next: "zanith recover list",
  });
}
