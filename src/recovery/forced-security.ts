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

/**
 * Reads a table that is set aside in one snapshot, all of its rows: read-only, unless row security is forced on its owner,
 * who then ends that for the time of the transaction. Locks the table against everybody in that case.
 */
export async function readingAllRows<T>(
  session: Session,
  table: string,
  body: (tx: Session) => Promise<T>,
): Promise<T> {
  const isolation = "repeatable read";
  const [row] = await session.rows(
    `select c.relforcerowsecurity and not r.rolsuper and not r.rolbypassrls
     from pg_catalog.pg_class c, pg_catalog.pg_roles r
     where c.oid = pg_catalog.to_regclass($1) and r.rolname = current_user`,
    [table],
  );
  if (row?.[0] !== "t") return session.transaction({ readOnly: true, isolation }, body);
  return session.transaction({ isolation }, async (tx) => {
    await forceRowSecurity(tx, table, false);
    const result = await body(tx);
    await forceRowSecurity(tx, table, true);
    return result;
  });
}
