/** Which roles a server does not have. Roles belong to a server, not to a database, so no schema can bring them along. */

import { compareText } from "../base/ordered.ts";
import { rolesOf } from "../model/grant-target.ts";
import type { SchemaGraph } from "../model/graph.ts";
import type { SchemaObject } from "../model/object.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";
import { quoteIdent } from "../sql/identifier.ts";
import type { Session } from "./session.ts";

/** Names of all roles that some objects speak of, sorted. */
export function rolesIn(objects: Iterable<SchemaObject>): readonly string[] {
  const names = new Set<string>();
  for (const object of objects) for (const name of rolesOf(object)) names.add(name);
  return [...names].sort(compareText);
}

/** The objects that some operations make or change, as far as they are known beforehand. */
export function objectsPut(graph: SchemaGraph, operations: readonly Operation[]): readonly SchemaObject[] {
  return operations.flatMap((op) =>
    kindOf(op.kind)
      .predict(op, graph)
      .flatMap((edit) => ("put" in edit ? [edit.put] : [])),
  );
}

/** Those of some roles that the session's server does not have, sorted. */
export async function missingRoles(session: Session, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const rows = await session.rows(
    `select wanted.name
from pg_catalog.json_array_elements_text($1::pg_catalog.json) as wanted(name)
where not exists (select from pg_catalog.pg_roles as r where r.rolname = wanted.name)
order by 1`,
    [JSON.stringify(names)],
  );
  return rows.map(([name]) => name ?? "");
}

/** `role a and role b do not exist on this server` */
export function missingInWords(names: readonly string[]): string {
  return `${names.map((name) => `role ${quoteIdent(name)}`).join(", ")} ${names.length === 1 ? "does" : "do"} not exist`;
}

/** The statements that make them, for a person to look at and run. */
export function makingRoles(names: readonly string[]): string {
  return names.map((name) => `create role ${quoteIdent(name)};`).join(" ");
}
