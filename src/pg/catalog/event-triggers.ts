/** Reads event triggers. */
import type { EventTrigger } from "../../model/object.ts";
import { address, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, firstUserOid, optional, value } from "./family.ts";
import { firings } from "./triggers.ts";

export const eventTriggers: CatalogFamily = {
  name: "event triggers",
  width: 7,
  query: () => `
select e.oid, e.evtname, e.evtevent, e.evtenabled, pg_catalog.array_to_json(e.evttags), n.nspname, p.proname
from pg_catalog.pg_event_trigger e
join pg_catalog.pg_proc p on p.oid = e.evtfoid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where e.oid >= ${firstUserOid}
order by 2`,
  read(rows, draft) {
    for (const row of rows) {
      const at = address(catalogOid.eventTrigger, value(row, 0));
      if (draft.extensionMembers.has(at)) continue;
      const object: EventTrigger = {
        kind: "eventTrigger",
        name: value(row, 1),
        event: value(row, 2),
        function: { schema: value(row, 5), name: value(row, 6) },
      };
      const tags = optional(row, 4);
      if (tags !== undefined) object.tags = JSON.parse(tags) as string[];
      const firing = firings[value(row, 3)];
      if (firing !== undefined) object.firing = firing;
      const comment = commentOn(draft, catalogOid.eventTrigger, value(row, 0));
      if (comment !== undefined) object.comment = comment;
      draft.objects.push(object);
    }
  },
};
