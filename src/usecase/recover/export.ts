/** export: the rows of an artifact as text, handed on in pieces as they come. Writes nothing to the database. */
import { isToolError, type ToolError, toolError } from "../../base/errors.ts";
import type { Session } from "../../pg/session.ts";
import type { Artifact } from "../../recovery/artifact.ts";
import { fixSettings } from "../../recovery/checksum.ts";
import { type ExportColumn, type ExportFormat, type ExportSource, exportRows } from "../../recovery/export.ts";
import { findArtifact } from "../../recovery/find.ts";
import { readingAllRows } from "../../recovery/forced-security.ts";
import { qualified } from "../../sql/identifier.ts";
import { cancellable, type Run, type Workspace, withSession } from "../workspace.ts";
import { artifactsOf, isMissing, physicalOf, targetOf } from "./artifacts.ts";

export interface ExportInput {
  readonly what: string;
  readonly format: ExportFormat;
  /** takes a piece of text; the next one is asked for when it is done */
  readonly write: (text: string) => Promise<void>;
  /** told after each piece; `total` is the recorded number of rows */
  readonly onProgress?: (progress: { readonly rows: number; readonly total: number | null }) => void;
}

export interface ExportResult {
  readonly artifact: Artifact;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Exports what an artifact holds, intact or not: this is how to get at rows that `restore` refuses.
 * @throws ToolError name_unknown; archive_mismatch when its rows are gone; interrupted
 */
export async function exportArtifact(workspace: Workspace, input: ExportInput, run: Run): Promise<ExportResult> {
  return withSession(workspace, "recover", (session) =>
    cancellable(run, session, async () => {
      const artifact = findArtifact(await artifactsOf(workspace, session), input.what);
      const total = artifact.rows === null ? null : Number(artifact.rows);
      let rows = 0;
      let bytes = 0;
      try {
        await readingRows(session, artifact, async (tx) => {
          await fixSettings(tx);
          for await (const chunk of exportRows(tx, await sourceOf(tx, artifact), input.format)) {
            if (run.signal.aborted) throw stopped(artifact, rows);
            await input.write(chunk.text);
            rows += chunk.rows;
            bytes += Buffer.byteLength(chunk.text);
            input.onProgress?.({ rows, total });
          }
        });
      } catch (error) {
        if (isMissing(error)) throw gone(artifact);
        throw isHidden(error) ? hidden(artifact, error) : error;
      }
      return { artifact, rows, bytes };
    }),
  );
}

/**
 * Rows that a policy hides are never left out: of what is in the archive nobody else asks, so its owner ends a forced row
 * security for that time; a parked column is in a table that is in use, and there the server is left to fail.
 */
function readingRows<T>(session: Session, artifact: Artifact, body: (tx: Session) => Promise<T>): Promise<T> {
  if (artifact.type === "soft_drop_column")
    return session.transaction({ readOnly: true, isolation: "repeatable read" }, body);
  return readingAllRows(session, artifact.physical, body);
}

/** insufficient_privilege is also what a query fails with that row security would have cut short (row_security = off). */
function isHidden(error: unknown): error is ToolError {
  return isToolError(error) && error.details["sqlstate"] === "42501";
}

function hidden({ id, table }: Artifact, error: ToolError): Error {
  return toolError({
    code: error.code,
    what: `the rows of ${id} are not all to be seen by this role`,
    why: error.why ?? error.what,
    state: "nothing was changed, and no export with rows missing was made",
    next: `run it as a role with BYPASSRLS that may read ${table}, or as a superuser`,
    details: error.details,
    cause: error,
  });
}

/** Where the rows are and which columns of them are its own: all of a table; of a parked column the key and the column. */
async function sourceOf(tx: Session, artifact: Artifact): Promise<ExportSource> {
  const { schema, table, column } = physicalOf(artifact);
  const names = await columnsOf(tx, schema, table, column);
  if (names.length === 0) throw gone(artifact);
  const { column: original } = targetOf(artifact);
  const columns = names.map((name): ExportColumn => ({ name, as: name === column ? (original ?? name) : name }));
  return { schema, table, columns };
}

async function columnsOf(tx: Session, schema: string, table: string, column: string | undefined): Promise<string[]> {
  const rows = await tx.rows(
    `select a.attname::text, a.attname = $2, coalesce(k.conkey is not null, false)
     from pg_catalog.pg_attribute a
     left join pg_catalog.pg_constraint k on k.conrelid = a.attrelid and k.contype = 'p' and a.attnum = any (k.conkey)
     where a.attrelid = pg_catalog.to_regclass($1) and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
    [qualified(schema, table), column ?? null],
  );
  if (column === undefined) return rows.map(([name]) => name ?? "");
  if (!rows.some(([, wanted]) => wanted === "t")) return [];
  return rows.filter(([, wanted, key]) => wanted === "t" || key === "t").map(([name]) => name ?? "");
}

function gone({ id, physical, status }: Artifact): Error {
  return toolError({
    code: "archive_mismatch",
    what: `the rows of ${id} are not in ${physical}`,
    why: status === "live" ? "somebody moved or dropped them" : `it was ${status}`,
    state: "nothing was changed",
    next: status === "restored" ? "read them from where they were given back to" : "zanith recover list",
  });
}

function stopped({ id }: Artifact, rows: number): Error {
  return toolError({
    code: "interrupted",
    what: `the export of ${id} was stopped`,
    state: `${rows} row(s) were written; the artifact is as it was`,
    next: "run the same command again",
  });
}
