/** An artifact as a row of the recover screen, and what can be done with it. Pure. */
import type { ArtifactView } from "../usecase/recover/artifacts.ts";

export type ArtifactRow = ArtifactView;

/** `users.legacy_code`: where it came from, public left out. */
export function sourceOf({ table, column }: Pick<ArtifactRow, "table" | "column">): string {
  return [table.replace(/^public\./, ""), ...(column === null ? [] : [column])].join(".");
}

/** What can be done with it, in a word. */
export function stateOf({
  status,
  expired,
  checksum,
  type,
}: Pick<ArtifactRow, "status" | "expired" | "checksum" | "type">): string {
  if (status !== "live") return status;
  if (checksum === null && type.startsWith("archive")) return "not sealed";
  return expired ? "expired" : "live";
}

/** Why it cannot be restored. */
export function cannotRestore(artifact: ArtifactRow | undefined): string | undefined {
  if (artifact === undefined) return "nothing was set aside";
  if (artifact.status === "purged") return "it was purged: its rows are gone for good";
  return stateOf(artifact) === "not sealed" ? "the step that archived it has not finished" : undefined;
}

/** Why no column can be filled from it again. */
export function cannotReseed(artifact: ArtifactRow | undefined): string | undefined {
  if (artifact !== undefined && artifact.type !== "archive_column") {
    return "only an archived column can fill a column again; r restores this";
  }
  return cannotRestore(artifact);
}

/** Why it cannot be purged. */
export function cannotPurge(artifact: ArtifactRow | undefined): string | undefined {
  if (artifact === undefined) return "nothing was set aside";
  if (artifact.status === "purged") return "it was purged already";
  return stateOf(artifact) === "not sealed"
    ? "the step that archived it has not finished and still needs it"
    : undefined;
}

const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** `16 kB`: bytes with a unit. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let at = 0;
  while (value >= 10_240 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  return `${Math.round(value)} ${units[at]}`;
}
