/**
 * Tables that follow others, as far as a plan has to know: which of them leave their parents before anything else happens,
 * and which changes are left to the operation on the parent.
 */
import { sameValue } from "../base/ordered.ts";
import { parentsOf } from "../model/followers.ts";
import { editGraph, objectsOfKind, type SchemaGraph } from "../model/graph.ts";
import { hasFollowers, isCarried, partIn } from "../model/inheritance.ts";
import { type ObjectId, objectId, tableId } from "../model/kinds.ts";
import type { Check, Column, SchemaObject, Table } from "../model/object.ts";
import type { Operation, SingleChange } from "../operation/define.ts";
import { dropInheritanceOperation } from "../operation/drop-inheritance.ts";
import { detachPartitionOperation } from "../operation/partition-place.ts";
import { kindOf } from "../operation/registry.ts";
import { diffGraphs } from "./graph-diff.ts";

/**
 * The operations by which tables leave parents that they no longer follow, and the graph they lead to. A partition that is
 * dropped leaves first unless its parent goes as well: readers of the parent are then held up for a moment only.
 */
export function leaveParents(
  before: SchemaGraph,
  after: SchemaGraph,
): { readonly operations: readonly Operation[]; readonly graph: SchemaGraph } {
  const operations: Operation[] = [];
  let graph = before;
  if (!hasFollowers(before)) return { operations, graph };
  const apply = (op: Operation | undefined): void => {
    if (op === undefined) return;
    operations.push(op);
    graph = editGraph(graph, kindOf(op.kind).predict(op, graph));
  };
  for (const table of objectsOfKind(before, "table")) {
    const now = after.objects.get(objectId(table)) as Table | undefined;
    if (table.partitionOf !== undefined) {
      const { schema, table: parent } = table.partitionOf;
      const stays = after.objects.has(tableId(schema, parent));
      if (now === undefined ? stays : !sameValue(now.partitionOf, table.partitionOf)) {
        apply(detachPartitionOperation(graph, table, after));
      }
    } else if (table.inherits !== undefined && now !== undefined) {
      // Parents are in an order of their own: those from the first difference on leave, and come again as they are wanted.
      const wanted = now.inherits ?? [];
      const same = table.inherits.findIndex((parent, at) => !sameValue(parent, wanted[at]));
      if (same >= 0) apply(dropInheritanceOperation(table, table.inherits.slice(same)));
    }
  }
  return { operations, graph };
}

/**
 * Tells the changes that need an operation from those that Postgres makes by itself along with the same change of a
 * parent's column or check.
 */
export function leadingChanges(before: SchemaGraph, after: SchemaGraph): (change: SingleChange) => boolean {
  if (!hasFollowers(before)) return () => true;
  const changes = new Map(diffGraphs(before, after).map((change) => [change.id, change]));
  const parentsOfBoth = (part: Column | Check): readonly ObjectId[] => {
    const id = tableId(part.schema, part.table);
    const [old, now] = [before.objects.get(id), after.objects.get(id)];
    if (old?.kind !== "table" || now?.kind !== "table") return [];
    const kept = new Set(parentsOf(now));
    return parentsOf(old)
      .filter((parent) => kept.has(parent))
      .map((parent) => before.objects.get(parent))
      .flatMap((parent) => (parent?.kind === "table" ? [partIn(parent, part)] : []));
  };
  const isLed = (part: Column | Check, changed: (parentId: ObjectId) => boolean): boolean =>
    parentsOfBoth(part).some((id) => {
      if (changed(id)) return true;
      const parent: SchemaObject | undefined = before.objects.get(id) ?? after.objects.get(id);
      return parent !== undefined && (parent.kind === "column" || parent.kind === "check") && isLed(parent, changed);
    });
  return (change) => {
    const object = change.type === "drop" ? change.before : change.after;
    if (object.kind !== "column" && object.kind !== "check") return true;
    if (change.type !== "alter") {
      return !isLed(object, (id) => {
        const led = changes.get(id);
        if (led?.type !== "alter") return led?.type === change.type;
        // A check that is passed on from now on comes to those that follow; one that is not any more leaves them.
        const passed = led.after.kind === "check" && led.after.noInherit !== true;
        return led.attributes.includes("noInherit") && passed === (change.type === "create");
      });
    }
    if (!isCarried(object.kind, change.attribute)) return true;
    return !isLed(object, (id) => {
      const led = changes.get(id);
      return led?.type === "alter" && led.attributes.includes(change.attribute);
    });
  };
}
