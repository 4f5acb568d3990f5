/** Which attributes of checks and foreign keys Postgres can alter in place. */
import type { Check, ForeignKey } from "../../model/object.ts";

/**
 * VALIDATE CONSTRAINT makes a constraint valid, nothing makes it NOT VALID again; ALTER CONSTRAINT changes when a foreign
 * key is checked and, up to 18, no other attribute the graph has.
 */
export function alterableInPlace<T extends Check | ForeignKey>(before: T, after: T): readonly string[] {
  const validated = before.notValid === true && after.notValid === undefined ? ["notValid"] : [];
  return before.kind === "foreignKey" ? [...validated, "deferrable", "initiallyDeferred"] : validated;
}
