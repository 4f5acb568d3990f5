/** What is in a schema beside tables and can be given another name: when two of it are equal but for that. */
import type { ObjectOf, SchemaObject } from "../model/object.ts";
import { type TypeKind, typeKinds } from "../model/renamed-object.ts";

type NamedKind = TypeKind | "sequence";

const kinds: ReadonlySet<string> = new Set<NamedKind>([...typeKinds, "sequence"]);

/** Whether an object is of a kind whose objects are renamed as a whole. */
export function isNamedKind(object: SchemaObject): object is ObjectOf<NamedKind> {
  return kinds.has(object.kind);
}

/** What has to be equal for one to be taken for the other: everything but names and comments. */
export function namedShape(object: ObjectOf<NamedKind>): object {
  const { name: _name, comment: _comment, dependsOn: _dependsOn, ...shape } = object;
  if (shape.kind === "rangeType") return { ...shape, multirange: "" };
  if (shape.kind === "sequence") return { ...shape, ownedBy: "" };
  return shape;
}
