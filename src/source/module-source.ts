/**
 * Reads schema modules: the builder's graph in the author's words is created in a throwaway database and read back, so
 * that Postgres itself normalises types and expressions.
 */
import { type ToolError, toolError } from "../base/errors.ts";
import { firstLine } from "../base/text.ts";
import { planOperations } from "../diff/plan-operations.ts";
import { emptyGraph, objectsOfKind, type SchemaGraph } from "../model/graph.ts";
import { kindOf } from "../operation/registry.ts";
import { executeSteps } from "../pg/execute-steps.ts";
import type { Session } from "../pg/session.ts";
import { quoteList } from "../sql/identifier.ts";
import { graphOfModule } from "./builder/module-graph.ts";
import { placeAt } from "./place.ts";
import { characterOffset } from "./postgres-parser.ts";
import { importUserModule } from "./user-module.ts";

/** A schema module that was run, with its graph in the author's words. */
export interface SchemaModule {
  readonly graph: SchemaGraph;
  readonly path: string;
  readonly sha256: string;
}

/**
 * Runs the module at an absolute path and checks what it exports. Needs no database.
 * @throws ToolError schema_module_failed naming file and line, or model and field
 */
export async function loadSchemaModule(path: string, shown: string): Promise<SchemaModule> {
  const { exports, path: real, sha256 } = await importUserModule(path, shown);
  return { graph: graphOfModule(exports), path: real, sha256 };
}

/**
 * Creates the objects of a module's graph in an empty throwaway database. Names in the author's expressions are looked
 * up in `public`, then in the schemas the module declares.
 * @throws ToolError schema_module_failed naming the object, with Postgres's words
 */
export async function createSchema(session: Session, graph: SchemaGraph, shown: string): Promise<void> {
  const server = session.server.versionNum;
  const { operations } = planOperations(emptyGraph, graph, { server });
  const context = { server, isFresh: () => true };
  const steps = operations.map((op) => ({ segments: kindOf(op.kind).emit(op, context) }));
  const declared = objectsOfKind(graph, "schema").map(({ name }) => name);
  const path = quoteList(["public", ...declared.filter((name) => name !== "public")]);
  await session.rows("select pg_catalog.set_config('search_path', $1, false)", [path]);
  const failed = await executeSteps(session, steps);
  await session.rows("select pg_catalog.set_config('search_path', '', false)");
  const op = failed && operations[failed.step];
  if (!failed || !op) return;
  throw refused(`${op.kind} ${kindOf(op.kind).describe(op)}`, failed.sql, failed.error, shown);
}

function refused(subject: string, sql: string, error: ToolError, shown: string): ToolError {
  const position = error.details["position"];
  const line = typeof position === "number" ? placeAt(sql, characterOffset(sql, position - 1)).text.trim() : sql;
  return toolError({
    code: "schema_module_failed",
    what: `${shown}: Postgres refuses ${subject}`,
    why: `${error.why ?? error.what}, at: ${firstLine(line)}`,
    state: "the throwaway database is gone; nothing else was changed",
    next: `correct the model in ${shown}`,
    details: { file: shown, ...error.details },
    cause: error,
  });
}
