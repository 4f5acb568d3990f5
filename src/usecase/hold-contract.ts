/**
 * Pairs of migrations between which two versions of an application run: the second half is not for the run that applied the
 * first. Pure; who asks for the second half by name gets it.
 */
import type { Migration } from "../migration/migration.ts";
import type { ObjectId } from "../model/kinds.ts";
import { kindOf } from "../operation/registry.ts";

/** A migration that waits, and why. */
export interface HeldContract {
  readonly migration: string;
  /** the migration of the same run that began what this one ends */
  readonly expand: string;
  /** the first of the changes that would end what two versions use, in words */
  readonly object: string;
}

/** The first of some pending migrations, in the order they are applied, that ends what an earlier one of them begins. */
export function heldContract(migrations: readonly Migration[]): HeldContract | undefined {
  const begun = new Map<ObjectId, string>();
  for (const { id, ops } of migrations) {
    for (const op of ops) {
      const kind = kindOf(op.kind);
      const ends = kind.sideBySide?.(op).ends;
      const expand = ends === undefined ? undefined : begun.get(ends);
      if (expand !== undefined) return { migration: id, expand, object: kind.describe(op) };
    }
    for (const op of ops) {
      const begins = kindOf(op.kind).sideBySide?.(op).begins;
      if (begins !== undefined) begun.set(begins, id);
    }
  }
  return undefined;
}
