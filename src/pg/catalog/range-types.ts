/** Reads range types with the multirange types that come with them. */
import { makeId } from "../../model/kinds.ts";
import type { RangeType } from "../../model/object.ts";
import { qualified } from "../../sql/identifier.ts";
import { address, type CatalogDraft, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, optional, value } from "./family.ts";

const named = (namespace: string, name: string): string =>
  `pg_catalog.quote_ident(${namespace}.nspname) || '.' || pg_catalog.quote_ident(${name})`;

export const rangeTypes: CatalogFamily = {
  name: "range types",
  width: 12,
  query: () => `
select t.oid, t.typarray, t.typnamespace, t.typname, pg_catalog.format_type(r.rngsubtype, null),
  case when not o.opcdefault then ${named("os", "o.opcname")} end,
  case when r.rngcollation <> s.typcollation then ${named("ls", "l.collname")} end,
  r.rngcanonical <> 0, ${named("ps", "p.proname")}, m.oid, m.typarray, m.typname
from pg_catalog.pg_range r
join pg_catalog.pg_type t on t.oid = r.rngtypid
join pg_catalog.pg_type s on s.oid = r.rngsubtype
join pg_catalog.pg_type m on m.oid = r.rngmultitypid
join pg_catalog.pg_opclass o on o.oid = r.rngsubopc
join pg_catalog.pg_namespace os on os.oid = o.opcnamespace
left join pg_catalog.pg_collation l on l.oid = r.rngcollation
left join pg_catalog.pg_namespace ls on ls.oid = l.collnamespace
left join pg_catalog.pg_proc p on p.oid = r.rngsubdiff
left join pg_catalog.pg_namespace ps on ps.oid = p.pronamespace
where t.oid >= ${firstUserOid}
order by t.oid`,
  read(rows, draft) {
    for (const row of rows) readRange(row, draft);
  },
};

function readRange(row: CatalogRow, draft: CatalogDraft): void {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 2));
  if (schema === undefined || draft.extensionMembers.has(address(catalogOid.type, oid))) return;
  const name = value(row, 3);
  // its function takes the type itself, so that one of them has to be there before the other
  if (isTrue(row, 7)) {
    draft.unmodelled.push({ kind: "range type with a canonical function", name: qualified(schema, name) });
    return;
  }
  const object: RangeType = { kind: "rangeType", schema, name, subtype: value(row, 4), multirange: value(row, 11) };
  const [operatorClass, collation, difference] = [optional(row, 5), optional(row, 6), optional(row, 8)];
  if (operatorClass !== undefined) object.operatorClass = operatorClass;
  if (collation !== undefined) object.collation = collation;
  if (difference !== undefined) object.difference = difference;
  const comment = commentOn(draft, catalogOid.type, oid);
  if (comment !== undefined) object.comment = comment;
  if (commentOn(draft, catalogOid.type, value(row, 9)) !== undefined) {
    draft.unmodelled.push({ kind: "comment on multirange type", name: qualified(schema, object.multirange) });
  }
  const id = makeId("rangeType", schema, name);
  for (const type of [oid, value(row, 1), value(row, 9), value(row, 10)]) {
    draft.ids.set(address(catalogOid.type, type), id);
  }
  draft.expressionOwners.set(address(catalogOid.type, oid), { object, goesWithColumn: false });
  draft.objects.push(object);
}
