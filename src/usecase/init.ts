/** init: a configuration, a declared schema and the baseline snapshot of the live database. Overwrites nothing. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { toolError } from "../base/errors.ts";
import { emptyGraph, type SchemaGraph } from "../model/graph.ts";
import { readGraph } from "../pg/catalog/index.ts";
import { type BaselineResult, baseline } from "./baseline.ts";
import { graphScript } from "./graph-script.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

export interface InitInput {
  /** file of the declared schema, relative to the working directory */
  readonly schemaPath?: string;
  /** do without the database: no baseline, an empty schema file */
  readonly offline?: boolean;
}

export interface InitResult {
  /** paths written, relative to the working directory */
  readonly files: readonly string[];
  /** paths that were there already and were left alone */
  readonly kept: readonly string[];
  readonly baseline?: BaselineResult;
}

/** Sets a project up beside a live database: its schema becomes the first declared schema. */
export async function init(workspace: Workspace, input: InitInput, run: Run): Promise<InitResult> {
  const schemaPath = input.schemaPath ?? "schema.sql";
  if (!schemaPath.endsWith(".sql")) {
    throw toolError({
      code: "usage",
      what: `${schemaPath} is not a .sql file`,
      why: "init writes the live schema as SQL; a .ts module is written by hand and named in the configuration",
      state: "nothing was written",
      next: "zanith init --schema schema.sql",
    });
  }
  const files: string[] = [];
  const kept: string[] = [];
  const write = (path: string, text: string): void => {
    if (existsSync(path)) kept.push(relative(workspace.cwd, path));
    else {
      writeFileSync(path, text, { flag: "wx" });
      files.push(relative(workspace.cwd, path));
    }
  };
  const graph: SchemaGraph | undefined = input.offline
    ? undefined
    : await withSession(workspace, "init", (session) =>
        readGraph(session, { auditSchema: workspace.config.auditSchema }),
      );
  const config = {
    schema: schemaPath,
    dir: relative(workspace.cwd, workspace.config.dir) || ".",
    mode: workspace.config.mode,
  };
  write(join(workspace.cwd, "zanith.config.json"), `${JSON.stringify(config, null, 2)}\n`);
  write(join(workspace.cwd, schemaPath), graphScript(graph ?? emptyGraph));
  if (!existsSync(workspace.config.dir)) {
    mkdirSync(workspace.config.dir, { recursive: true });
    files.push(`${relative(workspace.cwd, workspace.config.dir)}/`);
  }
  if (input.offline) return { files, kept };
  return { files, kept, baseline: await baseline(workspace, {}, run) };
}
