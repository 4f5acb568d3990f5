/** Keys and indexes in a hierarchy of partitions, as far as the rules of their kinds need to know: part of kinds.ts. */
import type { ObjectKind } from "./object.ts";

interface Place {
  readonly kind: ObjectKind;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

interface Divided {
  readonly partitioned?: true | undefined;
  readonly attachedTo?: Place | undefined;
}

/** The parts of the name of a key or index that another one is attached to: an index is named by its schema alone. */
export function attachedPath({ kind, schema, table, name }: Place): string[] {
  return kind === "index" ? [schema, name] : [schema, table, name];
}

/** Whether a key or index of a hierarchy of partitions differs: the parts of one give way together, or not at all. */
export function dividedChanges(before: Divided, after: Divided, attributes: readonly string[]): boolean {
  const inHierarchy = [before, after].some((key) => key.partitioned || key.attachedTo);
  const attachedOnly = before.attachedTo === undefined;
  const needed = attributes.filter((name) => name !== "comment" && name !== "tablespace");
  return inHierarchy && needed.some((name) => !(name === "attachedTo" && attachedOnly));
}
