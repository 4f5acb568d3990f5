/** What is in a schema beside tables and can be given another name: when two of it are equal but for that. */
import type { ObjectOf, SchemaObject } from "../model/object.ts";
import { qualified } from "../sql/identifier.ts";

type NamedKind =
  | "enum"
  | "domain"
  | "compositeType"
  | "rangeType"
  | "sequence"
  | "view"
  | "materializedView"
  | "function"
  | "procedure"
  | "aggregate";

const kinds: ReadonlySet<string> = new Set<NamedKind>(["enum", "domain", "compositeType", "rangeType", "sequence"]);

/** Whether an object is of a kind whose objects are renamed as a whole. */
export function isNamedKind(object: SchemaObject): object is ObjectOf<NamedKind> {
  return kinds.has(object.kind);
}

/** What has to be equal for one to be taken for the other: everything but names and comments. */
export function namedShape(object: ObjectOf<NamedKind>): object {
  const { name, comment: _comment, dependsOn: _dependsOn, ...shape } = object;
  if (shape.kind === "rangeType") return { ...shape, multirange: "" };
  if (shape.kind === "sequence") return { ...shape, ownedBy: "" };
  if ("parameters" in shape || "arguments" in shape) {
    // The statement names the routine at its start.
    return { ...shape, definition: shape.definition.replace(qualified(shape.schema, name), "") };
  }
  return shape;
}
