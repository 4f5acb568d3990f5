/** Reads row level security policies. */
import type { Policy } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, isTrue, optional, printed, value } from "./family.ts";

const commands: Readonly<Record<string, NonNullable<Policy["command"]>>> = {
  r: "select",
  a: "insert",
  w: "update",
  d: "delete",
};

export const policies: CatalogFamily = {
  name: "policies",
  width: 10,
  query: () => `
with named as (
  select p.oid, pg_catalog.json_agg(r.rolname order by r.rolname) as roles
  from pg_catalog.pg_policy p
  cross join lateral pg_catalog.unnest(p.polroles) as given(role)
  join pg_catalog.pg_roles r on r.oid = given.role
  group by p.oid
)
select p.oid, p.polname, p.polrelid, p.polcmd, p.polpermissive, named.roles, pg_catalog.pg_get_expr(p.polqual, p.polrelid),
  pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), p.polqual is not null, p.polwithcheck is not null
from pg_catalog.pg_policy p
left join named on named.oid = p.oid
order by p.oid`,
  read(rows, draft) {
    for (const row of rows) readPolicy(row, draft);
  },
};

function readPolicy(row: CatalogRow, draft: CatalogDraft): void {
  const table = draft.tables.get(value(row, 2));
  if (!table) return;
  const oid = value(row, 0);
  const object: Policy = { kind: "policy", schema: table.schema, table: table.name, name: value(row, 1) };
  const command = commands[value(row, 3)];
  if (command !== undefined) object.command = command;
  if (!isTrue(row, 4)) object.restrictive = true;
  const roles = optional(row, 5);
  if (roles !== undefined) object.roles = JSON.parse(roles) as string[];
  if (isTrue(row, 8)) object.using = printed(row, 6);
  if (isTrue(row, 9)) object.check = printed(row, 7);
  const comment = commentOn(draft, catalogOid.policy, oid);
  if (comment !== undefined) object.comment = comment;
  draft.expressionOwners.set(address(catalogOid.policy, oid), { object, goesWithColumn: false });
  draft.objects.push(object);
}
