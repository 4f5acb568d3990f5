/** Which attributes of checks and foreign keys Postgres can alter in place. */
import type { Check, ForeignKey } from "../../model/object.ts";

/**
 * VALIDATE CONSTRAINT makes a constraint valid, nothing makes it NOT VALID again; ALTER CONSTRAINT changes when a foreign
 * key is checked and, in 18, that it is not enforced. To be enforced again it is replaced: ALTER CONSTRAINT would read every
 * row under the lock. Only of a partitioned table there cannot be two that differ in that.
 */
export function alterableInPlace<T extends Check | ForeignKey>(before: T, after: T): readonly string[] {
  const validated = before.notValid === true && after.notValid === undefined ? ["notValid"] : [];
  if (before.kind !== "foreignKey") return validated;
  const released = after.notEnforced && !before.notEnforced ? ["notEnforced", "notValid"] : [];
  if (before.notEnforced && "partitioned" in after && after.partitioned && !after.notValid)
    released.push("notEnforced");
  return [...validated, ...released, "deferrable", "initiallyDeferred"];
}
