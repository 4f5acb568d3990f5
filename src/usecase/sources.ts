/** Reads any source a command names, with what it needs of the workspace: the database, a throwaway one, a snapshot. */
import { toolError } from "../base/errors.ts";
import type { SaidRename } from "../diff/said-renames.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { connect, type Session } from "../pg/session.ts";
import { withShadowDatabase } from "../pg/shadow-database.ts";
import { ledgerIn } from "../run/ledger.ts";
import { readSource } from "../source/read-source.ts";
import { parseSource } from "../source/source.ts";
import { shadowConnection, type Workspace, withSession } from "./workspace.ts";

/** How a source is read besides what the workspace says. */
interface NamedSourceOptions {
  readonly owners?: boolean;
  /** told what the source says about renames of its own tables and columns */
  readonly onRenames?: (renames: readonly SaidRename[]) => void;
}

/** The graph of a source as it is written on the command line or in the configuration. Offline sources never connect. */
export async function readNamedSource(
  workspace: Workspace,
  text: string,
  { owners = false, onRenames }: NamedSourceOptions = {},
): Promise<SchemaGraph> {
  const { auditSchema } = workspace.config;
  return readSource(parseSource(text, workspace.cwd), {
    auditSchema,
    owners,
    ...(onRenames ? { onRenames } : {}),
    onEdited: (shown) => workspace.note?.(`${shown} was edited by hand: its hash is not that of its content`),
    withLive: (body) => withSession(workspace, "source", body),
    withUrl: async (url, body) => {
      const session = await connect(workspace.connectionOf(url), { applicationName: "zanith source" });
      return closing(session, body);
    },
    withThrowaway: (body) =>
      withShadowDatabase(
        shadowConnection(workspace),
        { applicationName: "zanith source", purpose: "source" },
        async ({ settings }) => closing(await connect(settings, { applicationName: "zanith source" }), body),
      ),
    readSnapshot: (id) => withSession(workspace, "source", (session) => readSnapshot(session, auditSchema, id)),
  });
}

async function closing<T>(session: Session, body: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await body(session);
  } finally {
    await session.close();
  }
}

/** The graph of a stored snapshot. @throws ToolError name_unknown */
export async function readSnapshot(session: Session, auditSchema: string, id: string): Promise<SchemaGraph> {
  const ledger = ledgerIn(auditSchema);
  const found = (await ledger.exists(session)) ? await ledger.snapshot(session, id) : undefined;
  if (found !== undefined) return found.graph;
  throw toolError({
    code: "name_unknown",
    what: `there is no snapshot of ${id}`,
    why: "snapshots are kept per applied migration, and one for each baseline",
    state: "nothing was changed",
    next: "zanith snapshot list",
  });
}

/** The declared schema: what the configuration or `--to` names. @throws ToolError usage when neither does */
export function declaredSource(workspace: Workspace, given: string | undefined): string {
  const source = given ?? workspace.config.schema;
  if (source !== undefined) return source;
  throw toolError({
    code: "usage",
    what: "there is no declared schema to compare with",
    why: "the configuration names none and --to was not given",
    state: "nothing was changed",
    next: "zanith init, or name one with --to schema.sql",
  });
}
