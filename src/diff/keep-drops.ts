/** Replaces operations that destroy by operations that keep, each kind answering for itself how. Pure. */
import { draftGraph, type SchemaGraph } from "../model/graph.ts";
import type { ObjectId } from "../model/kinds.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";
import { artifactTag } from "../sql/artifact.ts";

/** What becomes of what a migration drops: archived, renamed out of the way, or gone. */
export const dropModes = ["archive", "soft", "hard"] as const;

export type DropMode = (typeof dropModes)[number];

export interface KeepDrops {
  readonly how: DropMode;
  /** id of the migration the operations are for */
  readonly migration: string;
  /** days that what is kept is counted on */
  readonly retentionDays?: number | undefined;
}

/** The same operations, with those that destroy replaced; the schema they lead to is the same. */
export function keepDrops(before: SchemaGraph, operations: readonly Operation[], keep: KeepDrops): Operation[] {
  const { how, migration, retentionDays } = keep;
  if (how === "hard") return [...operations];
  const draft = draftGraph(before);
  const dropped = operations.map((op) => {
    const edits = kindOf(op.kind).predict(op, draft.current);
    draft.edit(edits);
    return edits.flatMap((edit) => ("drop" in edit ? [edit.drop] : []));
  });
  const replay = draftGraph(before);
  return operations.flatMap((op, index) => {
    const kind = kindOf(op.kind);
    const alsoDropped = new Set<ObjectId>(dropped.flatMap((ids, at) => (at === index ? [] : ids)));
    const kept = kind.keeping?.(op, replay.current, {
      how,
      id: artifactTag(migration, index),
      alsoDropped,
      ...(retentionDays === undefined ? {} : { retentionDays }),
    });
    replay.edit(kind.predict(op, replay.current));
    return kept ?? [op];
  });
}
