/** Reads the comments on everything, for the families that make the objects. */
import { address } from "./draft.ts";
import { type CatalogFamily, firstUserOid, value } from "./family.ts";

/** Oid of the schema public that initdb makes; a public made later has an ordinary oid. */
const initialPublicOid = 2200;

export const comments: CatalogFamily = {
  name: "comments",
  width: 4,
  query: () => `
select d.classoid, d.objoid, d.objsubid, d.description
from pg_catalog.pg_description d
where d.objoid >= ${firstUserOid}
  or (d.objoid = ${initialPublicOid} and d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
order by 1, 2, 3`,
  read(rows, draft) {
    for (const row of rows) {
      const at = address(value(row, 0), value(row, 1));
      const known = draft.comments.get(at);
      if (known) known.set(value(row, 2), value(row, 3));
      else draft.comments.set(at, new Map([[value(row, 2), value(row, 3)]]));
    }
  },
};
