/**
 * Reads schema modules: the builder's graph in the author's words is created in a throwaway database and read back, so
 * that Postgres itself normalises types and expressions.
 */
import { isToolError, type ToolError, toolError, withContext } from "../base/errors.ts";
import { firstLine } from "../base/text.ts";
import { planOperations } from "../diff/plan-operations.ts";
import type { SaidRename } from "../diff/said-renames.ts";
import { emptyGraph, objectsOfKind, type SchemaGraph } from "../model/graph.ts";
import { missingAttribute } from "../model/since-version.ts";
import type { Operation } from "../operation/define.ts";
import { kindOf } from "../operation/registry.ts";
import { executeSteps, type FailedStatement } from "../pg/execute-steps.ts";
import type { Session } from "../pg/session.ts";
import { qualified, quoteIdent, quoteList } from "../sql/identifier.ts";
import { blocksOfModule, graphOfModule, renamesOfModule } from "./builder/module-graph.ts";
import { placeAt } from "./place.ts";
import { characterOffset } from "./postgres-parser.ts";
import { type CheckedScript, checkScripts, runScripts } from "./run-scripts.ts";
import type { CodeFile } from "./trusted-files.ts";
import { importUserModule } from "./user-module.ts";

/** A schema module that was run: its graph in the author's words, and the files whose code ran. */
export interface SchemaModule {
  readonly graph: SchemaGraph;
  /** its blocks of statements, checked like those of a script: what runs before the models, and what after */
  readonly scripts: ModuleScripts;
  readonly files: readonly CodeFile[];
  /** what it says with `renamedFrom` */
  readonly renames: readonly SaidRename[];
}

export interface ModuleScripts {
  readonly before: readonly CheckedScript[];
  readonly after: readonly CheckedScript[];
}

/**
 * Runs the module at an absolute path and checks what it exports. Needs no database.
 * @throws ToolError schema_module_failed naming file and line, or model and field
 */
export async function loadSchemaModule(path: string, shown: string): Promise<SchemaModule> {
  const { exports, files } = await importUserModule(path, shown);
  try {
    const graph = graphOfModule(exports);
    const blocks = blocksOfModule(exports);
    const scriptsOf = (before: boolean) =>
      checkScripts(
        blocks
          .filter(({ block }) => block.before === before)
          .map(({ name, block }) => ({ file: `${shown} (${name})`, text: block.text })),
      );
    const scripts = { before: await scriptsOf(true), after: await scriptsOf(false) };
    const said = [...scripts.before, ...scripts.after].flatMap(({ renames }) => renames);
    return { graph, scripts, files, renames: [...renamesOfModule(exports), ...said] };
  } catch (error) {
    if (!isToolError(error) || error.code !== "schema_module_failed") throw error;
    throw withContext(error, { what: `${shown}: ${error.what}`, details: { file: shown } });
  }
}

/** What models refer to and statements before them may need. */
const earlyKinds: ReadonlySet<string> = new Set(["createSchema", "createExtension", "createEnum"]);

/**
 * Creates the objects of a module's graph in an empty throwaway database, and runs its statements. Names in the author's
 * expressions are looked up in `public`, then in the schemas the module declares; those in its statements in `public`.
 * @throws ToolError schema_module_failed naming the object, with Postgres's words
 */
export async function createSchema(
  session: Session,
  { graph, scripts }: Pick<SchemaModule, "graph" | "scripts">,
  shown: string,
): Promise<void> {
  const server = session.server.versionNum;
  requireServer(graph, server, shown);
  const { operations } = planOperations(emptyGraph, graph, { server });
  const early = operations.filter(({ kind }) => earlyKinds.has(kind));
  const late = operations.filter(({ kind }) => !earlyKinds.has(kind));
  await create(session, early, graph, shown);
  await runScripts(session, scripts.before);
  await create(session, late, graph, shown);
  await runScripts(session, scripts.after);
}

async function create(
  session: Session,
  operations: readonly Operation[],
  graph: SchemaGraph,
  shown: string,
): Promise<void> {
  const context = { server: session.server.versionNum, isFresh: () => true };
  const steps = operations.map((op) => ({ segments: kindOf(op.kind).emit(op, context) }));
  const declared = objectsOfKind(graph, "schema").map(({ name }) => name);
  const path = quoteList(["public", ...declared.filter((name) => name !== "public")]);
  await session.rows("select pg_catalog.set_config('search_path', $1, false)", [path]);
  // Everything is made from nothing: no step needs another one to be committed.
  const failed = await executeSteps(session, steps, { batch: true });
  await session.rows("select pg_catalog.set_config('search_path', '', false)");
  const op = failed && operations[failed.step];
  if (failed && op) throw refused(kindOf(op.kind).describe(op), graph, failed, shown);
}

function requireServer(graph: SchemaGraph, server: number, shown: string): void {
  for (const [id, object] of graph.objects) {
    const missing = missingAttribute(object, server);
    if (missing === undefined) continue;
    throw toolError({
      code: "schema_module_failed",
      what: `${shown}: ${id} has ${missing.words}`,
      why: `${missing.words} exists from Postgres ${missing.since} on, and this server is Postgres ${Math.floor(server / 10_000)}`,
      state: "nothing was changed",
      next: `leave it out of ${shown}, or use Postgres ${missing.since} or later`,
      details: { file: shown, object: id, since: missing.since },
    });
  }
}

function refused(subject: string, graph: SchemaGraph, failed: FailedStatement, shown: string): ToolError {
  const { sql, error } = failed;
  const position = error.details["position"];
  const place = typeof position === "number" ? characterOffset(sql, position - 1) : 0;
  const line = placeAt(sql, place).text.trim().replace(/,$/, "");
  // In CREATE TABLE each column has a line of its own.
  const column = objectsOfKind(graph, "column").find(
    ({ schema, table, name }) =>
      sql.includes(`${qualified(schema, table)} (`) && line.startsWith(`${quoteIdent(name)} `),
  );
  return toolError({
    code: "schema_module_failed",
    what: `${shown}: Postgres refuses ${column ? `column ${quoteIdent(column.name)} of ` : ""}${subject}`,
    why: `${error.why ?? error.what}, at: ${firstLine(line)}`,
    state: "nothing was changed",
    next: `correct ${subject} in ${shown}`,
    details: { ...error.details, file: shown },
    cause: error,
  });
}
