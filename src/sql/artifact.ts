/**
 * What a step sets aside instead of destroying: where it goes, what it is called there, and the mark by which a segment
 * says so. Runs nothing and keeps nothing itself.
 */
import { hashText, shortHash } from "../base/hash.ts";
import { cutIdentifier, maxIdentifierBytes } from "./identifier.ts";

/** The schema that archives live in; readers of schemas leave it out. */
export const archiveSchema = "_zanith_shadow";

/** What every name that was set aside begins with; readers of schemas leave such tables and columns out. */
const prefix = "_zanith_dropped_";

export const artifactTypes = [
  "soft_drop_column",
  "soft_drop_table",
  "archive_column",
  "archive_table",
  "rebuild_table",
] as const;

export type ArtifactType = (typeof artifactTypes)[number];

/**
 * What a segment does about an artifact, for who keeps the list of them: it has just been set aside (`kept`), its last
 * statement is the query for its count and checksum (`sealed`), it is about to be given back and has to be what it was
 * (`checked`), it has been given back (`restored`), or it is gone for good (`purged`).
 */
export interface ArtifactMark {
  readonly phase: "kept" | "sealed" | "checked" | "restored" | "purged";
  readonly type: ArtifactType;
  readonly schema: string;
  readonly table: string;
  readonly column?: string;
  /** where its rows are, as SQL names it: a table, or a column of one */
  readonly physical: string;
  /** the query for its count and sum; absent where nothing was sealed */
  readonly seal?: string;
  /** days after which it is no longer counted on; nothing removes it by itself */
  readonly retentionDays?: number;
}

/** The shape of the id that tells what one step set aside from what others did. */
export const artifactTagPattern = /^[0-9a-f]{8}$/;

/** The id for what a step of a migration sets aside. */
export function artifactTag(migration: string, step: number): string {
  return shortHash(hashText(`${migration}:${step}`), 8);
}

/**
 * `_zanith_dropped_<name>_<tag>` within 63 bytes. A name that has to be cut gets a few digits of its hash, so that two long
 * names with the same start stay apart.
 */
export function parkedName(name: string, tag: string): string {
  const room = maxIdentifierBytes - prefix.length - tag.length - 1;
  if (Buffer.byteLength(name) <= room) return `${prefix}${name}_${tag}`;
  const digits = shortHash(hashText(name), 6);
  return `${prefix}${cutIdentifier(name, room - digits.length - 1)}_${digits}_${tag}`;
}
