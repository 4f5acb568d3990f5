/** Row security that is forced on the owner too, off while all rows have to be seen and on again in the same transaction. */
import type { Session } from "../pg/session.ts";
import { quoteLiteral } from "../sql/literal.ts";

/**
 * Forces row security on the owner of a table, or ends that; whether anything was changed. A superuser or a role with
 * BYPASSRLS sees all rows anyhow, so nothing is changed for those.
 */
export async function forceRowSecurity(tx: Session, table: string, on: boolean): Promise<boolean> {
  const [row] = await tx.rows(
    `select c.relforcerowsecurity and not r.rolsuper and not r.rolbypassrls, r.rolsuper or r.rolbypassrls
     from pg_catalog.pg_class c, pg_catalog.pg_roles r
     where c.oid = ${quoteLiteral(table)}::pg_catalog.regclass and r.rolname = current_user`,
  );
  if (!on && row?.[0] !== "t") return false;
  await tx.execute(`alter table ${table} ${on ? "" : "no "}force row level security`);
  return true;
}
