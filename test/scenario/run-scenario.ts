/**
 * Takes a scenario through a server both ways: each schema loaded fresh and observed, seeded, migrated to the other one and
 * observed again. Reports what it saw and judges nothing.
 */
import { isToolError } from "../../src/base/errors.ts";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import { planOperations } from "../../src/diff/plan-operations.ts";
import type { SchemaGraph } from "../../src/model/graph.ts";
import { columnId } from "../../src/model/kinds.ts";
import type { Operation } from "../../src/operation/define.ts";
import { kindOf } from "../../src/operation/registry.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { executeSteps } from "../../src/pg/execute-steps.ts";
import { connect, type Session } from "../../src/pg/session.ts";
import { planSteps } from "../../src/risk/plan.ts";
import { catalogDump } from "../support/catalog-dump.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { pgDump } from "../support/pg-dump.ts";
import { type Scenario, type Way, withoutColumnOrder } from "../support/scenario.ts";
import type { ScenarioServer } from "./servers.ts";
import { rowsOf, sequenceValues, survivingColumns } from "./surviving-rows.ts";

/** A schema as three observers see it; `dump` is absent where pg_dump cannot read the server. */
export interface Seen {
  readonly graph: SchemaGraph;
  readonly catalog: string;
  readonly dump: string | undefined;
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

interface Side extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly session: Session;
  see(): Promise<Seen>;
}

/** Both ways of a scenario. Throws when one of its files cannot be loaded. */
export async function runScenario(
  scenario: Scenario,
  server: Pick<ScenarioServer, "url" | "dumps">,
): Promise<{ readonly there: WayReport; readonly back: WayReport }> {
  await using before = await loadSide(scenario, server, scenario.there.from);
  await using after = await loadSide(scenario, server, scenario.back.from);
  const [seenBefore, seenAfter] = await Promise.all([before.see(), after.see()]);
  const { there: thereWay, back: backWay } = scenario;
  // Each side is needed as it is while the columns of both are compared, so rows are looked at before anything moves.
  const columns = {
    there: await survivingColumns(before.database, after.database, thereWay.renames),
    back: await survivingColumns(after.database, before.database, backWay.renames),
  };
  const [there, back] = await Promise.all([
    migrate(scenario, thereWay, before, columns.there, seenBefore.graph, seenAfter),
    migrate(scenario, backWay, after, columns.back, seenAfter.graph, seenBefore),
  ]);
  return { there, back };
}

async function loadSide(scenario: Scenario, server: Pick<ScenarioServer, "url" | "dumps">, sql: string): Promise<Side> {
  const database = await createTestDatabase({ serverUrl: server.url, sql });
  const settings = resolveProcessConnection(database.url, {});
  const session = await connect(settings, { applicationName: "zanith scenario" });
  return {
    database,
    session,
    async see() {
      const { columnOrder } = scenario;
      const observer = await database.session();
      const [graph, catalog, dump] = await Promise.all([
        readGraph(session, { auditSchema: "public" }),
        catalogDump(observer.query, { columnOrder }).finally(observer.close),
        server.dumps ? pgDump(database.url) : undefined,
      ]);
      return { graph, catalog, dump: dump !== undefined && !columnOrder ? withoutColumnOrder(dump) : dump };
    },
    async [Symbol.asyncDispose]() {
      await session.close();
      await database.drop();
    },
  };
}

async function migrate(
  scenario: Scenario,
  way: Way,
  side: Side,
  columns: Awaited<ReturnType<typeof survivingColumns>>,
  before: SchemaGraph,
  target: Seen,
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
  const result = await side.see();
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
