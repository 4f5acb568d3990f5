/** A graph as the SQL script that makes it from an empty database. */
import { planOperations } from "../diff/plan-operations.ts";
import { emptyGraph, type SchemaGraph } from "../model/graph.ts";
import { planSteps } from "../risk/plan.ts";
import { schemaScript } from "../snapshot/script.ts";

/** The script; objects that are not modelled are named in it as comments. */
export function graphScript(graph: SchemaGraph): string {
  return schemaScript(planSteps(planOperations(emptyGraph, graph).operations, emptyGraph), graph.unmodelled);
}
