/**
 * Reads what is granted, on objects and by default, as far as it differs from what new objects give. Lists what of it the
 * graph does not model, and owners, one entry a role.
 */
import { defined } from "../../base/assert.ts";
import {
  type DefaultTarget,
  type Grant,
  type GrantTarget,
  type Privilege,
  privileges,
  type Standings,
  standingsOf,
} from "../../model/grant.ts";
import { targetOf } from "../../model/grant-target.ts";
import { nameOfId, objectId } from "../../model/kinds.ts";
import type { DefaultPrivileges, SchemaObject } from "../../model/object.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, isParked } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, optional, value } from "./family.ts";

/** Oids of the first superuser and of pg_database_owner: who owns the schema public before 15 and since. */
const publicOwners = "10, 6171";

const ownership = "objects owned by role";
const otherGrantor = "grants by another role than the owner";

/**
 * What initdb grants on the schema public, whoever made the one that is there: pg_dump takes it for granted as well
 * (getNamespaces in pg_dump.c, 15 to 18).
 */
const usualOnPublic = (versionNum: number): string =>
  [
    "pg_catalog.acldefault('n', n.nspowner)",
    "pg_catalog.makeaclitem(0, n.nspowner, 'USAGE', false)",
    ...(versionNum < 150000 ? ["pg_catalog.makeaclitem(0, n.nspowner, 'CREATE', false)"] : []),
  ].join(" || ");

/** SQL: privileges of a list `acl` that differ from those of `usual`, one row a grantee: `SELECT, INSERT*, UPDATE-`. */
const differing = (owner: string, acl: string, usual: string): string => `
  select coalesce(given.grantee, plain.grantee) as grantee,
    pg_catalog.string_agg(coalesce(given.privilege_type, plain.privilege_type)
      || case when given.grantee is null then '-' when given.passed_on then '*' else '' end, ',') as standings
  from (
    select item.grantee, item.privilege_type, pg_catalog.bool_or(item.is_grantable) as passed_on
    from pg_catalog.aclexplode(${acl}) item where item.grantor = ${owner} group by item.grantee, item.privilege_type
  ) given
  full join pg_catalog.aclexplode(${usual}) plain
    on plain.grantee = given.grantee and plain.privilege_type = given.privilege_type
  where given.grantee is null or plain.grantee is null or given.passed_on
  group by 1`;

/** SQL: a grantee's name, null for the owner. PUBLIC has no oid, and no role can have its name. */
const granteeName = (grantee: string, owner: string): string =>
  `case when ${grantee} = 0 then 'public' when ${grantee} <> ${owner} then pg_catalog.pg_get_userbyid(${grantee}) end`;

const namedPrivileges = new Map(privileges.map((name) => [name.toUpperCase(), name]));

/** Ownership counts when it is not the database owner's; a list of grants when it is not what an owner has by default. */
export const grants: CatalogFamily = {
  name: "grants and owners",
  width: 6,
  query: (versionNum) => `
with held as (
  select ${catalogOid.relation} as class, c.oid, null::pg_catalog.name as part, c.relowner as owner, c.relacl as acl,
    pg_catalog.acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner) as usual
  from pg_catalog.pg_class c
  where c.oid >= ${firstUserOid} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select ${catalogOid.relation}, a.attrelid, a.attname, c.relowner, a.attacl, null
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  where a.attrelid >= ${firstUserOid} and a.attnum > 0 and not a.attisdropped and a.attacl is not null
  union all
  select ${catalogOid.type}, t.oid, null, t.typowner, t.typacl, pg_catalog.acldefault('T', t.typowner)
  from pg_catalog.pg_type t
  left join pg_catalog.pg_class c on c.oid = t.typrelid
  where t.oid >= ${firstUserOid} and (t.typtype in ('d', 'e', 'r') or c.relkind = 'c')
  union all
  select ${catalogOid.routine}, p.oid, null, p.proowner, p.proacl, pg_catalog.acldefault('f', p.proowner)
  from pg_catalog.pg_proc p
  where p.oid >= ${firstUserOid}
  union all
  select ${catalogOid.foreignServer}, s.oid, null, s.srvowner, s.srvacl, pg_catalog.acldefault('S', s.srvowner)
  from pg_catalog.pg_foreign_server s
  union all
  select ${catalogOid.foreignDataWrapper}, w.oid, null, w.fdwowner, w.fdwacl, pg_catalog.acldefault('F', w.fdwowner)
  from pg_catalog.pg_foreign_data_wrapper w
  union all
  select ${catalogOid.namespace}, n.oid, null, n.nspowner, n.nspacl, pg_catalog.acldefault('n', n.nspowner)
  from pg_catalog.pg_namespace n
  where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public')
  union all
  select ${catalogOid.namespace}, n.oid, null, n.nspowner, coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)),
    ${usualOnPublic(versionNum)}
  from pg_catalog.pg_namespace n
  where n.nspname = 'public'
), said as (
  select * from held h where h.acl is not null and (h.usual is null or not (h.acl @> h.usual and h.acl <@ h.usual))
)
select 'grants', s.class, s.oid, s.part, ${granteeName("d.grantee", "s.owner")}, d.standings
from said s
cross join lateral (${differing("s.owner", "s.acl", "s.usual")}) d
union all
select '${otherGrantor}', s.class, s.oid, s.part, null, null
from said s
where exists (select from pg_catalog.aclexplode(s.acl) a where a.grantor <> s.owner)
union all
select '${ownership}', h.class, h.oid, null, r.rolname, null
from held h
join pg_catalog.pg_roles r on r.oid = h.owner
where h.part is null and h.owner <> (
    select d.datdba from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()
  )
  and not (h.class = ${catalogOid.namespace} and h.owner in (${publicOwners}))
union all
select 'grants on large object', 0, m.oid, null, null, null
from pg_catalog.pg_largeobject_metadata m
where m.lomacl is not null and not (m.lomacl @> pg_catalog.acldefault('L', m.lomowner) and m.lomacl <@ pg_catalog.acldefault('L', m.lomowner))
union all
select 'grants on database', 0, d.oid, d.datname, null, null
from pg_catalog.pg_database d
where d.datname = pg_catalog.current_database() and d.datacl is not null
  and not (d.datacl @> pg_catalog.acldefault('d', d.datdba) and d.datacl <@ pg_catalog.acldefault('d', d.datdba))
order by 1, 2, 3, 4, 5`,
  read(rows, draft) {
    if (rows.length === 0) return;
    const byId = new Map<string, SchemaObject>(draft.objects.map((object) => [objectId(object), object]));
    const owners = new Set<string>();
    for (const row of rows) {
      const kind = value(row, 0);
      if (value(row, 1) === "0") {
        if (draft.options.only !== undefined) continue;
        const name = optional(row, 3);
        draft.unmodelled.push({ kind, name: name === undefined ? value(row, 2) : quoteIdent(name) });
        continue;
      }
      const id = draft.ids.get(address(value(row, 1), value(row, 2)));
      const sequence = draft.identitySequences.get(value(row, 2));
      if (kind === ownership) {
        const found = id !== undefined || sequence !== undefined;
        if (found && draft.options.owners !== true) owners.add(value(row, 4));
        continue;
      }
      const object = id === undefined ? undefined : byId.get(id);
      const on = object && targetAt(object, row, draft);
      if (on !== undefined && kind === "grants") draft.objects.push(grantOf(row, on));
      else if (on !== undefined) draft.unmodelled.push({ kind, name: nameOfId(defined(id, "its id")) });
      else if (sequence !== undefined) draft.unmodelled.push({ kind: "grants on identity sequence", name: sequence });
    }
    for (const owner of owners) draft.unmodelled.push({ kind: ownership, name: quoteIdent(owner) });
  },
};

/** What a row is about: an object of the graph, or a column of one. */
function targetAt(object: SchemaObject, row: CatalogRow, draft: CatalogDraft): GrantTarget | undefined {
  const on = targetOf(object);
  const column = optional(row, 3);
  if (column === undefined || on === undefined) return on;
  if (isParked(draft, column)) return undefined;
  const { kind } = object;
  const of = kind === "view" || kind === "materializedView" || kind === "foreignTable" ? { of: kind } : {};
  return { kind: "column", schema: on.schema ?? "", table: on.name, name: column, ...of };
}

function grantOf(row: CatalogRow, on: GrantTarget): Grant {
  const to = optional(row, 4);
  return { kind: "grant", on, ...(to === undefined ? {} : { to }), ...standingsAt(value(row, 5)) };
}

function standingsAt(list: string): object {
  const found: { [K in Privilege]?: string } = {};
  for (const item of list.split(",")) {
    const sign = item.at(-1);
    const marked = sign === "*" || sign === "-";
    const name = namedPrivileges.get(marked ? item.slice(0, -1) : item);
    if (name !== undefined) found[name] = sign === "*" ? "grantable" : sign === "-" ? "none" : "granted";
  }
  return standingsOf(found as Standings);
}

const defaultKinds: Readonly<Record<string, DefaultTarget>> = {
  r: "tables",
  S: "sequences",
  f: "functions",
  T: "types",
  n: "schemas",
};

/**
 * Default privileges. Those of the role that migrates are everybody's own: it made the tool's tables, or, where there are
 * none yet, it is the one that reads.
 */
export const defaultPrivileges: CatalogFamily = {
  name: "default privileges",
  width: 5,
  query: () => `
select a.defaclobjtype, nullif(a.defaclnamespace, 0),
  case when a.defaclrole <> coalesce(
    (select c.relowner from pg_catalog.pg_class c where c.relname = '_zanith_migrations' order by c.oid limit 1),
    current_user::pg_catalog.regrole
  ) then pg_catalog.pg_get_userbyid(a.defaclrole) end, ${granteeName("d.grantee", "a.defaclrole")}, d.standings
from pg_catalog.pg_default_acl a
cross join lateral (${differing(
    "a.defaclrole",
    "a.defaclacl",
    `case when a.defaclnamespace = 0 then
      pg_catalog.acldefault(case a.defaclobjtype when 'S' then 's'::"char" else a.defaclobjtype end, a.defaclrole) end`,
  )}) d
order by 1, 2, 3, 4`,
  read(rows, draft) {
    for (const row of rows) {
      const on = defaultKinds[value(row, 0)];
      const schemaOid = optional(row, 1);
      const role = optional(row, 2);
      const schema = schemaOid === undefined ? undefined : draft.schemas.get(schemaOid);
      if (schemaOid === undefined && draft.options.only !== undefined) continue;
      if (schemaOid !== undefined && draft.ids.get(address(catalogOid.namespace, schemaOid)) === undefined) continue;
      if (on === undefined) {
        const name = role === undefined ? "of the migrating role" : `of ${quoteIdent(role)}`;
        draft.unmodelled.push({ kind: "default privileges on large objects", name });
        continue;
      }
      const to = optional(row, 3);
      const object: DefaultPrivileges = {
        kind: "defaultPrivileges",
        on,
        ...(schema === undefined ? {} : { in: schema }),
        ...(role === undefined ? {} : { role }),
        ...(to === undefined ? {} : { to }),
        ...standingsAt(value(row, 4)),
      };
      draft.objects.push(object);
    }
  },
};
