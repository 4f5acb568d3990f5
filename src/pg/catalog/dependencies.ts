/** Reads from pg_depend what expressions refer to and hangs it on the objects that hold them. */
import { compareText } from "../../base/ordered.ts";
import { type ObjectId, objectId, referencesOf } from "../../model/kinds.ts";
import type { SchemaObject } from "../../model/object.ts";
import { address, columnIdAt } from "./draft.ts";
import { type CatalogFamily, firstUserOid, optional, value } from "./family.ts";
import { otherCollation } from "./indexes.ts";

/** Until 14 what a generated column refers to is recorded for the column, since 15 for its default. */
const generatedColumns = `
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum
  from pg_catalog.pg_attribute a where a.attrelid >= ${firstUserOid} and a.attgenerated <> ''`;

/** Row filters of publications exist since 15. */
const rowFilters = `
  union all
  select 'pg_catalog.pg_publication_rel'::pg_catalog.regclass, r.oid, 0
  from pg_catalog.pg_publication_rel r where r.prqual is not null`;

/** Only rows of things that hold an expression: defaults, policies, checks, routines, triggers, indexes with an expression. */
export const dependencies: CatalogFamily = {
  name: "dependencies",
  width: 6,
  query: (versionNum) => `
with holder as (
  select 'pg_catalog.pg_attrdef'::pg_catalog.regclass::pg_catalog.oid as class, d.oid, 0 as part
  from pg_catalog.pg_attrdef d where d.adrelid >= ${firstUserOid}
  union all
  select 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, 0 from pg_catalog.pg_policy p
  union all
  select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 0
  from pg_catalog.pg_constraint k where k.contype in ('c', 'x') and (k.conrelid >= ${firstUserOid} or k.contypid >= ${firstUserOid})
  union all
  select 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid, 0
  from pg_catalog.pg_statistic_ext s where s.stxrelid >= ${firstUserOid}
  union all
  select 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 0
  from pg_catalog.pg_type t where t.typtype in ('d', 'r') and t.oid >= ${firstUserOid}
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('c', 'f')
  where c.oid >= ${firstUserOid} and a.attnum > 0 and not a.attisdropped
  union all
  select 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, 0 from pg_catalog.pg_proc p where p.oid >= ${firstUserOid}
  union all
  select 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, 0
  from pg_catalog.pg_trigger t where not t.tgisinternal and t.tgparentid = 0
  union all
  select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid, 0
  from pg_catalog.pg_rewrite r where r.ev_class >= ${firstUserOid}
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, 0
  from pg_catalog.pg_index i
  where i.indrelid >= ${firstUserOid} and (i.indexprs is not null or i.indpred is not null or ${otherCollation})${versionNum < 150000 ? generatedColumns : rowFilters}
)
select distinct d.classid, d.objid, nullif(d.objsubid, 0), d.refclassid, d.refobjid, nullif(d.refobjsubid, 0)
from holder
cross join lateral (
  -- One look into the index a holder: on a catalog without statistics, as right after a thousand tables were made, the
  -- server would else read all holders again for each dependency.
  select e.* from pg_catalog.pg_depend e
  where e.classid = holder.class and e.objid = holder.oid and e.objsubid = holder.part offset 0
) as d
where d.refclassid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass,
    'pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_constraint'::pg_catalog.regclass,
    'pg_catalog.pg_collation'::pg_catalog.regclass, 'pg_catalog.pg_ts_config'::pg_catalog.regclass,
    'pg_catalog.pg_ts_dict'::pg_catalog.regclass)
  and d.refobjid >= ${firstUserOid}
  -- but not a default's reference to its own column
  and (d.classid <> 'pg_catalog.pg_attrdef'::pg_catalog.regclass or d.deptype = 'n')
order by 1, 2, 3, 4, 5, 6`,
  read(rows, draft) {
    const found = new Map<SchemaObject, Set<ObjectId>>();
    for (const row of rows) {
      const owner = draft.expressionOwners.get(address(value(row, 0), value(row, 1), optional(row, 2)));
      if (!owner) continue;
      const [classOid, oid, column] = [value(row, 3), value(row, 4), optional(row, 5)];
      if (owner.goesWithColumn && draft.parkedColumns.has(address(classOid, oid, column))) draft.gone.add(owner.object);
      // The columns of a view or a foreign table are no objects: what refers to one refers to the whole.
      const inTable = column !== undefined && !draft.views.has(oid) && !draft.foreignTables.has(oid);
      const id = inTable ? columnIdAt(draft, oid, column) : draft.ids.get(address(classOid, oid));
      if (id === undefined) continue;
      const ids = found.get(owner.object);
      if (ids) ids.add(id);
      else found.set(owner.object, new Set([id]));
    }
    for (const [object, ids] of found) {
      ids.delete(objectId(object));
      // until here dependsOn holds the column's type and nothing else
      for (const id of object.dependsOn ?? []) ids.add(id);
      for (const id of structuralIds(object)) ids.delete(id);
      if (ids.size > 0) object.dependsOn = [...ids].sort(compareText);
    }
  },
};

/** What the object's own members name already: its parent and the objects its structure refers to. */
function structuralIds(object: SchemaObject): readonly ObjectId[] {
  return referencesOf({ ...object, dependsOn: [] });
}
