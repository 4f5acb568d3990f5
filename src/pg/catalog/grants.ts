/** Lists what of access rights the graph does not model: grants, one entry an object, and owners, one entry a role. */
import { nameOfId } from "../../model/kinds.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { address, catalogOid } from "./draft.ts";
import { type CatalogFamily, firstUserOid, value } from "./family.ts";

/** Oids of the first superuser and of pg_database_owner: who owns the schema public before 15 and since. */
const publicOwners = "10, 6171";

const ownership = "objects owned by role";

/** Ownership counts when it is not the database owner's; grants when they differ from what an owner has by default. */
export const grants: CatalogFamily = {
  name: "grants and owners",
  width: 4,
  query: () => `
with held as (
  select case c.relkind when 'S' then 'sequence' else 'table' end as kind, ${catalogOid.relation} as class, c.oid,
    c.relowner as owner, c.relacl as acl,
    pg_catalog.acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner) as usual
  from pg_catalog.pg_class c
  where c.oid >= ${firstUserOid} and c.relkind in ('r', 'S')
  union all
  select 'type', ${catalogOid.type}, t.oid, t.typowner, t.typacl, pg_catalog.acldefault('T', t.typowner)
  from pg_catalog.pg_type t
  where t.oid >= ${firstUserOid} and t.typtype = 'e'
  union all
  select 'schema', ${catalogOid.namespace}, n.oid, case when n.nspname = 'public' and n.nspowner in (${publicOwners})
    then null else n.nspowner end, n.nspacl, coalesce(p.initprivs, pg_catalog.acldefault('n', n.nspowner))
  from pg_catalog.pg_namespace n
  left join pg_catalog.pg_init_privs p on p.classoid = ${catalogOid.namespace} and p.objoid = n.oid and p.objsubid = 0
)
select 'grants on ' || h.kind, h.class, h.oid, null as role
from held h
where h.acl is not null and not (h.acl @> h.usual and h.acl <@ h.usual)
union all
select '${ownership}', h.class, h.oid, r.rolname
from held h
join pg_catalog.pg_roles r on r.oid = h.owner
where h.owner <> (select d.datdba from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by 1, 2, 3, 4`,
  read(rows, draft) {
    const owners = new Set<string>();
    for (const row of rows) {
      const kind = value(row, 0);
      const id = draft.ids.get(address(value(row, 1), value(row, 2)));
      const name = id === undefined ? draft.identitySequences.get(value(row, 2)) : nameOfId(id);
      if (name === undefined) continue;
      if (kind === ownership) owners.add(value(row, 3));
      else draft.unmodelled.push({ kind, name });
    }
    for (const owner of owners) draft.unmodelled.push({ kind: ownership, name: quoteIdent(owner) });
  },
};
