/** Reads enum types with their values in order. */
import { makeId } from "../../model/kinds.ts";
import type { Enum } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, firstUserOid, optional, value } from "./family.ts";

export const enums: CatalogFamily = {
  name: "enums",
  width: 5,
  query: () => `
select t.oid, t.typarray, t.typnamespace, t.typname, e.enumlabel
from pg_catalog.pg_type t
left join pg_catalog.pg_enum e on e.enumtypid = t.oid
where t.typtype = 'e' and t.oid >= ${firstUserOid}
order by t.oid, e.enumsortorder`,
  read(rows, draft) {
    let current: Enum | undefined;
    let currentOid = "";
    for (const row of rows) {
      const oid = value(row, 0);
      if (oid !== currentOid) {
        currentOid = oid;
        current = startEnum(draft, oid, value(row, 1), value(row, 2), value(row, 3));
      }
      const label = optional(row, 4);
      if (current && label !== undefined) current.values.push(label);
    }
  },
};

function startEnum(
  draft: CatalogDraft,
  oid: string,
  arrayOid: string,
  schemaOid: string,
  name: string,
): Enum | undefined {
  const schema = draft.schemas.get(schemaOid);
  if (schema === undefined || draft.extensionMembers.has(address(catalogOid.type, oid))) return undefined;
  const object: Enum = { kind: "enum", schema, name, values: [] };
  const comment = commentOn(draft, catalogOid.type, oid);
  if (comment !== undefined) object.comment = comment;
  const id = makeId("enum", schema, name);
  draft.ids.set(address(catalogOid.type, oid), id);
  draft.ids.set(address(catalogOid.type, arrayOid), id);
  draft.objects.push(object);
  return object;
}
