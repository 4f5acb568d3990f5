/** What can get another name beside tables, columns and their parts. Changes no graph. */
import { idPath } from "./ids.ts";
import type { ObjectId } from "./kind-rule.ts";

/** The kinds of types that can get another name. */
export const typeKinds = ["enum", "domain", "compositeType", "rangeType"] as const;

export type TypeKind = (typeof typeKinds)[number];

interface NamedRename {
  readonly schema: string;
  readonly from: string;
  readonly to: string;
}

/** A new name for something whose name is printed with its schema wherever it is mentioned, or for a schema. */
export type ObjectRename =
  | { readonly of: "schema"; readonly from: string; readonly to: string }
  | (NamedRename & { readonly of: TypeKind; readonly multirange?: { readonly from: string; readonly to: string } })
  | (NamedRename & { readonly of: "enumValue"; readonly type: string });

/** The id of what is renamed; of its type for a value. */
export function renamedId(rename: ObjectRename): ObjectId {
  if (rename.of === "schema") return `schema:${idPath([rename.from])}`;
  if (rename.of === "enumValue") return `enum:${idPath([rename.schema, rename.type])}`;
  return `${rename.of}:${idPath([rename.schema, rename.from])}`;
}
