/** Reads rules on tables and views, but for the one that makes a view a view. */
import type { Rule } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, firstUserOid, printed, value } from "./family.ts";
import { firings } from "./triggers.ts";

export const rules: CatalogFamily = {
  name: "rules",
  width: 5,
  query: () => `
select r.oid, r.ev_class, r.rulename, r.ev_enabled, pg_catalog.pg_get_ruledef(r.oid)
from pg_catalog.pg_rewrite r
where r.ev_class >= ${firstUserOid} and r.rulename <> '_RETURN'
order by r.oid`,
  read(rows, draft) {
    for (const row of rows) readRule(row, draft);
  },
};

function readRule(row: CatalogRow, draft: CatalogDraft): void {
  const view = draft.views.get(value(row, 1));
  const table = view ?? draft.tables.get(value(row, 1));
  const oid = value(row, 0);
  if (!table || draft.extensionMembers.has(address(catalogOid.rule, oid))) return;
  const object: Rule = {
    kind: "rule",
    schema: table.schema,
    table: table.name,
    name: value(row, 2),
    definition: printed(row, 4).replace(/;$/, ""),
  };
  if (view) object.on = "view";
  const firing = firings[value(row, 3)];
  if (firing !== undefined) object.firing = firing;
  const comment = commentOn(draft, catalogOid.rule, oid);
  if (comment !== undefined) object.comment = comment;
  draft.expressionOwners.set(address(catalogOid.rule, oid), { object, goesWithColumn: false });
  draft.objects.push(object);
}
