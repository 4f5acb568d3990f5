/** Reads who owns what, for those who ask. What the reading role owns is not said. */
import { objectId } from "../../model/kinds.ts";
import type { SchemaObject } from "../../model/object.ts";
import { type Owned, type OwnedKind, ownedKinds } from "../../model/owner.ts";
import { address, catalogOid } from "./draft.ts";
import { type CatalogFamily, firstUserOid, value } from "./family.ts";

/** Class, catalog and the start of its column names. */
const sources: readonly (readonly [classOid: string, catalog: string, prefix: string])[] = [
  [catalogOid.relation, "pg_class", "rel"],
  [catalogOid.type, "pg_type", "typ"],
  [catalogOid.routine, "pg_proc", "pro"],
  [catalogOid.collation, "pg_collation", "coll"],
  [catalogOid.eventTrigger, "pg_event_trigger", "evt"],
  [catalogOid.foreignDataWrapper, "pg_foreign_data_wrapper", "fdw"],
  [catalogOid.foreignServer, "pg_foreign_server", "srv"],
];

/** The schema public belongs to whom initdb gave it, unless somebody gave it away. */
const namespaces = `
  select ${catalogOid.namespace} as class, o.oid, o.nspowner as owner from pg_catalog.pg_namespace o
  where not (o.nspname = 'public' and o.nspowner in (10, 6171))`;

export const owners: CatalogFamily = {
  name: "owners",
  width: 3,
  query: () => `
with held as (${[
    namespaces,
    ...sources.map(
      ([classOid, catalog, prefix]) => `
  select ${classOid}, o.oid, o.${prefix}owner from pg_catalog.${catalog} o
  where o.oid >= ${firstUserOid}`,
    ),
  ].join("\n  union all")}
)
select h.class, h.oid, pg_catalog.pg_get_userbyid(h.owner)
from held h
where h.owner <> current_user::pg_catalog.regrole
order by 1, 2`,
  read(rows, draft) {
    const byId = new Map<string, SchemaObject>(draft.objects.map((object) => [objectId(object), object]));
    for (const row of rows) {
      const id = draft.ids.get(address(value(row, 0), value(row, 1)));
      const on = id === undefined ? undefined : ownedOf(byId.get(id));
      if (on === undefined) continue;
      const owner: SchemaObject = { kind: "owner", on, role: value(row, 2) };
      // the row type of a table and its array are found under the table's id as well
      if (byId.has(objectId(owner))) continue;
      byId.set(objectId(owner), owner);
      draft.objects.push(owner);
    }
  },
};

/** An object as something that has an owner; the sequence of a column belongs to the owner of the table. */
function ownedOf(object: SchemaObject | undefined): Owned | undefined {
  if (object === undefined || !(ownedKinds as readonly string[]).includes(object.kind)) return undefined;
  if (object.kind === "sequence" && object.ownedBy !== undefined) return undefined;
  const named = object as { kind: OwnedKind; schema?: string; name: string; arguments?: string };
  return {
    kind: named.kind,
    ...(named.schema === undefined ? {} : { schema: named.schema }),
    name: named.name,
    ...(named.arguments === undefined ? {} : { arguments: named.arguments }),
  };
}
