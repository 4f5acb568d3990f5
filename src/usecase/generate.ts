/** generate: writes the migration that leads from the live schema to the declared one. */
import { toolError } from "../base/errors.ts";
import { planExpandContract } from "../diff/expand-contract.ts";
import { diffGraphs } from "../diff/graph-diff.ts";
import { type DropMode, type KeepDrops, keepDrops } from "../diff/keep-drops.ts";
import { planOperations, predictOperations } from "../diff/plan-operations.ts";
import { rebuildTables } from "../diff/rebuild-tables.ts";
import { type RenameCandidate, unsettledRenames } from "../diff/renames.ts";
import { type SaidRename, withSaidRenames } from "../diff/said-renames.ts";
import { writeMigration } from "../migration/directory.ts";
import { makeMigrationId } from "../migration/migration.ts";
import { type SchemaGraph, withoutOwners } from "../model/graph.ts";
import { graphHash } from "../model/json.ts";
import { readGraph } from "../pg/catalog/index.ts";
import { type PlannedStep, planSteps } from "../risk/plan.ts";
import { type ScopeInput, scoped } from "./diff.ts";
import { declaredSource, readNamedSource } from "./sources.ts";
import { readState } from "./state.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

export interface GenerateInput extends ScopeInput {
  readonly name?: string;
  /** source to start from; the live database when not given */
  readonly from?: string;
  /** source to lead to; the configured schema when not given */
  readonly to?: string;
  readonly dryRun?: boolean;
  /** what becomes of what is dropped; the configured way when not given */
  readonly drops?: DropMode;
  /** `old=new` */
  readonly renames?: readonly string[];
  /** asked about each candidate where a person is there; true makes it a rename */
  readonly askRename?: (candidate: RenameCandidate) => Promise<boolean>;
  /** compare who owns what as well; as configured when not given */
  readonly owners?: boolean;
  /** two migrations for renames of columns and rewriting changes of type: versions of an application live side by side between them */
  readonly expandContract?: boolean;
  /** tables whose columns get their types and order by a copy that takes the table's place */
  readonly rebuild?: readonly string[];
}

export interface GenerateResult {
  readonly id: string;
  /** path written; absent on a dry run or when there is nothing to do */
  readonly file?: string;
  readonly empty: boolean;
  readonly steps: readonly PlannedStep[];
  /** drop + add pairs that look like a rename and were not said to be one */
  readonly candidates: readonly RenameCandidate[];
  readonly from: string;
  readonly to: string;
  /** the second of two migrations that belong together, to be applied when no old version of the application runs */
  readonly contract?: {
    readonly id: string;
    readonly file?: string;
    readonly steps: readonly PlannedStep[];
    readonly from: string;
    readonly to: string;
  };
}

/** Compares the two sources and writes the operations to a new file. */
export async function generate(workspace: Workspace, input: GenerateInput, _run: Run): Promise<GenerateResult> {
  const owners = input.owners ?? workspace.config.owners ?? false;
  const before = await startGraph(workspace, input.from, owners);
  const said: SaidRename[] = [];
  const source = declaredSource(workspace, input.to);
  const declared = await readNamedSource(workspace, source, { owners, onRenames: (renames) => said.push(...renames) });
  const after = scoped(workspace, input, before, declared);
  const renames = withSaidRenames(before, after, input.renames ?? [], said);
  let candidates = unsettledRenames(before, after, renames);
  if (input.askRename !== undefined) {
    // What is settled may settle others, or show new ones: each is asked about once.
    const asked = new Set<string>();
    for (;;) {
      const next = candidates.find((candidate) => !asked.has(pairOf(candidate)));
      if (next === undefined) break;
      asked.add(pairOf(next));
      if (!(await input.askRename(next))) continue;
      renames.push(pairOf(next));
      candidates = unsettledRenames(before, after, renames);
    }
  }
  if (input.expandContract && input.rebuild !== undefined) throw oneOrTheOther();
  if (input.expandContract && diffGraphs(before, after).length > 0)
    return generatePair(workspace, { ...input, renames }, before, after, candidates);
  const { operations: changes, predicted } = planOperations(before, after, { renames });
  const id = makeMigrationId(workspace.now(), input.name ?? nameFor(planSteps(changes, before)));
  const rebuilt = rebuildTables(before, after, input.rebuild ?? [], id);
  const plain =
    rebuilt.operations.length === 0
      ? changes
      : [...rebuilt.operations, ...planOperations(rebuilt.graph, after, { renames }).operations];
  const operations = keepDrops(before, plain, keepingOf(workspace, input, id));
  const steps = planSteps(operations, before);
  const result = {
    id,
    steps,
    candidates,
    from: graphHash(withoutOwners(before)),
    to: graphHash(withoutOwners(rebuilt.operations.length === 0 ? predicted : predictOperations(before, plain))),
    empty: operations.length === 0,
  };
  if (result.empty || input.dryRun) return result;
  const file = writeMigration(workspace.config.dir, { id, from: result.from, to: result.to, ops: operations });
  return { ...result, file };
}

function pairOf({ old, new: now }: RenameCandidate): string {
  return `${old}=${now}`;
}

function oneOrTheOther(): Error {
  return toolError({
    code: "usage",
    what: "--expand-contract and --rebuild do not go together",
    why: "one changes columns beside the old ones, the other copies the table",
    state: "nothing was written",
    next: "generate a migration with one of them, apply it, then the other",
  });
}

/** Two migrations; the id of the second is a second later, so that it comes after the first in every list. */
function generatePair(
  workspace: Workspace,
  input: GenerateInput,
  before: SchemaGraph,
  after: SchemaGraph,
  candidates: readonly RenameCandidate[],
): GenerateResult {
  const pair = planExpandContract(before, after, { renames: input.renames ?? [] });
  const now = workspace.now();
  const name = input.name ?? nameFor(planSteps(pair.expand, before));
  const [from, between, to] = [before, pair.between, pair.predicted].map((graph) =>
    graphHash(withoutOwners(graph)),
  ) as [string, string, string];
  const first = { id: makeMigrationId(now, `${name} expand`), from, to: between };
  const second = { id: makeMigrationId(new Date(now.getTime() + 1_000), `${name} contract`), from: between, to };
  const expand = keepDrops(before, pair.expand, keepingOf(workspace, input, first.id));
  const contract = keepDrops(pair.between, pair.contract, keepingOf(workspace, input, second.id));
  const result = {
    ...first,
    steps: planSteps(expand, before),
    candidates,
    empty: false,
    contract: { ...second, steps: planSteps(contract, pair.between) },
  };
  if (input.dryRun) return result;
  const file = writeMigration(workspace.config.dir, { ...first, ops: expand });
  const next = writeMigration(workspace.config.dir, { ...second, ops: contract });
  return { ...result, file, contract: { ...result.contract, file: next } };
}

/** What becomes of what the operations of a migration drop: what was asked for, else what is configured. */
function keepingOf({ config }: Workspace, { drops }: GenerateInput, migration: string): KeepDrops {
  return { how: drops ?? config.drops ?? "archive", migration, retentionDays: config.retentionDays };
}

/**
 * The schema to start from. Migrations that are not applied yet are in the way of the live one: their effect would be
 * generated a second time.
 */
async function startGraph(workspace: Workspace, from: string | undefined, owners: boolean): Promise<SchemaGraph> {
  if (from !== undefined) return readNamedSource(workspace, from, { owners });
  return withSession(workspace, "generate", async (session) => {
    const state = await readState(workspace, session);
    const [pending] = state.check.pending;
    if (pending === undefined)
      return owners ? readGraph(session, { auditSchema: workspace.config.auditSchema, owners }) : state.live;
    throw toolError({
      code: "usage",
      what: `${pending.id} is not applied yet`,
      why: "a migration generated now from the live schema would contain its changes a second time",
      state: "nothing was written",
      next: "zanith migrate up, or name the starting point with --from",
    });
  });
}

/** A slug from what the steps do, when no name was given. */
function nameFor(steps: readonly PlannedStep[]): string {
  const [first] = steps;
  if (first === undefined) return "nothing";
  const words = `${first.kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_${first.object.replace(/^public\./, "")}`;
  return steps.length === 1 ? words : `${words}_and_${steps.length - 1}_more`;
}
