/** Reads triggers that somebody made; those behind foreign keys and on partitions come with other objects. */
import type { Trigger } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, commentOn, isHelper } from "./draft.ts";
import { type CatalogFamily, type CatalogRow, printed, value } from "./family.ts";

/** tgenabled, ev_enabled and evtenabled; O, the default, is absent. */
export const firings: Readonly<Record<string, "never" | "replica" | "always">> = {
  D: "never",
  R: "replica",
  A: "always",
};

export const triggers: CatalogFamily = {
  name: "triggers",
  width: 5,
  query: () => `
select t.oid, t.tgrelid, t.tgname, t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid)
from pg_catalog.pg_trigger t
where not t.tgisinternal and t.tgparentid = 0
order by t.oid`,
  read(rows, draft) {
    for (const row of rows) readTrigger(row, draft);
  },
};

function readTrigger(row: CatalogRow, draft: CatalogDraft): void {
  const view = draft.views.get(value(row, 1));
  const table = view ?? draft.tables.get(value(row, 1));
  const oid = value(row, 0);
  if (!table || isHelper(draft, value(row, 2)) || draft.extensionMembers.has(address(catalogOid.trigger, oid))) return;
  const object: Trigger = {
    kind: "trigger",
    schema: table.schema,
    table: table.name,
    name: value(row, 2),
    definition: printed(row, 4),
  };
  if (view) object.on = "view";
  const firing = firings[value(row, 3)];
  if (firing !== undefined) object.firing = firing;
  const comment = commentOn(draft, catalogOid.trigger, oid);
  if (comment !== undefined) object.comment = comment;
  draft.expressionOwners.set(address(catalogOid.trigger, oid), { object, goesWithColumn: false });
  draft.objects.push(object);
}
