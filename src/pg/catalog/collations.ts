/** Reads collations. The version of the library a collation was made with is no part of the schema: no dump carries it. */
import { makeId } from "../../model/kinds.ts";
import type { Collation } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, isTrue, optional, value } from "./family.ts";

const providers: Readonly<Record<string, Collation["provider"]>> = { c: "libc", i: "icu", b: "builtin" };

/** Where the locale stands: with the two parts of libc until 14, then in a column of its own that 17 renamed. */
function localeColumn(versionNum: number): string {
  if (versionNum >= 170000) return "l.colllocale";
  if (versionNum >= 150000) return "l.colliculocale";
  return "case when l.collprovider <> 'c' then l.collcollate end";
}

export const collations: CatalogFamily = {
  name: "collations",
  width: 9,
  query: (versionNum) => `
select l.oid, l.collnamespace, l.collname, l.collprovider, ${localeColumn(versionNum)}, l.collcollate, l.collctype,
  l.collisdeterministic, ${versionNum >= 160000 ? "l.collicurules" : "null"}
from pg_catalog.pg_collation l
where l.oid >= ${firstUserOid}
order by l.oid`,
  read(rows, draft) {
    for (const row of rows) readCollation(row, draft);
  },
};

function readCollation(row: CatalogRow, draft: CatalogDraft): void {
  const oid = value(row, 0);
  const schema = draft.schemas.get(value(row, 1));
  const provider = providers[value(row, 3)];
  if (schema === undefined || provider === undefined) return;
  if (draft.extensionMembers.has(address(catalogOid.collation, oid))) return;
  const object: Collation = { kind: "collation", schema, name: value(row, 2), provider };
  const [collate, ctype] = [optional(row, 5), optional(row, 6)];
  const locale = provider === "libc" && collate === ctype ? collate : optional(row, 4);
  if (locale !== undefined) object.locale = locale;
  else {
    if (collate !== undefined) object.collate = collate;
    if (ctype !== undefined) object.ctype = ctype;
  }
  if (!isTrue(row, 7)) object.nondeterministic = true;
  const rules = optional(row, 8);
  if (rules !== undefined) object.rules = rules;
  const comment = commentOn(draft, catalogOid.collation, oid);
  if (comment !== undefined) object.comment = comment;
  draft.ids.set(address(catalogOid.collation, oid), makeId("collation", schema, object.name));
  draft.objects.push(object);
}
