/** Statements for what hangs on a column and the graph does not model: storage, statistics, privileges, exclusion constraints. */
import type { Session } from "../pg/session.ts";
import type { ArtifactMark } from "../sql/artifact.ts";

const query = `
with place as (
  select c.oid as rel, a.attnum as num, a.attname as name, a.attstorage as storage, t.typstorage as usual, a.attcompression as compression,
    case when a.attstattarget >= 0 then a.attstattarget end as target, a.attacl as acl, a.attoptions as options,
    pg_catalog.format('alter table %I.%I alter column %I', n.nspname, c.relname, a.attname) as alter_it,
    pg_catalog.format('%I.%I', n.nspname, c.relname) as rel_name
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_type t on t.oid = a.atttypid
  where n.nspname = $1 and c.relname = $2 and a.attname = $3 and a.attnum > 0 and not a.attisdropped
)
select e.sql from (
  select 1 as nth, alter_it || ' set storage '
    || case storage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end as sql
  from place where storage <> usual
  union all
  select 2, alter_it || ' set compression ' || case compression when 'l' then 'lz4' else 'pglz' end
  from place where compression <> ''
  union all
  select 3, alter_it || ' set statistics ' || target from place where target is not null
  union all
  select 4, alter_it || ' set (' || (
    select pg_catalog.string_agg(pg_catalog.format('%I = %s', o.option_name, o.option_value), ', ' order by o.option_name)
    from pg_catalog.pg_options_to_table(place.options) o) || ')'
  from place where options is not null
  union all
  select 5, pg_catalog.format('grant %s (%I) on %s to %s%s', x.privilege_type, place.name, place.rel_name,
    case x.grantee when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) end,
    case when x.is_grantable then ' with grant option' else '' end)
  from place cross join lateral pg_catalog.aclexplode(place.acl) x
  where place.acl is not null
  union all
  select 6, pg_catalog.pg_get_statisticsobjdef(s.oid)
  from place join pg_catalog.pg_statistic_ext s on s.stxrelid = place.rel and place.num = any (s.stxkeys)
  union all
  select 7, pg_catalog.format('alter table %s add constraint %I %s', place.rel_name, k.conname, pg_catalog.pg_get_constraintdef(k.oid))
  from place join pg_catalog.pg_constraint k on k.conrelid = place.rel and k.contype = 'x' and place.num = any (k.conkey)
) e
order by e.nth, e.sql`;

/** The statements that give a column back what only the catalog knows of it; taken before it goes. */
export async function columnExtras(tx: Session, { schema, table, column }: ArtifactMark): Promise<readonly string[]> {
  if (column === undefined) return [];
  const rows = await tx.rows(query, [schema, table, column]);
  return rows.flatMap(([sql]) => (sql == null ? [] : [sql]));
}
