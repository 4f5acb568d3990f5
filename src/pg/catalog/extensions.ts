/** Reads extensions and what they own: a member of an extension is never part of the graph. */
import type { Extension } from "../../model/object.ts";
import { address, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, optional, value } from "./family.ts";

export const extensionMembers: CatalogFamily = {
  name: "extension members",
  width: 2,
  query: () => `
select d.classid, d.objid
from pg_catalog.pg_depend d
where d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.deptype = 'e'
order by 1, 2`,
  read(rows, draft) {
    for (const row of rows) draft.extensionMembers.add(address(value(row, 0), value(row, 1)));
  },
};

/**
 * Extensions but plpgsql, which every database has. CREATE EXTENSION sets the comment of the control file, so only
 * another one counts; the control files are read only when there is an extension.
 */
export const extensions: CatalogFamily = {
  name: "extensions",
  width: 4,
  query: () => `
with available as materialized (
  select a.name, a.comment from pg_catalog.pg_available_extensions() a
)
select e.oid, e.extname, n.nspname, (select a.comment from available a where a.name = e.extname)
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
where e.extname <> 'plpgsql'
order by 2`,
  read(rows, draft) {
    for (const row of rows) {
      const object: Extension = { kind: "extension", name: value(row, 1), schema: value(row, 2) };
      const comment = commentOn(draft, catalogOid.extension, value(row, 0));
      if (comment !== undefined && comment !== optional(row, 3)) object.comment = comment;
      draft.objects.push(object);
    }
  },
};
