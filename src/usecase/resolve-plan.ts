/** What resolve would record, and what the live schema says to that, step by step. Pure. */
import { isToolError } from "../base/errors.ts";
import { diffGraphs } from "../diff/graph-diff.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import { graphOfMap, type SchemaGraph } from "../model/graph.ts";
import type { ObjectId } from "../model/kinds.ts";
import type { Operation } from "../operation/define.ts";

/** Whether the effect of a step is in the live schema. `not known`: it changes rows, or nothing that the schema shows. */
export type Effect = "there" | "not there" | "in part" | "not known";

export interface ResolveStep {
  readonly index: number;
  readonly kind: string;
  readonly object: string;
  /** the newest word of the ledger; `not begun` where there is none */
  readonly ledger: string;
  readonly catalog: Effect;
  /** what else can be known of a step whose effect the schema does not show */
  readonly known?: KnownOutcome;
  /** whether a row is written for it */
  readonly recorded: boolean;
  readonly sql: string;
  readonly level: string;
  readonly score: number;
}

/** What the ledger and the catalog tell together. */
export interface KnownOutcome {
  /** the first line of what it runs */
  readonly statement: string;
  readonly says: string;
  /** the mark that says what is so; none where a person has to look */
  readonly fits?: "applied" | "rolled_back";
}

export interface ResolvePlan {
  readonly migration: string;
  readonly as: "applied" | "rolled_back";
  /** only this step is marked; the migration stays pending */
  readonly step?: number;
  readonly steps: readonly ResolveStep[];
  /** where the live schema says otherwise, one phrase each */
  readonly contradictions: readonly string[];
  /** whether the ledger already says what is to be marked */
  readonly settled: boolean;
}

/** The effect of each operation of a migration, by the schema before it and the live one. */
export function effectsOf(operations: readonly Operation[], before: SchemaGraph, live: SchemaGraph): Effect[] {
  const graphs = [before];
  for (const op of operations) {
    const last = graphs.at(-1) as SchemaGraph;
    graphs.push(predicted(last, op));
  }
  return operations.map((_, at) => {
    const [from, to] = [graphs[at], graphs[at + 1]] as [SchemaGraph, SchemaGraph];
    const changed = diffGraphs(from, to).map(({ id }) => id);
    if (changed.length === 0) return "not known";
    const [earlier, later] = [graphs.slice(0, at + 1), graphs.slice(at + 1)];
    const isLike = (id: ObjectId, states: readonly SchemaGraph[]) => states.some((state) => isSame(id, state, live));
    if (changed.every((id) => isLike(id, later))) return "there";
    return changed.every((id) => isLike(id, earlier)) ? "not there" : "in part";
  });
}

/** A step may not fit a schema that somebody changed by hand: it then changes nothing that could be looked for. */
function predicted(graph: SchemaGraph, op: Operation): SchemaGraph {
  try {
    return predictOperations(graph, [op]);
  } catch (error) {
    if (isToolError(error)) return graph;
    throw error;
  }
}

function isSame(id: ObjectId, a: SchemaGraph, b: SchemaGraph): boolean {
  const only = (graph: SchemaGraph): SchemaGraph => {
    const object = graph.objects.get(id);
    return graphOfMap(object === undefined ? new Map() : new Map([[id, object]]));
  };
  return diffGraphs(only(a), only(b)).length === 0;
}

/** Where the effects are not what the mark says. */
export function contradictionsOf(as: ResolvePlan["as"], steps: readonly ResolveStep[]): string[] {
  const wrong: Effect = as === "applied" ? "not there" : "there";
  return steps
    .filter(({ catalog }) => catalog === wrong || catalog === "in part")
    .map(({ index, kind, object, catalog }) => `the effect of step ${index} ${kind} ${object} is ${catalog}`);
}
