/** Whether a column is given its values batch by batch: when there are many, and nothing asks for one transaction. Reads only. */
import { chooseKey } from "../backfill/choose-key.ts";
import { isToolError } from "../base/errors.ts";
import type { Operation } from "../operation/define.ts";
import type { Session } from "../pg/session.ts";
import { qualified } from "../sql/identifier.ts";
import type { Artifact } from "./artifact.ts";
import type { Target } from "./what-hung.ts";

/** Rows from which a restore is resumable within; fewer are filled in less time than a batch takes. */
export const batchesFromRows = 10_000;

/**
 * Batches leave the table to its writers, so its own triggers stay on and would take an old value for a change of today: a
 * table that has one on UPDATE is filled in one transaction, with them off. So is one whose row security is forced on its
 * owner, and one without a key that ranges can go by.
 */
export async function fillsInBatches(
  session: Session,
  { rows }: Artifact,
  target: Target,
  operations: readonly Operation[],
): Promise<boolean> {
  const restore = operations.find(({ kind }) => kind === "restoreColumn") as { readonly key?: unknown } | undefined;
  if (restore?.key === undefined || target.column === undefined || Number(rows ?? 0) < batchesFromRows) return false;
  const { schema, table, column } = target;
  const [row] = await session.rows(
    `select not exists (select from pg_catalog.pg_trigger g
       where g.tgrelid = pg_catalog.to_regclass($1) and not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 16 <> 0)
     and not exists (select from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass($1) and c.relforcerowsecurity)`,
    [qualified(schema, table)],
  );
  if (row?.[0] !== "t") return false;
  try {
    await chooseKey(session, { schema, table, writes: [column], head: "", remaining: "fail" });
    return true;
  } catch (error) {
    if (isToolError(error, "not_supported")) return false;
    throw error;
  }
}
