/** Statements for what hangs on a column and the graph does not model: privileges on the column alone. */
import type { Session } from "../pg/session.ts";
import type { ArtifactMark } from "../sql/artifact.ts";

const query = `
select pg_catalog.format('grant %s (%I) on %I.%I to %s%s', x.privilege_type, a.attname, n.nspname, c.relname,
  case x.grantee when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) end,
  case when x.is_grantable then ' with grant option' else '' end) as sql
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral pg_catalog.aclexplode(a.attacl) x
where n.nspname = $1 and c.relname = $2 and a.attname = $3 and a.attnum > 0 and not a.attisdropped
order by 1`;

/** The statements that give a column back what only the catalog knows of it; taken before it goes. */
export async function columnExtras(tx: Session, { schema, table, column }: ArtifactMark): Promise<readonly string[]> {
  if (column === undefined) return [];
  const rows = await tx.rows(query, [schema, table, column]);
  return rows.flatMap(([sql]) => (sql == null ? [] : [sql]));
}
