/** What a rebuild has the server look at and carry over that the graph does not know: who uses the table, its owner, its grants. */
import { qualified } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import type { RebuildTable } from "../rebuild-table-payload.ts";
import { doBlock } from "./set-aside.ts";

function block(body: string): Statement {
  return statement(doBlock(body));
}

const oidOf = (table: string): string => `${quoteLiteral(table)}::pg_catalog.regclass::pg_catalog.oid`;

/**
 * Fails with a list of what would go on using the old table, or be lost with it: views, functions with a parsed body,
 * publications, statistics objects, a replica identity of its own, triggers that keep columns in step.
 */
export function refuseWhatIsLost({ table, columns }: RebuildTable): Statement {
  const own = qualified(table.schema, table.name);
  const carried = columns.map(({ column }) => quoteLiteral(column.name)).join(", ");
  return block(`declare
  target pg_catalog.oid := ${oidOf(own)};
  found pg_catalog.text;
begin
  select pg_catalog.string_agg(distinct x.what, ', ') into found from (
    select pg_catalog.pg_describe_object(d.classid, d.objid, 0)
    from pg_catalog.pg_depend d
    left join pg_catalog.pg_rewrite w on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and w.oid = d.objid
    left join pg_catalog.pg_policy p on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and p.oid = d.objid
    where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = target
      and (w.ev_class <> target or p.polrelid <> target
        or d.classid in ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_publication_rel'::pg_catalog.regclass,
          'pg_catalog.pg_statistic_ext'::pg_catalog.regclass))
    union all
    select pg_catalog.pg_describe_object(d.classid, d.objid, 0)
    from pg_catalog.pg_depend d join pg_catalog.pg_type t on d.refobjid in (t.oid, t.typarray)
    where t.typrelid = target and d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.deptype = 'n'
    union all
    select 'its replica identity' from pg_catalog.pg_class c where c.oid = target and c.relreplident <> 'd'
    union all
    select 'its tablespace' from pg_catalog.pg_class c where c.oid = target and c.reltablespace <> 0
    union all
    select 'inheritance' from pg_catalog.pg_inherits i where target in (i.inhrelid, i.inhparent)
    union all
    select 'column ' || a.attname || ', which the new table lacks'
    from pg_catalog.pg_attribute a
    where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.attname::pg_catalog.text not in (${carried})
    union all
    select 'a security label' from pg_catalog.pg_seclabel l where l.objoid = target
    union all
    select 'an exclusion constraint, ' || k.conname
    from pg_catalog.pg_constraint k where k.conrelid = target and k.contype = 'x'
    union all
    select 'trigger ' || g.tgname || ', by which columns are kept in step'
    from pg_catalog.pg_trigger g where g.tgrelid = target and g.tgname like 'zz\\_zanith\\_%'
  ) x (what);
  if found is not null then
    raise exception using errcode = '2BP01',
      message = 'cannot rebuild ' || ${quoteLiteral(own)} || ': these would go on with the old table or be lost: ' || found,
      hint = 'drop or change them first, and make them again afterwards';
  end if;
end`);
}

/** Gives the new table to the owner of the old one. */
export function sameOwner(from: string, to: string): Statement {
  return block(`declare
  owner pg_catalog.text;
begin
  select pg_catalog.quote_ident(r.rolname) into owner
  from pg_catalog.pg_class c join pg_catalog.pg_roles r on r.oid = c.relowner where c.oid = ${oidOf(from)};
  if owner <> pg_catalog.quote_ident(current_user) then
    execute pg_catalog.format('alter table %s owner to %s', ${quoteLiteral(to)}, owner);
  end if;
end`);
}

/** Fails when the tables do not hold as many rows: both are counted at one instant, while writes go on. */
export function sameRows(from: string, to: string): Statement {
  const body = `declare
  there pg_catalog.int8;
  copied pg_catalog.int8;
begin
  select (select count(*) from only ${from}), (select count(*) from only ${to}) into there, copied;
  if there <> copied then
    raise exception using errcode = 'data_corrupted',
      message = pg_catalog.format('%s rows are in %s and %s in the new table', there, ${quoteLiteral(from)}, copied),
      hint = 'rows were written past the triggers; the old table is as it was';
  end if;
end`;
  return statement(doBlock(body), "access share", [from, to], "scan");
}

/** Gives the new table the grants of the old one, on the table and on its columns, and takes those away that it has by default. */
export function carryGrants(from: string, to: string): Statement {
  const role = "case when a.grantee = 0 then 'public' else pg_catalog.quote_ident(r.rolname) end";
  const roles = "left join pg_catalog.pg_roles r on r.oid = a.grantee";
  const ofTable =
    "cross join lateral pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) a";
  return block(`declare
  entry record;
begin
  if exists (select from pg_catalog.pg_class c where c.oid in (${oidOf(from)}, ${oidOf(to)}) and c.relacl is not null) then
    for entry in
      select distinct ${role} as role from pg_catalog.pg_class c ${ofTable} ${roles} where c.oid = ${oidOf(to)} order by 1
    loop
      execute pg_catalog.format('revoke all on table %s from %s', ${quoteLiteral(to)}, entry.role);
    end loop;
    for entry in
      select a.privilege_type as privilege, a.is_grantable as grantable, ${role} as role
      from pg_catalog.pg_class c ${ofTable} ${roles} where c.oid = ${oidOf(from)} order by 3, 1
    loop
      execute pg_catalog.format('grant %s on table %s to %s%s', entry.privilege, ${quoteLiteral(to)}, entry.role,
        case when entry.grantable then ' with grant option' else '' end);
    end loop;
  end if;
  for entry in
    select a.privilege_type as privilege, a.is_grantable as grantable, ${role} as role,
      pg_catalog.quote_ident(t.attname) as name
    from pg_catalog.pg_attribute t cross join lateral pg_catalog.aclexplode(t.attacl) a ${roles}
    where t.attrelid = ${oidOf(from)} and t.attnum > 0 and not t.attisdropped order by 4, 3, 1
  loop
    execute pg_catalog.format('grant %s (%s) on table %s to %s%s', entry.privilege, entry.name, ${quoteLiteral(to)},
      entry.role, case when entry.grantable then ' with grant option' else '' end);
  end loop;
end`);
}
