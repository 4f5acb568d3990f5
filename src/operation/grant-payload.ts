/** What grant and revoke share: their payloads, how a change is read and what a grant becomes. Writes no SQL. */
import * as v from "valibot";
import {
  bareGrant,
  defaultPrivilegesSchema,
  type Grant,
  type GrantTarget,
  granteeInWords,
  grantSchema,
  grantTargetSchema,
  type Privilege,
  privileges,
  saysNothing,
  withLevel,
} from "../model/grant.ts";
import type { GraphEdit, SchemaGraph } from "../model/graph.ts";
import { getObject } from "../model/graph.ts";
import { objectId } from "../model/kinds.ts";
import type { SingleChange } from "./define.ts";
import { inWords } from "./place.ts";

/** One privilege or more, each once. */
export const privilegeList = v.pipe(v.array(v.picklist(privileges)), v.minLength(1), v.maxLength(privileges.length));

export const grantPlace = { on: grantTargetSchema, to: grantSchema.entries.to };

export interface GrantPlace {
  readonly on: GrantTarget;
  readonly to?: string | undefined;
}

export const grantPayload = v.strictObject({
  ...grantPlace,
  privileges: v.optional(privilegeList),
  /** these may be passed on */
  withGrantOption: v.optional(privilegeList),
});

export type GrantPayload = v.InferOutput<typeof grantPayload>;

export const revokePayload = v.strictObject({
  on: grantPlace.on,
  /** a role, or `public`; absent: the owner */
  from: grantPlace.to,
  privileges: v.optional(privilegeList),
  /** these stay, but may not be passed on any more */
  grantOption: v.optional(privilegeList),
  /** what the role keeps on columns, from which the server takes a privilege along with the table's */
  columns: v.optional(
    v.array(
      v.strictObject({
        name: grantTargetSchema.entries.name,
        privileges: v.optional(privilegeList),
        withGrantOption: v.optional(privilegeList),
      }),
    ),
  ),
});

export type RevokePayload = v.InferOutput<typeof revokePayload>;
const { on, in: schema, role, to } = defaultPrivilegesSchema.entries;

export const alterDefaultPrivilegesPayload = v.strictObject({
  on,
  in: schema,
  role,
  to,
  grant: v.optional(privilegeList),
  withGrantOption: v.optional(privilegeList),
  revoke: v.optional(privilegeList),
  /** these stay, but are not given with the right to pass them on any more */
  revokeGrantOption: v.optional(privilegeList),
});

export type AlterDefaultPrivileges = v.InferOutput<typeof alterDefaultPrivilegesPayload>;

/** The two sides of a change to a grant; undefined for changes to anything else. */
export function grantsOfChange(change: SingleChange): { readonly before: Grant; readonly after: Grant } | undefined {
  if (change.type !== "alter" || change.before.kind !== "grant" || change.after.kind !== "grant") return undefined;
  return { before: change.before, after: change.after };
}

/** The grant there as a graph has it. */
export function grantAt(graph: SchemaGraph, { on, to }: GrantPlace): Grant {
  const bare = bareGrant(on, to);
  return getObject(graph, "grant", objectId(bare)) ?? bare;
}

/** Some privileges at a level. */
export function atLevel(
  grant: Grant,
  list: readonly Privilege[] | undefined,
  level: (name: Privilege) => 0 | 1 | 2,
): Grant {
  return (list ?? []).reduce((found, name) => withLevel(found, name, level(name)), grant);
}

/** The edits that leave a grant as it is now: one that says nothing is none. What it is on is referred to in both cases. */
export function grantEdits(grant: Grant): readonly GraphEdit[] {
  return saysNothing(grant) ? [{ put: grant }, { drop: objectId(grant) }] : [{ put: grant }];
}

/** `users.email to reader` */
export function grantInWords({ on, to }: GrantPlace, word = "to"): string {
  const parts = [...(on.table === undefined ? [] : [on.table]), on.name];
  const name = on.schema === undefined ? inWords("public", on.name) : inWords(on.schema, ...parts);
  return `${name}${on.arguments === undefined ? "" : `(${on.arguments})`} ${word} ${granteeInWords(to)}`;
}

/** A list as a payload member, absent when it is empty. */
export function listed<K extends string>(key: K, list: readonly Privilege[]): { readonly [P in K]?: Privilege[] } {
  return (list.length === 0 ? {} : { [key]: list }) as { readonly [P in K]?: Privilege[] };
}
