/**
 * What of a migration's way back is there already, because `recover` or a person went it before; and what stands in its
 * place. Compares schemas; whether an archive was given back it is told. Pure.
 */
import { diffGraphs } from "../diff/graph-diff.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import { makeGraph, type SchemaGraph } from "../model/graph.ts";
import { objectId } from "../model/kinds.ts";
import type { Operation } from "../operation/define.ts";
import { isCommanded, kindOf } from "../operation/registry.ts";
import { labelOf } from "../recovery/what-hung.ts";

export interface WayBack {
  /** the operations that are left to run */
  readonly rest: readonly Operation[];
  /** what the others lead to and is there as it shall be */
  readonly there: readonly string[];
  /** what is in the place of something that is to come back, and why it is not that */
  readonly inTheWay?: { readonly object: string; readonly why: string };
  /** the schema that `now` becomes */
  readonly after: SchemaGraph;
}

/**
 * Sorts out the inverses of one step.
 * @param end the schema the step led to, from where its inverses are predicted
 * @param now the schema as it is
 * @param isGivenBack whether what an operation gives back was taken out of the archive already
 */
export function wayBack(
  operations: readonly Operation[],
  end: SchemaGraph,
  now: SchemaGraph,
  isGivenBack: (op: Operation) => boolean,
): WayBack {
  const rest: Operation[] = [];
  const there: string[] = [];
  let [from, after] = [end, now];
  for (const op of operations) {
    const to = predictOperations(from, [op]);
    const found = standingOf(op, from, to, after);
    const object = kindOf(op.kind).describe(op);
    if (found.same && isGivenBack(op)) there.push(object);
    else {
      const why = isCommanded(op.kind)
        ? found.same
          ? "it came since, and not from the archive"
          : found.why
        : undefined;
      if (why !== undefined) return { rest, there, inTheWay: { object, why }, after };
      rest.push(op);
      after = predictOperations(after, [op]);
    }
    from = to;
  }
  return { rest, there, after };
}

/** Whether all that an operation changes is so already; and what differs where something of that name came since. */
function standingOf(
  op: Operation,
  from: SchemaGraph,
  to: SchemaGraph,
  now: SchemaGraph,
): { readonly same: boolean; readonly why?: string } {
  const edits = kindOf(op.kind).predict(op, from);
  if (edits.length === 0 || diffGraphs(from, to).length === 0) return { same: false };
  const ids = new Set(edits.map((edit) => ("put" in edit ? objectId(edit.put) : edit.drop)));
  const part = (graph: SchemaGraph): SchemaGraph => makeGraph([...ids].flatMap((id) => graph.objects.get(id) ?? []));
  const changes = diffGraphs(part(to), part(now));
  if (changes.length === 0) return { same: true };
  const [target] = ids;
  if (target === undefined || from.objects.has(target) || !now.objects.has(target)) return { same: false };
  const differences = changes.map((change) =>
    change.type === "alter"
      ? `${labelOf(change.id)} has another ${change.attributes.join(", ")}`
      : `${labelOf(change.id)} ${change.type === "drop" ? "is not there" : "is there as well"}`,
  );
  return { same: false, why: `it is there, and not as it was: ${differences.join("; ")}` };
}
