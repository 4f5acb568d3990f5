/** Which objects privileges are granted on, and which roles an object names. Reads names, never the catalog. */
import { everyone, type GrantTarget, type GrantTargetKind, grantTargets } from "./grant.ts";
import type { SchemaObject } from "./object.ts";

/** An object as the target of a grant; undefined for kinds that privileges are not granted on. */
export function targetOf(object: SchemaObject): GrantTarget | undefined {
  if (!Object.hasOwn(grantTargets, object.kind)) return undefined;
  const named = object as { kind: GrantTargetKind; schema?: string; table?: string; name: string; arguments?: string };
  return {
    kind: named.kind,
    ...(named.schema === undefined ? {} : { schema: named.schema }),
    ...(named.table === undefined ? {} : { table: named.table }),
    name: named.name,
    ...(named.arguments === undefined ? {} : { arguments: named.arguments }),
  };
}

/** Roles that must exist before an object can: names that are not PUBLIC or the owner. */
export function rolesOf(object: SchemaObject): string[] {
  if (object.kind === "owner") return object.role === undefined ? [] : [object.role];
  if (object.kind === "policy") return [...(object.roles ?? [])];
  if (object.kind !== "grant" && object.kind !== "defaultPrivileges") return [];
  const role = object.kind === "defaultPrivileges" ? object.role : undefined;
  return [object.to, role].filter((found) => found !== undefined && found !== everyone) as string[];
}
