/** Reads from pg_depend what expressions refer to and hangs it on the objects that hold them. */
import { compareText } from "../../base/ordered.ts";
import type { ObjectId } from "../../model/kinds.ts";
import type { SchemaObject } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, columnIdAt, type ExpressionOwner } from "./draft.ts";
import { type CatalogFamily, firstUserOid, value } from "./family.ts";

/**
 * Only rows of things that hold an expression: defaults, policies, checks, indexes with an expression or a predicate, and
 * generated columns, whose references 14 records for the column and later versions for its default.
 */
export const dependencies: CatalogFamily = {
  name: "dependencies",
  query: () => `
with holder as (
  select 'pg_catalog.pg_attrdef'::pg_catalog.regclass::pg_catalog.oid as class, d.oid, 0 as part
  from pg_catalog.pg_attrdef d where d.adrelid >= ${firstUserOid}
  union all
  select 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, 0 from pg_catalog.pg_policy p
  union all
  select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 0
  from pg_catalog.pg_constraint k where k.contype = 'c' and k.conrelid >= ${firstUserOid}
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, 0
  from pg_catalog.pg_index i
  where i.indrelid >= ${firstUserOid} and (i.indexprs is not null or i.indpred is not null)
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum
  from pg_catalog.pg_attribute a where a.attrelid >= ${firstUserOid} and a.attgenerated <> ''
)
select distinct d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid
from holder
join pg_catalog.pg_depend d on d.classid = holder.class and d.objid = holder.oid and d.objsubid = holder.part
where d.refclassid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
  and d.refobjid >= ${firstUserOid}
  -- a default's reference to its own column
  and (d.classid <> 'pg_catalog.pg_attrdef'::pg_catalog.regclass or d.deptype = 'n')
order by 1, 2, 3, 4, 5, 6`,
  read(rows, draft) {
    const found = new Map<SchemaObject, Set<ObjectId>>();
    for (const row of rows) {
      const owner = draft.expressionOwners.get(address(value(row, 0), value(row, 1), value(row, 2)));
      if (!owner) continue;
      const target = address(value(row, 3), value(row, 4), value(row, 5));
      if (owner.goesWithColumn && draft.parkedColumns.has(target)) draft.gone.add(owner.object);
      const id = referredId(draft, owner, value(row, 3), value(row, 4), value(row, 5));
      if (id === undefined) continue;
      const ids = found.get(owner.object);
      if (ids) ids.add(id);
      else found.set(owner.object, new Set([id]));
    }
    for (const [object, ids] of found) {
      for (const id of object.dependsOn ?? []) ids.add(id);
      object.dependsOn = [...ids].sort(compareText);
    }
  },
};

function referredId(
  draft: CatalogDraft,
  owner: ExpressionOwner,
  classOid: string,
  oid: string,
  column: string,
): ObjectId | undefined {
  const id =
    classOid === catalogOid.relation && column !== "0"
      ? columnIdAt(draft, oid, column)
      : draft.ids.get(address(classOid, oid));
  return id === undefined || id === owner.id || owner.structural.has(id) ? undefined : id;
}
