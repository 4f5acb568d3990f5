/**
 * Who owns an object. Only read when it is asked for, so that no hash, snapshot or drift depends on it: an object without
 * an owner in the graph belongs to whoever reads it.
 */
import * as v from "valibot";
import { idPath } from "./ids.ts";
import { name, optionalText, texts } from "./members.ts";

/** Kinds of objects that have an owner of their own. */
export const ownedKinds = [
  "schema",
  "table",
  "view",
  "materializedView",
  "sequence",
  "function",
  "procedure",
  "aggregate",
  "enum",
  "domain",
  "compositeType",
  "rangeType",
  "collation",
  "eventTrigger",
  "foreignDataWrapper",
  "foreignServer",
  "foreignTable",
] as const;

export type OwnedKind = (typeof ownedKinds)[number];

export const ownedSchema = v.strictObject({
  kind: v.picklist(ownedKinds),
  schema: v.optional(name),
  name,
  /** the types of a routine's arguments */
  arguments: optionalText,
});

export type Owned = v.InferOutput<typeof ownedSchema>;

export const ownerSchema = v.strictObject({
  kind: v.literal("owner"),
  on: ownedSchema,
  /** absent: whoever reads the schema */
  role: v.optional(name),
  dependsOn: v.optional(texts),
});

export type Owner = v.InferOutput<typeof ownerSchema>;

/** The id of what somebody owns. */
export function ownedId({ kind, schema, name: own, arguments: types }: Owned): string {
  const path = idPath(schema === undefined ? [own] : [schema, own]);
  return `${kind}:${path}${types === undefined ? "" : `(${types})`}`;
}

/** The rule of kinds.ts. */
export const ownerRules = {
  owner: {
    label: "owner",
    rank: 58,
    path: () => [],
    title: (o: Owner) => ownedId(o.on).replace(":", " "),
    parent: (o: Owner) => ownedId(o.on),
    bare: ({ on }: Owner): Owner => ({ kind: "owner", on }),
  },
} as const;
