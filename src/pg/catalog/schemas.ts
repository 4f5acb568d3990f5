/** Reads the schemas: which namespaces are in scope and which of them are objects of the graph. */
import { makeId, objectId, parentId } from "../../model/kinds.ts";
import type { Schema } from "../../model/object.ts";
import { address, type CatalogDraft, catalogOid, commentOn, isOwnSchema } from "./draft.ts";
import { type CatalogFamily, userNamespace, value } from "./family.ts";

/** What initdb says of the schema public. */
const publicComment = "standard public schema";

export const schemas: CatalogFamily = {
  name: "schemas",
  width: 2,
  query: () => `
select n.oid, n.nspname
from pg_catalog.pg_namespace n
where ${userNamespace}
order by 2`,
  read(rows, draft) {
    for (const row of rows) {
      const oid = value(row, 0);
      const name = value(row, 1);
      if (isOwnSchema(draft, name)) continue;
      draft.schemas.set(oid, name);
      if (draft.extensionMembers.has(address(catalogOid.namespace, oid))) continue;
      const object: Schema = { kind: "schema", name };
      const comment = commentOn(draft, catalogOid.namespace, oid);
      if (comment !== undefined && !(name === "public" && comment === publicComment)) object.comment = comment;
      draft.ids.set(address(catalogOid.namespace, oid), makeId("schema", name));
      draft.objects.push(object);
    }
  },
};

/** Leaves out the schema of the tool's tables where it is not public and nothing of the graph is in it: it came with them. */
export function leaveOutLedgerSchema({ options, objects, gone }: CatalogDraft): void {
  const { auditSchema, includeOwn } = options;
  if (includeOwn || auditSchema === "public") return;
  if (objects.some((object) => "schema" in object && object.schema === auditSchema && !gone.has(object))) return;
  const id = makeId("schema", auditSchema);
  for (const object of objects) if (objectId(object) === id || parentId(object) === id) gone.add(object);
}
