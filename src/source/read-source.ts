/** Reads any source into a SchemaGraph. Reaches databases only through what it is given, and only for sources that need one. */
import { unreachable } from "../base/assert.ts";
import { toolError } from "../base/errors.ts";
import type { SaidRename } from "../diff/said-renames.ts";
import { emptyGraph, type SchemaGraph } from "../model/graph.ts";
import { readGraph } from "../pg/catalog/index.ts";
import type { Session } from "../pg/session.ts";
import { readGraphFile } from "./json-source.ts";
import { createSchema, loadSchemaModule } from "./module-source.ts";
import { checkScripts, runScripts } from "./run-scripts.ts";
import type { Source } from "./source.ts";
import { readScripts } from "./sql-files.ts";
import type { CodeFile } from "./trusted-files.ts";

/** Runs a body with a session that is closed afterwards, whatever happens. */
type WithSession = <T>(body: (session: Session) => Promise<T>) => Promise<T>;

/** How sources reach what they need; nothing is opened for a source that does not. */
export interface SourceDeps {
  /** schema of the tool's own tables, which are no part of what is read */
  readonly auditSchema: string;
  /** read who owns what as well: only of sources that are a database, or become one */
  readonly owners?: boolean;
  /** the configured database */
  readonly withLive: WithSession;
  readonly withUrl: <T>(url: string, body: (session: Session) => Promise<T>) => Promise<T>;
  /** an empty database that is dropped afterwards */
  readonly withThrowaway: WithSession;
  readonly readSnapshot: (id: string) => Promise<SchemaGraph>;
  /** told about a document whose recorded hash is not that of its content */
  readonly onEdited?: (shown: string) => void;
  /** told which renames a source says of its own tables and columns */
  readonly onRenames?: (renames: readonly SaidRename[]) => void;
  /** told which files of the user's were run as code */
  readonly onCode?: (files: readonly CodeFile[]) => void;
}

/**
 * The graph of a source. Files are read and checked before any database is opened.
 * @throws ToolError of the file (file_*, format_*, sql_invalid, schema_module_failed) or of the connection
 */
export async function readSource(source: Source, deps: SourceDeps): Promise<SchemaGraph> {
  const read = (session: Session) =>
    readGraph(session, { auditSchema: deps.auditSchema, owners: deps.owners ?? false });
  if (deps.owners && (source.kind === "json" || source.kind === "snapshot")) throw ownersUnknown(source);
  switch (source.kind) {
    case "empty":
      return emptyGraph;
    case "json": {
      const { graph, intact } = await readGraphFile(source.path, source.shown);
      if (!intact) deps.onEdited?.(source.shown);
      return graph;
    }
    case "snapshot":
      return deps.readSnapshot(source.id);
    case "live":
      return deps.withLive(read);
    case "url":
      return deps.withUrl(source.url, read);
    case "sql": {
      const scripts = await checkScripts(await readScripts(source.path, source.shown));
      deps.onRenames?.(scripts.flatMap(({ renames }) => renames));
      return deps.withThrowaway(async (session) => {
        await runScripts(session, scripts);
        return read(session);
      });
    }
    case "module": {
      const module = await loadSchemaModule(source.path, source.shown);
      deps.onCode?.(module.files);
      deps.onRenames?.(module.renames);
      return deps.withThrowaway(async (session) => {
        await createSchema(session, module, source.shown);
        return read(session);
      });
    }
    default:
      return unreachable(source);
  }
}

function ownersUnknown(source: Source): Error {
  return toolError({
    code: "usage",
    what: `${"shown" in source ? source.shown : "a snapshot"} does not say who owns what`,
    why: "owners are no part of exported and stored schemas",
    state: "nothing was changed",
    next: "leave --owners out, or compare databases and scripts",
  });
}
