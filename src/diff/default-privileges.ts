/** What default privileges do to objects that are made: where the wanted schema says otherwise, it is set right afterwards. */
import { grantsOfNew } from "../model/default-privileges.ts";
import { bareGrant, levelOf, privileges } from "../model/grant.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { getObject } from "../model/graph.ts";
import { objectId } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import type { SingleChange } from "../operation/define.ts";
import { alterations } from "./graph-diff.ts";

/**
 * The changes that lead from what new objects are given in the schema as it is to what is wanted. A privilege that is both
 * given and wanted has a change of its own as that of a new grant.
 */
export function givenByDefault(made: readonly SchemaObject[], before: SchemaGraph, after: SchemaGraph): SingleChange[] {
  const changes: SingleChange[] = [];
  for (const object of made) {
    for (const given of grantsOfNew(before, object)) {
      const id = objectId(given);
      const bare = bareGrant(given.on, given.to);
      const wanted = getObject(after, "grant", id) ?? bare;
      const surplus = privileges.filter((name) => levelOf(given, name) > levelOf(wanted, name));
      const missing = privileges.filter(
        (name) => levelOf(given, name) < levelOf(wanted, name) && levelOf(bare, name) >= levelOf(wanted, name),
      );
      const affected: readonly string[] = [...surplus, ...missing];
      changes.push(...alterations(id, given, wanted).filter(({ attribute }) => affected.includes(attribute)));
    }
  }
  return changes;
}
