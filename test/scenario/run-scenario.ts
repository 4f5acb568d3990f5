/**
 * Takes a scenario through a server both ways: each schema loaded fresh and observed, seeded, migrated to the other one and
 * observed again. Reports what it saw and judges nothing.
 */
import { isToolError } from "../../src/base/errors.ts";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import { planOperations } from "../../src/diff/plan-operations.ts";
import type { SchemaGraph } from "../../src/model/graph.ts";
import { columnId } from "../../src/model/kinds.ts";
import type { Operation } from "../../src/operation/define.ts";
import { kindOf } from "../../src/operation/registry.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { executeSteps } from "../../src/pg/execute-steps.ts";
import { planSteps } from "../../src/risk/plan.ts";
import { catalogDump } from "../support/catalog-dump.ts";
import { pgDump } from "../support/pg-dump.ts";
import { type Scenario, type Way, withoutColumnOrder } from "../support/scenario.ts";
import type { Side, SidePool } from "./side-pool.ts";
import { rowsOf, sequenceValues, survivingColumns } from "./surviving-rows.ts";

/** A schema as two observers see it: the reader under test and, sharing no code with it, pg_dump or a dump of the catalogs. */
export interface Seen {
  readonly graph: SchemaGraph;
  readonly dump: string;
}

/** What a migration did. */
export interface WayReport {
  readonly operations: readonly string[];
  /** the first failure in words; undefined when everything was applied */
  readonly failure: string | undefined;
  /** kinds asked for and missing, and kinds not wanted and present */
  readonly overBudget: readonly string[];
  /** tables and columns of both schemas that the plan drops */
  readonly recreated: readonly string[];
  /** what a second plan would do */
  readonly left: readonly string[];
  readonly result: Seen;
  readonly target: Seen;
  /** rows and sequence values that had to survive, before and after */
  readonly kept: { readonly before: unknown; readonly after: unknown };
}

/** Both ways of a scenario; `dumps` says that pg_dump reads the server. Throws when a file of it cannot be loaded. */
export function runScenario(
  scenario: Scenario,
  pool: SidePool,
  dumps: boolean,
): Promise<{ readonly there: WayReport; readonly back: WayReport }> {
  const { there, back } = scenario;
  return pool.lend((before) =>
    pool.lend(async (after) => {
      await before.database.query(there.from);
      await after.database.query(back.from);
      const [seenBefore, seenAfter] = await Promise.all([see(before, scenario, dumps), see(after, scenario, dumps)]);
      // Each side is needed as it is while the columns of both are compared, so that is done before anything moves.
      const columnsThere = await survivingColumns(before.database, after.database, there.renames);
      const columnsBack = await survivingColumns(after.database, before.database, back.renames);
      const [thereReport, backReport] = await Promise.all([
        migrate(scenario, there, before, columnsThere, seenBefore.graph, seenAfter, dumps),
        migrate(scenario, back, after, columnsBack, seenAfter.graph, seenBefore, dumps),
      ]);
      return { there: thereReport, back: backReport };
    }),
  );
}

/** Looks at a schema with the tool's own reader and with pg_dump, or a dump of the catalogs where pg_dump cannot. */
async function see(
  { database, session }: Side,
  { columnOrder, owners = false }: Scenario,
  dumps: boolean,
): Promise<Seen> {
  const [graph, dump] = await Promise.all([
    readGraph(session, { auditSchema: "public", owners }),
    dumps ? pgDump(database.url) : catalogDump(database.query, { columnOrder }),
  ]);
  return { graph, dump: dumps && !columnOrder ? withoutColumnOrder(dump) : dump };
}

async function migrate(
  scenario: Scenario,
  way: Way,
  side: Side,
  columns: Awaited<ReturnType<typeof survivingColumns>>,
  before: SchemaGraph,
  target: Seen,
  dumps: boolean,
): Promise<WayReport> {
  const { database, session } = side;
  if (way.seed.trim() !== "") await database.query(way.seed);
  const surviving = columns.filter(({ to }) => !scenario.changedValues.includes(shortName(to)));
  const keptBefore = await rowsOf(database, surviving, "from");
  const sequencesBefore = await sequenceValues(database);

  const server = session.server.versionNum;
  let operations: readonly Operation[] = [];
  let failure: string | undefined;
  try {
    operations = planOperations(before, target.graph, { server, renames: way.renames }).operations;
    const failed = await executeSteps(session, planSteps(operations, before, { server }));
    if (failed) failure = `${failed.sql}\n${failed.error.why ?? failed.error.what}`;
  } catch (error) {
    if (!isToolError(error)) throw error;
    failure = `no plan: ${error.what}: ${error.why}`;
  }
  const kinds = operations.map(({ kind }) => kind);
  const result = await see(side, scenario, dumps);
  const kept = failure === undefined ? surviving : [];
  const names = new Map(await sequenceValues(database));
  const sequences = [...sequencesBefore.keys()].filter(
    (name) => names.has(name) && !scenario.changedValues.includes(name),
  );
  const valuesOf = (from: ReadonlyMap<string, string>) => sequences.map((name) => `${name}: ${from.get(name)}`);
  return {
    operations: operations.map((op) => `${op.kind} ${kindOf(op.kind).describe(op)}`),
    failure,
    overBudget: [
      ...(way.budget.require ?? []).filter((kind) => !kinds.includes(kind)).map((kind) => `no ${kind}`),
      ...(way.budget.forbid ?? []).filter((kind) => kinds.includes(kind)),
    ],
    recreated: recreated(operations, before, target.graph, columns),
    left: whatIsLeft(result.graph, target.graph, server),
    result,
    target,
    kept: {
      before: failure === undefined ? [keptBefore, valuesOf(sequencesBefore)] : [],
      after: failure === undefined ? [await rowsOf(database, kept, "to"), valuesOf(names)] : [],
    },
  };
}

function whatIsLeft(graph: SchemaGraph, target: SchemaGraph, server: number): readonly string[] {
  const differences = diffGraphs(graph, target);
  if (differences.length === 0) return [];
  try {
    const { operations } = planOperations(graph, target, { server });
    return operations.map((op) => `${op.kind} ${kindOf(op.kind).describe(op)}`);
  } catch {
    return differences.map((change) => `${change.type} ${change.id}`);
  }
}

/** Ids of tables, and of columns whose values had to survive, that an operation drops although both schemas have them. */
function recreated(
  operations: readonly Operation[],
  before: SchemaGraph,
  after: SchemaGraph,
  columns: Awaited<ReturnType<typeof survivingColumns>>,
): readonly string[] {
  const kept = new Set(
    columns.filter(({ generated }) => !generated).map(({ from }) => `column:${from.table}.${from.column}`),
  );
  const found: string[] = [];
  for (const op of operations) {
    for (const edit of kindOf(op.kind).predict(op, before)) {
      if (!("drop" in edit)) continue;
      const object = before.objects.get(edit.drop);
      if (object?.kind === "table" && after.objects.has(edit.drop)) found.push(edit.drop);
      if (object?.kind === "column" && kept.has(columnId(object.schema, object.table, object.name)))
        found.push(edit.drop);
    }
  }
  return found;
}

/** `table.column`, or with its schema where that is not public. */
function shortName({ table, column }: { readonly table: string; readonly column: string }): string {
  return `${table.replace(/^public\./, "")}.${column}`;
}
