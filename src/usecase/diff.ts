/** diff: what leads from one source to another, plainly. Writes nothing; offline sources need no database. */
import { type Change, diffGraphs } from "../diff/graph-diff.ts";
import { planOperations } from "../diff/plan-operations.ts";
import { applyRenames, type RenameCandidate, unsettledRenames } from "../diff/renames.ts";
import { type SaidRename, withSaidRenames } from "../diff/said-renames.ts";
import { requireModelled, type Scope, withinScope } from "../diff/scope.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { kindOf } from "../operation/registry.ts";
import { type PlannedStep, planSteps } from "../risk/plan.ts";
import { readNamedSource } from "./sources.ts";
import type { Run, Workspace } from "./workspace.ts";

export interface DiffInput extends ScopeInput {
  readonly a: string;
  readonly b: string;
  readonly renames?: readonly string[];
  /** compare who owns what as well; as configured when not given */
  readonly owners?: boolean;
}

/** What a comparison is about; what is not given here comes from the configuration. */
export interface ScopeInput extends Scope {
  /** refuses where something is not modelled */
  readonly strict?: boolean;
}

export interface DiffResult {
  readonly before: SchemaGraph;
  readonly after: SchemaGraph;
  readonly changes: readonly Change[];
  /** the same for a reader: renames that somebody said, in words, and what differs beside them */
  readonly apart: { readonly renamed: readonly string[]; readonly changes: readonly Change[] };
  /** the operations that lead from one to the other; worked out when asked for, as most readers do not */
  steps(): readonly PlannedStep[];
  readonly candidates: readonly RenameCandidate[];
  readonly unmodelled: { readonly a: SchemaGraph["unmodelled"]; readonly b: SchemaGraph["unmodelled"] };
}

/** Reads both sources and compares them. */
export async function diffSources(workspace: Workspace, input: DiffInput, _run: Run): Promise<DiffResult> {
  const owners = input.owners ?? workspace.config.owners ?? false;
  const before = await readNamedSource(workspace, input.a, { owners });
  const said: SaidRename[] = [];
  const wanted = await readNamedSource(workspace, input.b, { owners, onRenames: (renames) => said.push(...renames) });
  const after = scoped(workspace, input, before, wanted);
  return compareGraphs(before, after, withSaidRenames(before, after, input.renames ?? [], said));
}

/** The wanted schema as far as a command is about it. @throws ToolError not_modelled, usage */
export function scoped({ config }: Workspace, input: ScopeInput, before: SchemaGraph, after: SchemaGraph): SchemaGraph {
  const scope = { include: input.include ?? config.include ?? [], exclude: input.exclude ?? config.exclude ?? [] };
  if (input.strict) requireModelled(scope, before.unmodelled, after.unmodelled);
  return withinScope(before, after, scope);
}

/** The comparison of two graphs that were read. */
export function compareGraphs(before: SchemaGraph, after: SchemaGraph, renames: readonly string[]): DiffResult {
  const changes = diffGraphs(before, after);
  return {
    before,
    after,
    changes,
    apart: renames.length === 0 ? { renamed: [], changes } : besideRenames(before, after, renames),
    steps: () => (changes.length === 0 ? [] : planSteps(planOperations(before, after, { renames }).operations, before)),
    candidates: unsettledRenames(before, after, renames),
    unmodelled: { a: before.unmodelled, b: after.unmodelled },
  };
}

function besideRenames(before: SchemaGraph, after: SchemaGraph, renames: readonly string[]): DiffResult["apart"] {
  const { operations, graph } = applyRenames(before, after, renames);
  return { renamed: operations.map((op) => kindOf(op.kind).describe(op)), changes: diffGraphs(graph, after) };
}
