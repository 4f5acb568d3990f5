/** Reads composite types that stand for themselves; the row types of tables and views come with those. */
import { makeId } from "../../model/kinds.ts";
import type { CompositeType } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, optional, userNamespace, value } from "./family.ts";

export const compositeTypes: CatalogFamily = {
  name: "composite types",
  width: 9,
  query: () => `
select c.oid, c.reltype, t.typarray, c.relnamespace, c.relname, a.attnum, a.attname,
  pg_catalog.format_type(a.atttypid, a.atttypmod),
  case when a.attcollation <> b.typcollation
    then pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) end
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_type t on t.oid = c.reltype
left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_type b on b.oid = a.atttypid
left join pg_catalog.pg_collation l on l.oid = a.attcollation
left join pg_catalog.pg_namespace ln on ln.oid = l.collnamespace
where c.relkind = 'c' and ${userNamespace}
order by c.oid, a.attnum`,
  read(rows, draft) {
    let current: CompositeType | undefined;
    let currentOid = "";
    for (const row of rows) {
      const oid = value(row, 0);
      if (oid !== currentOid) {
        currentOid = oid;
        current = startType(row, draft);
      }
      if (current !== undefined) readAttribute(row, draft, current);
    }
  },
};

function startType(row: CatalogRow, draft: CatalogDraft): CompositeType | undefined {
  const type = value(row, 1);
  const schema = draft.schemas.get(value(row, 3));
  if (schema === undefined || draft.extensionMembers.has(address(catalogOid.type, type))) return undefined;
  const object: CompositeType = { kind: "compositeType", schema, name: value(row, 4), attributes: [] };
  const comment = commentOn(draft, catalogOid.type, type);
  if (comment !== undefined) object.comment = comment;
  const id = makeId("compositeType", schema, object.name);
  draft.ids.set(address(catalogOid.type, type), id);
  draft.ids.set(address(catalogOid.type, value(row, 2)), id);
  draft.ids.set(address(catalogOid.relation, value(row, 0)), id);
  draft.objects.push(object);
  return object;
}

function readAttribute(row: CatalogRow, draft: CatalogDraft, type: CompositeType): void {
  const number = optional(row, 5);
  if (number === undefined) return;
  const attribute: CompositeType["attributes"][number] = { name: value(row, 6), type: value(row, 7) };
  const collation = optional(row, 8);
  const at = address(catalogOid.relation, value(row, 0));
  const comment = draft.comments.get(at)?.get(number);
  if (collation !== undefined) attribute.collation = collation;
  if (comment !== undefined) attribute.comment = comment;
  draft.expressionOwners.set(address(catalogOid.relation, value(row, 0), number), {
    object: type,
    goesWithColumn: false,
  });
  type.attributes.push(attribute);
}
