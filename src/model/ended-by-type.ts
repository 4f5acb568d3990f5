/** What a new type of a column puts an end to: foreign keys and expressions over it that mean nothing with the new type. */
import { staysComparable } from "../sql/type-change.ts";
import type { SchemaObject } from "./object.ts";

/** Whether a column's new type cannot be compared with its old one, so that a foreign key over it would be refused. */
export function endsComparison(before: SchemaObject, after: SchemaObject): boolean {
  return before.kind === "column" && after.kind === "column" && !staysComparable(before.type, after.type);
}

/**
 * Whether expressions over a column may mean nothing any more once it has its new type: what Postgres does by itself is to
 * read them again as they are written, with literals of the old type.
 */
export function endsExpressions(before: SchemaObject, after: SchemaObject): boolean {
  if (before.kind !== "column" || after.kind !== "column") return false;
  const [old, now] = [before.type, after.type];
  if (old.endsWith("[]") && now.endsWith("[]")) return !staysComparable(old.slice(0, -2), now.slice(0, -2));
  return !staysComparable(old, now);
}
