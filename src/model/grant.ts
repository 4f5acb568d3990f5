/**
 * The shape of what is granted, on an object and by default: how it differs from what every new object of its kind gives
 * to its owner and to PUBLIC. An object without a grant for a role is as the server makes it.
 */
import * as v from "valibot";
import { idPath } from "./ids.ts";
import { name, optionalText, texts } from "./members.ts";

/** The privileges that objects of a schema have, in the order in which statements list them. */
export const privileges = [
  "select",
  "insert",
  "update",
  "delete",
  "truncate",
  "references",
  "trigger",
  "maintain",
  "usage",
  "create",
  "execute",
] as const;

export type Privilege = (typeof privileges)[number];

/** Held; held and may be passed on; taken away although every new object gives it. Absent: as on a new object. */
const standing = v.optional(v.picklist(["granted", "grantable", "none"]));

const standings = {
  select: standing,
  insert: standing,
  update: standing,
  delete: standing,
  truncate: standing,
  references: standing,
  trigger: standing,
  maintain: standing,
  usage: standing,
  create: standing,
  execute: standing,
} satisfies Record<Privilege, typeof standing>;

/** What every privilege of a role stands at. */
export type Standings = { readonly [K in Privilege]?: "granted" | "grantable" | "none" | undefined };

const onRelation: readonly Privilege[] = [
  "select",
  "insert",
  "update",
  "delete",
  "truncate",
  "references",
  "trigger",
  "maintain",
];

/** Kinds of objects that privileges are granted on: the word after ON in GRANT, and which privileges there are. */
export const grantTargets = {
  schema: { word: "schema", privileges: ["usage", "create"] },
  table: { word: "table", privileges: onRelation },
  view: { word: "table", privileges: onRelation },
  foreignTable: { word: "table", privileges: onRelation },
  foreignServer: { word: "foreign server", privileges: ["usage"] },
  foreignDataWrapper: { word: "foreign data wrapper", privileges: ["usage"] },
  materializedView: { word: "table", privileges: onRelation },
  column: { word: "table", privileges: ["select", "insert", "update", "references"] },
  sequence: { word: "sequence", privileges: ["select", "update", "usage"] },
  function: { word: "function", privileges: ["execute"] },
  procedure: { word: "procedure", privileges: ["execute"] },
  aggregate: { word: "function", privileges: ["execute"] },
  enum: { word: "type", privileges: ["usage"] },
  domain: { word: "domain", privileges: ["usage"] },
  compositeType: { word: "type", privileges: ["usage"] },
  rangeType: { word: "type", privileges: ["usage"] },
} as const satisfies Record<string, { word: string; privileges: readonly Privilege[] }>;

export type GrantTargetKind = keyof typeof grantTargets;

/** What privileges are granted on: the parts of its name; `table` for a column of one. */
export const grantTargetSchema = v.strictObject({
  kind: v.picklist(Object.keys(grantTargets) as GrantTargetKind[]),
  schema: v.optional(name),
  table: v.optional(name),
  name,
  /** the types of a routine's arguments */
  arguments: optionalText,
  /** what the column is of, when not of a table */
  of: v.optional(v.picklist(["view", "materializedView", "foreignTable"])),
});

export type GrantTarget = v.InferOutput<typeof grantTargetSchema>;

/** PUBLIC as a grantee: no role can have that name. */
export const everyone = "public";

export const grantSchema = v.strictObject({
  kind: v.literal("grant"),
  on: grantTargetSchema,
  /** a role, or `public`; absent: the owner of the object */
  to: v.optional(name),
  ...standings,
  dependsOn: v.optional(texts),
});

export type Grant = v.InferOutput<typeof grantSchema>;

/** Kinds of objects that privileges are given on by default, with the words of ALTER DEFAULT PRIVILEGES. */
export const defaultTargets = {
  tables: ["table", "view", "materializedView", "foreignTable"],
  sequences: ["sequence"],
  functions: ["function", "procedure", "aggregate"],
  types: ["enum", "domain", "compositeType", "rangeType"],
  schemas: ["schema"],
} as const satisfies Record<string, readonly GrantTargetKind[]>;

export type DefaultTarget = keyof typeof defaultTargets;

export const defaultPrivilegesSchema = v.strictObject({
  kind: v.literal("defaultPrivileges"),
  on: v.picklist(Object.keys(defaultTargets) as DefaultTarget[]),
  /** for objects in this schema; absent: in any */
  in: v.optional(name),
  /** for objects that this role makes; absent: the role that migrates the database */
  role: v.optional(name),
  /** a role, or `public`; absent: who makes the object */
  to: v.optional(name),
  ...standings,
  dependsOn: v.optional(texts),
});

export type DefaultPrivileges = v.InferOutput<typeof defaultPrivilegesSchema>;

/** The id of what privileges are granted on; of its view for a column of one, which is no object. */
export function targetId(on: GrantTarget): string {
  return on.of === undefined ? `${on.kind}:${targetName(on)}` : relationId(on);
}

/** The qualified name of what privileges are granted on. */
export function targetName(on: GrantTarget): string {
  const path = [on.schema, on.table, on.name].filter((part) => part !== undefined);
  return `${idPath(path)}${on.arguments === undefined ? "" : `(${on.arguments})`}`;
}

function relationId({ of, schema = "", table = "" }: GrantTarget): string {
  return `${of ?? "table"}:${idPath([schema, table])}`;
}

/** The grant to a role on something on which nothing was said about it. */
export function bareGrant(on: GrantTarget, to: string | undefined): Grant {
  return { kind: "grant", on, ...(to === undefined ? {} : { to }) };
}

/** The privileges of some standings, in their order. */
export function standingsOf(object: Standings): Standings {
  return Object.fromEntries(privileges.flatMap((name) => (object[name] === undefined ? [] : [[name, object[name]]])));
}

/** Whether a new object gives a privilege to a role without anybody saying so (acldefault in acl.c, 14 to 18). */
export function isGivenByDefault(object: Grant | DefaultPrivileges, privilege: Privilege): boolean {
  const { to } = object;
  if (object.kind === "defaultPrivileges") {
    if (object.in !== undefined) return false;
    const [kind] = defaultTargets[object.on];
    if (to === undefined) return (grantTargets[kind].privileges as readonly Privilege[]).includes(privilege);
    return to === everyone && ((object.on === "functions" && privilege === "execute") || object.on === "types");
  }
  const { kind, name: target } = object.on;
  const all: readonly Privilege[] = grantTargets[kind].privileges;
  if (kind === "column" || !all.includes(privilege)) return false;
  if (to === undefined) return true;
  if (to !== everyone) return false;
  if (kind === "schema") {
    // Until 14 everybody may create in public as well: only there is it something that can be taken away.
    return target === "public" && (privilege === "usage" || object.create === "none");
  }
  return (
    privilege === "execute" || (privilege === "usage" && (defaultTargets.types as readonly string[]).includes(kind))
  );
}

/** How much of a privilege a role has: nothing, the privilege, or the right to pass it on as well. */
export function levelOf(object: Grant | DefaultPrivileges, privilege: Privilege): 0 | 1 | 2 {
  const held = object[privilege];
  if (held === "grantable") return 2;
  if (held === "granted") return 1;
  return held === undefined && isGivenByDefault(object, privilege) ? 1 : 0;
}

/** A grant with one privilege at another level; absent members are as on a new object. */
export function withLevel<T extends Grant | DefaultPrivileges>(object: T, privilege: Privilege, level: 0 | 1 | 2): T {
  const { [privilege]: before, ...rest } = object;
  const given = isGivenByDefault(object, privilege);
  const takenAway = given || (before === undefined && isCreateInPublic(object, privilege));
  const value =
    level === 2 ? "grantable" : level === 1 ? (given ? undefined : "granted") : takenAway ? "none" : undefined;
  return (value === undefined ? rest : { ...rest, [privilege]: value }) as T;
}

function isCreateInPublic(object: Grant | DefaultPrivileges, privilege: Privilege): boolean {
  const isPublic = object.kind === "grant" && object.on.kind === "schema" && object.on.name === "public";
  return isPublic && object.to === everyone && privilege === "create";
}

/** Whether nothing is said in it that a new object would not have. */
export function saysNothing(object: Standings): boolean {
  return privileges.every((name) => object[name] === undefined);
}

/** A grantee in words. */
export function granteeInWords(to: string | undefined): string {
  return to === undefined ? "its owner" : idPath([to]);
}

/** The two rules of kinds.ts. */
export const grantRules = {
  grant: {
    label: "grant",
    rank: 60,
    path: () => [],
    title: (o: Grant) => `${o.on.kind} ${targetName(o.on)} to ${granteeInWords(o.to)}`,
    parent: (o: Grant) => targetId(o.on),
    model: (o: Grant) => (o.on.kind === "column" ? relationId(o.on) : targetId(o.on)),
    bare: ({ on, to }: Grant) => bareGrant(on, to),
  },
  defaultPrivileges: {
    label: "default privileges",
    rank: 80,
    path: () => [],
    title: (o: DefaultPrivileges) =>
      [
        o.on,
        ...(o.in === undefined ? [] : [`in ${idPath([o.in])}`]),
        ...(o.role === undefined ? [] : [`of ${idPath([o.role])}`]),
        `to ${o.to === undefined ? "their owner" : idPath([o.to])}`,
      ].join(" "),
    parent: (o: DefaultPrivileges) => (o.in === undefined ? undefined : `schema:${idPath([o.in])}`),
    bare: ({ kind, on, in: schema, role, to }: DefaultPrivileges): DefaultPrivileges => ({
      kind,
      on,
      ...(schema === undefined ? {} : { in: schema }),
      ...(role === undefined ? {} : { role }),
      ...(to === undefined ? {} : { to }),
    }),
  },
} as const;
