/** list and inspect: what was set aside, where it is and whether it is still what it was. Writes nothing. */

import { isToolError, toolError } from "../../base/errors.ts";
import { commandLine } from "../../base/shell.ts";
import type { Session } from "../../pg/session.ts";
import { type Artifact, readArtifacts } from "../../recovery/artifact.ts";
import { fixSettings, takeChecksum } from "../../recovery/checksum.ts";
import { findArtifact, findArtifacts, nameParts, type Wanted } from "../../recovery/find.ts";
import { readingAllRows } from "../../recovery/forced-security.ts";
import type { Target } from "../../recovery/what-hung.ts";
import { ledgerIn } from "../../run/ledger.ts";
import { artifactTypes } from "../../sql/artifact.ts";
import { type Workspace, withSession } from "../workspace.ts";

/** An artifact as it is shown: without its recovery SQL, with the room it takes. */
export interface ArtifactView extends Omit<Artifact, "recoverySql"> {
  /** bytes of the table its rows are in; null when that is gone */
  readonly bytes: string | null;
}

/** Artifacts, newest first; none where the tool has no tables yet. */
export async function artifactsOf(workspace: Workspace, session: Session): Promise<Artifact[]> {
  const { auditSchema } = workspace.config;
  return (await ledgerIn(auditSchema).exists(session)) ? readArtifacts(session, auditSchema) : [];
}

/** Everything that was set aside. */
export async function listArtifacts(workspace: Workspace): Promise<ArtifactView[]> {
  return withSession(workspace, "recover", async (session) => {
    const views: ArtifactView[] = [];
    for (const { recoverySql: _, ...artifact } of await artifactsOf(workspace, session)) {
      views.push({ ...artifact, bytes: await bytesOf(session, artifact) });
    }
    return views;
  });
}

/** Ids of the artifacts that a text means, in the order in which they are restored: what went last comes first. */
export async function idsMeant(workspace: Workspace, what: string, wanted: Wanted): Promise<string[]> {
  return withSession(workspace, "recover", async (session) =>
    findArtifacts(await artifactsOf(workspace, session), what, wanted).map(({ id }) => id),
  );
}

export interface Inspection {
  readonly artifact: Artifact;
  readonly bytes: string | null;
  /** with `verify`: the checksum as it is now, and whether it is the recorded one */
  readonly verified?: { readonly checksum: string; readonly rows: string; readonly intact: boolean };
}

/** One artifact with its recovery SQL; with `verify` its checksum is taken again. */
export async function inspectArtifact(
  workspace: Workspace,
  input: { readonly what: string; readonly verify?: boolean },
): Promise<Inspection> {
  return withSession(workspace, "recover", async (session) => {
    const artifact = findArtifact(await artifactsOf(workspace, session), input.what);
    const bytes = await bytesOf(session, artifact);
    if (!input.verify) return { artifact, bytes };
    if (artifact.checksum === null) {
      throw toolError({
        code: "not_supported",
        what: `${artifact.id} has no checksum to compare with`,
        why: artifact.type.startsWith("soft")
          ? "what is renamed out of the way stays where it was and is not sealed"
          : "the step that archived it has not finished",
        state: "nothing was changed",
        next: artifact.type.startsWith("soft")
          ? commandLine`zanith recover inspect ${artifact.id}`
          : "zanith migrate up",
      });
    }
    const found = await readingAllRows(session, artifact.physical, async (tx) => {
      await fixSettings(tx);
      return takeChecksum(tx, artifact);
    });
    return { artifact, bytes, verified: { ...found, intact: found.checksum === artifact.checksum } };
  });
}

async function bytesOf(
  session: Session,
  { physical, status, type }: Pick<Artifact, "physical" | "status" | "type">,
): Promise<string | null> {
  if (status === "purged" || type === "soft_drop_column") return null;
  const [row] = await session.rows(
    "select pg_catalog.pg_total_relation_size(pg_catalog.to_regclass($1)::pg_catalog.oid)::text",
    [physical],
  );
  return row?.[0] ?? null;
}

/** Whether there is something of it to remove: it is sealed or needs no seal, or it is a copy that was left after a restore. */
export function isPurgeable({ status, type, checksum }: Artifact): boolean {
  if (type === "archive_column") return status !== "purged" && checksum !== null;
  return status === "live" && (checksum !== null || type !== "archive_table");
}

/** The table or column an artifact came from. */
export function targetOf(artifact: Pick<Artifact, "id" | "table" | "column" | "type">): Target {
  const [schema, table, more] = nameParts(artifact.table) ?? [];
  const [column, rest] = artifact.column === null ? [] : (nameParts(artifact.column) ?? []);
  const known = (artifactTypes as readonly string[]).includes(artifact.type);
  if (schema === undefined || table === undefined || more !== undefined || rest !== undefined || !known)
    throw toolError({
      code: "archive_mismatch",
      what: `the row of ${artifact.id} is not one that was recorded`,
      why: "its source is not the name of a table or column",
      state: "nothing was changed",
      next: "zanith recover list",
    });
  return column === undefined ? { schema, table } : { schema, table, column };
}

/** The parts of the name of where rows are, checked to be one: what is spliced into SQL is quoted anew from these. */
export function physicalOf(artifact: Artifact): {
  readonly schema: string;
  readonly table: string;
  readonly column?: string;
} {
  const [schema, table, column, more] = nameParts(artifact.physical) ?? [];
  const ofColumn = artifact.type === "soft_drop_column";
  if (schema === undefined || table === undefined || more !== undefined || (column !== undefined) !== ofColumn)
    throw toolError({
      code: "archive_mismatch",
      what: `the row of ${artifact.id} is not one that was recorded`,
      why: "where its rows are is not the name of a table",
      state: "nothing was changed",
      next: "zanith recover list",
    });
  return column === undefined ? { schema, table } : { schema, table, column };
}

/** Whether an error says that a relation is not there. */
export function isMissing(error: unknown): boolean {
  return isToolError(error) && error.details["sqlstate"] === "42P01";
}
