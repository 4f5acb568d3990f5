/** What every use case is given: configuration, how to reach the database, the clock. No argv, no terminal, no process. */

import { toolError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import type { ConnectionSettings } from "../config/connection.ts";
import type { Target } from "../config/targets.ts";
import { connect, type Session } from "../pg/session.ts";
import type { Emit } from "../run/events.ts";
import type { BackOff } from "../run/lock-retry.ts";

export interface Workspace {
  readonly cwd: string;
  readonly config: Config;
  /** the configured database; throws connection_settings_invalid when none can be made out */
  readonly connection: () => ConnectionSettings;
  /** settings for a URL given on the command line, with libpq's defaults around it */
  readonly connectionOf: (url: string) => ConnectionSettings;
  readonly now: () => Date;
  /** between 0 and 1: jitter only */
  readonly random: () => number;
  /** told what a person should know although nothing failed: a document that was edited by hand */
  readonly note?: (message: string) => void;
}

/** The workspace of one database of a fleet; a tenant's ledger is where the audit schema says {schema}. */
export function forTarget(workspace: Workspace, { url, schema }: Target): Workspace {
  const { config } = workspace;
  const tenant = schema === undefined ? {} : { tenant: schema };
  const auditSchema = schema === undefined ? config.auditSchema : config.auditSchema.replaceAll("{schema}", schema);
  return { ...workspace, config: { ...config, auditSchema, ...tenant }, connection: () => workspace.connectionOf(url) };
}

/** What a use case may say and hear while it runs. */
export interface Run {
  readonly emit: Emit;
  /** given to stop before the next statement */
  readonly signal: AbortSignal;
  /** given to cancel the running statement as well */
  readonly cancel?: AbortSignal;
  /** given to stop before the next step: the one that runs is finished first, a backfill with all its batches */
  readonly afterStep?: AbortSignal;
  /** asked when a wait for a lock should be given up for now, so that others go first */
  readonly backOff?: BackOff;
}

/** A run that says nothing and is never stopped. */
export const quietRun: Run = { emit: () => {}, signal: new AbortController().signal };

/** Opens a session with the configured database, runs the body and closes the session. */
export async function withSession<T>(
  workspace: Workspace,
  purpose: string,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await connect(workspace.connection(), { applicationName: `zanith ${purpose}` });
  try {
    return await body(session);
  } finally {
    await session.close();
  }
}

/** The two sessions of a run that writes: refused on a standby and through a pooler in transaction mode. */
export async function withRunSessions<T>(
  workspace: Workspace,
  purpose: string,
  body: (sessions: {
    readonly work: Session;
    readonly audit: Session;
    readonly open: () => Promise<Session>;
  }) => Promise<T>,
): Promise<T> {
  const settings = workspace.connection();
  return withSession(workspace, purpose, async (work) => {
    if (work.server.readOnly) {
      throw toolError({
        code: "read_only",
        what: `database ${work.server.database} cannot be written to`,
        why: work.server.inRecovery ? "the server is a standby" : "its transactions are read-only by default",
        state: "nothing was changed",
        next: "connect to the primary",
      });
    }
    const audit = await connect(settings, { applicationName: `zanith ${purpose} audit` });
    try {
      const open = (): Promise<Session> => connect(settings, { applicationName: `zanith ${purpose} worker` });
      return await body({ work, audit, open });
    } finally {
      await audit.close();
    }
  });
}

/** Runs a body that may be cancelled: the second signal cancels what the session is doing. */
export async function cancellable<T>(run: Run, session: Session, body: () => Promise<T>): Promise<T> {
  const cancel = (): void => {
    session.cancel().catch(() => {});
  };
  run.cancel?.addEventListener("abort", cancel, { once: true });
  try {
    return await body();
  } finally {
    run.cancel?.removeEventListener("abort", cancel);
  }
}

/** The settings of the server that throwaway databases are made on: `--shadow`, else the configured one. */
export function shadowConnection(workspace: Workspace): ConnectionSettings {
  const { shadow } = workspace.config;
  return shadow === undefined ? workspace.connection() : workspace.connectionOf(shadow);
}
