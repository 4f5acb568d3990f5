/** SQL that brings the privileges which outlive the objects of a database back to what initdb gave. For emptied databases. */

/** Grants on the schema public, and default privileges of any role. */
export const resetPrivileges = `do $$
declare
  found record;
  word text;
begin
  for found in
    select a.defaclrole::pg_catalog.regrole as role, g.grantee, a.defaclobjtype as type,
      case when a.defaclnamespace <> 0 then ' in schema ' || a.defaclnamespace::pg_catalog.regnamespace end as place
    from pg_catalog.pg_default_acl a
    left join lateral pg_catalog.aclexplode(a.defaclacl) g on true
  loop
    word := case found.type when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
      when 'T' then 'types' when 'L' then 'large objects' else 'schemas' end;
    if found.grantee is not null then
      execute pg_catalog.format('alter default privileges for role %s%s revoke all on %s from %s', found.role, found.place,
        word, case when found.grantee = 0 then 'public' else found.grantee::pg_catalog.regrole::text end);
    end if;
    if found.place is null then
      execute pg_catalog.format('alter default privileges for role %s grant all on %s to %s', found.role, word, found.role);
      if found.type in ('f', 'T') then
        execute pg_catalog.format('alter default privileges for role %s grant all on %s to public', found.role, word);
      end if;
    end if;
  end loop;
  for found in
    select g.grantee from pg_catalog.pg_namespace n
    cross join lateral pg_catalog.aclexplode(n.nspacl) g
    where n.nspname = 'public' and g.grantee <> n.nspowner
  loop
    execute pg_catalog.format('revoke all on schema public from %s cascade',
      case when found.grantee = 0 then 'public' else found.grantee::pg_catalog.regrole::text end);
  end loop;
  execute pg_catalog.format('grant all on schema public to %s',
    (select n.nspowner::pg_catalog.regrole from pg_catalog.pg_namespace n where n.nspname = 'public'));
  grant usage on schema public to public;
  if pg_catalog.current_setting('server_version_num')::int < 150000 then
    grant create on schema public to public;
  end if;
end $$`;
