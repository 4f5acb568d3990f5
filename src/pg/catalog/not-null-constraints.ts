/** Reads the NOT NULL constraints of 18 that are more than the attribute of a column, and the names that come from a parent. */
import { objectId } from "../../model/kinds.ts";
import type { NotNull } from "../../model/object.ts";
import { qualified, quoteIdent, serverMadeName } from "../../sql/identifier.ts";
import { address, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, firstUserOid, isTrue, value } from "./family.ts";

/** Of a constraint that came from a parent only the name is modelled. */
const inheritedKinds = { v: "not null constraint that is not valid", n: "not null constraint that is not inherited" };

/** The query lets names pass that are not the server's choice for short names; the reader knows how it cuts long ones. */
export const notNullConstraints: CatalogFamily = {
  name: "not null constraints",
  width: 7,
  since: 180000,
  query: () => `
select k.oid, k.conrelid, k.conkey[1], k.conname, nullif(not k.convalidated, false), nullif(k.connoinherit, false),
  nullif(k.coninhcount > 0, false)
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid and c.relkind in ('r', 'p')
join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
left join pg_catalog.pg_description d on d.classoid = ${catalogOid.constraint} and d.objoid = k.oid
where k.contype = 'n' and k.conrelid >= ${firstUserOid}
  and (k.conname <> c.relname || '_' || a.attname || '_not_null' or not k.convalidated or k.connoinherit
    or d.objoid is not null)
order by 2, 3`,
  read(rows, draft) {
    for (const row of rows) {
      const table = draft.tables.get(value(row, 1));
      const column = table?.columns.get(value(row, 2));
      if (!table || !column) continue;
      const name = value(row, 3);
      const usual = name === serverMadeName(table.name, column.name, "not_null");
      const comment = commentOn(draft, catalogOid.constraint, value(row, 0));
      const [notValid, noInherit] = [isTrue(row, 4), isTrue(row, 5)];
      if (isTrue(row, 6)) {
        if (!usual) column.notNullName = name;
        const place = `${qualified(table.schema, table.name)}.${quoteIdent(name)}`;
        if (notValid) draft.unmodelled.push({ kind: inheritedKinds.v, name: place });
        if (noInherit) draft.unmodelled.push({ kind: inheritedKinds.n, name: place });
        if (comment !== undefined) draft.unmodelled.push({ kind: "comment on not null constraint", name: place });
        continue;
      }
      if (usual && !notValid && !noInherit && comment === undefined) continue;
      const object: NotNull = { kind: "notNull", schema: table.schema, table: table.name, column: column.name, name };
      if (noInherit) object.noInherit = true;
      if (notValid) object.notValid = true;
      if (comment !== undefined) object.comment = comment;
      draft.ids.set(address(catalogOid.constraint, value(row, 0)), objectId(object));
      draft.objects.push(object);
    }
  },
};
