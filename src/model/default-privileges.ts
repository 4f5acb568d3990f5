/** What default privileges give to a new object: the grants it has the moment it is made. Knows no operation. */
import {
  bareGrant,
  type DefaultPrivileges,
  defaultTargets,
  type Grant,
  levelOf,
  privileges,
  withLevel,
} from "./grant.ts";
import { targetOf } from "./grant-target.ts";
import type { SchemaGraph } from "./graph.ts";
import type { SchemaObject } from "./object.ts";

const known = new WeakMap<SchemaGraph, readonly DefaultPrivileges[]>();

/** The default privileges of the role that migrates, those for any schema first. */
function ownDefaults(graph: SchemaGraph): readonly DefaultPrivileges[] {
  const found = known.get(graph);
  if (found !== undefined) return found;
  const own = [...graph.objects.values()].filter(
    (object): object is DefaultPrivileges => object.kind === "defaultPrivileges" && object.role === undefined,
  );
  own.sort((a, b) => Number(a.in !== undefined) - Number(b.in !== undefined));
  known.set(graph, own);
  return own;
}

/** The grants of an object that has just been made in a database with this schema, one for each role that is spoken of. */
export function grantsOfNew(graph: SchemaGraph, object: SchemaObject): Grant[] {
  const on = targetOf(object);
  if (on === undefined) return [];
  const grants = new Map<string | undefined, Grant>();
  for (const given of ownDefaults(graph)) {
    if (!(defaultTargets[given.on] as readonly string[]).includes(on.kind)) continue;
    if (given.in !== undefined && given.in !== on.schema) continue;
    let grant = grants.get(given.to) ?? bareGrant(on, given.to);
    for (const name of privileges) {
      if (given[name] === undefined) continue;
      const level = levelOf(given, name);
      // What is given in one schema is added to what is given in all of them.
      const held = given.in === undefined ? 0 : levelOf(grant, name);
      grant = withLevel(grant, name, Math.max(level, held) as 0 | 1 | 2);
    }
    grants.set(given.to, grant);
  }
  return [...grants.values()];
}
