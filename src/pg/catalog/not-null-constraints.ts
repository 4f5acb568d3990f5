/**
 * Lists the NOT NULL constraints of 18 that are more than the attribute of a column: the graph does not model them, but for
 * the names that come from a parent.
 */
import { qualified, quoteIdent, serverMadeName } from "../../sql/identifier.ts";
import { catalogOid } from "./draft.ts";
import { type CatalogFamily, firstUserOid, isTrue, value } from "./family.ts";

const named = "not null constraint with a name of its own";

/** The query lets names pass that are not the server's choice for short names; the reader knows how it cuts long ones. */
export const notNullConstraints: CatalogFamily = {
  name: "not null constraints",
  width: 5,
  since: 180000,
  query: () => `
select s.kind, k.conrelid, k.conkey[1], k.conname, nullif(k.coninhcount > 0, false)
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid and c.relkind in ('r', 'p')
join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
left join pg_catalog.pg_description d on d.classoid = ${catalogOid.constraint} and d.objoid = k.oid
cross join lateral (values
  ('${named}', k.conname <> c.relname || '_' || a.attname || '_not_null'),
  ('not null constraint that is not valid', not k.convalidated),
  ('not null constraint that is not inherited', k.connoinherit),
  ('comment on not null constraint', d.objoid is not null)
) as s(kind, present)
where k.contype = 'n' and k.conrelid >= ${firstUserOid} and s.present
order by 1, 2, 3`,
  read(rows, draft) {
    for (const row of rows) {
      const kind = value(row, 0);
      const name = value(row, 3);
      const table = draft.tables.get(value(row, 1));
      const column = table?.columns.get(value(row, 2));
      if (!table || !column) continue;
      if (kind === named && name === serverMadeName(table.name, column.name, "not_null")) continue;
      if (kind === named && isTrue(row, 4)) column.notNullName = name;
      else draft.unmodelled.push({ kind, name: `${qualified(table.schema, table.name)}.${quoteIdent(name)}` });
    }
  },
};
