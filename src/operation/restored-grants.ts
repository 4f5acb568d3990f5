/**
 * Grants on what is made anew within one operation: the old object takes them along, so they are part of the payload and
 * come back with the new one as the wanted schema has them. Writes no SQL.
 */
import * as v from "valibot";
import { grantsOfNew } from "../model/default-privileges.ts";
import { bareGrant, type Grant, grantSchema, levelOf, privileges, saysNothing, withLevel } from "../model/grant.ts";
import { childrenByParent, type GraphEdit, type SchemaGraph } from "../model/graph.ts";
import { type ObjectId, objectId, parentId } from "../model/kinds.ts";
import type { SchemaObject } from "../model/object.ts";
import { ownerSchema } from "../model/owner.ts";
import type { ClaimContext, SingleChange } from "./define.ts";

/** The payload member: every privilege that has to be said, also one that a new object has or has not by itself. */
export const restoredGrants = {
  grants: v.optional(v.array(grantSchema)),
  /** who owns it, where owners are compared and it is another role than the one that migrates */
  owner: ownerSchema.entries.role,
};

/** The member for an object that is made anew; absent when a new one has all that is wanted and no more. */
export function grantsMember(object: SchemaObject, context: ClaimContext): { grants?: Grant[]; owner?: string } {
  const parts = context.childrenAfter(objectId(object));
  const wanted = grantsOn(parts);
  const owner = parts.find((part) => part.kind === "owner")?.role;
  const grants = new Map<ObjectId, Grant>(wanted.map((grant) => [objectId(grant), grant]));
  for (const given of grantsOfNew(context.before, object)) {
    const id = objectId(given);
    let grant = grants.get(id) ?? bareGrant(given.on, given.to);
    for (const name of privileges) {
      const [has, should] = [levelOf(given, name), levelOf(grant, name)];
      if (grant[name] !== undefined || has === should) continue;
      grant = { ...grant, [name]: should === 0 ? "none" : should === 1 ? "granted" : "grantable" };
    }
    if (!saysNothing(grant)) grants.set(id, grant);
  }
  return { ...listMember([...grants.values()]), ...(owner === undefined ? {} : { owner }) };
}

/** The member for an object that becomes again what it was. */
export function formerGrants(before: SchemaGraph, id: ObjectId): { grants?: Grant[] } {
  return listMember(grantsOn(childrenByParent(before).get(id) ?? []));
}

/** Whether a change is about a grant on the object or about its owner: what is made anew has it as it will be. */
export function isGrantOn(id: ObjectId, change: SingleChange): boolean {
  const object = change.type === "drop" ? change.before : change.after;
  return (object.kind === "grant" || object.kind === "owner") && parentId(object) === id;
}

/** The edits that leave an object with these grants and no others. */
export function restoredEdits(graph: SchemaGraph, id: ObjectId, grants: readonly Grant[] = []): readonly GraphEdit[] {
  const edits: GraphEdit[] = grantsOn(childrenByParent(graph).get(id) ?? []).map((old) => ({ drop: objectId(old) }));
  for (const grant of grants) {
    const plain = privileges.reduce(
      (found, name) => (grant[name] === undefined ? found : withLevel(found, name, levelOf(grant, name))),
      bareGrant(grant.on, grant.to),
    );
    if (!saysNothing(plain)) edits.push({ put: plain });
  }
  return edits;
}

function grantsOn(parts: readonly SchemaObject[]): Grant[] {
  return parts.filter((part): part is Grant => part.kind === "grant");
}

function listMember(grants: Grant[]): { grants?: Grant[] } {
  return grants.length === 0 ? {} : { grants };
}
