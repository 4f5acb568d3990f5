/**
 * Throwaway databases on a server: made empty with the locale of another, marked by name and comment, and dropped
 * whatever happens. Never drops a database whose name it would not have made itself.
 */
import { assert } from "../base/assert.ts";
import { isToolError, type ToolError, withContext } from "../base/errors.ts";
import { type ConnectionSettings, withDatabase } from "../config/connection.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { quoteLiteral } from "../sql/literal.ts";
import { type DatabaseLocale, localeClauses, readDatabaseLocale } from "./database-locale.ts";
import { connect, type Session } from "./session.ts";

/** Begins the name of every throwaway database. */
export const shadowPrefix = "_zanith_shadow_";

/** Name of a throwaway database: the prefix, the second it was made (server clock, base 36), randomness. */
const shadowName = /^_zanith_shadow_([0-9a-z]{6,8})_[0-9a-f]{16}$/;

/** Older than this and without sessions, a throwaway database was left behind by a process that died. */
export const staleAfterMs = 86_400_000;

export interface ShadowOptions {
  readonly applicationName: string;
  /** Encoding and locale; those of the database in the settings without it. */
  readonly locale?: DatabaseLocale;
  /** What it is for, kept in its comment. */
  readonly purpose?: string;
  /** Keeps the database instead of dropping it, also after a failure. */
  readonly keep?: boolean;
}

/** A throwaway database as its user sees it. */
export interface ShadowDatabase {
  readonly name: string;
  readonly settings: ConnectionSettings;
}

/**
 * Creates a throwaway database on the server of `settings` (which names any database there that the role can reach,
 * normally the live one; nothing in it is read but its locale), runs `body`, and drops it.
 * @throws ToolError permission_denied when the role lacks CREATEDB; what the body threw; statement_failed or
 * connection_lost when the database could not be dropped after the body succeeded
 */
export async function withShadowDatabase<T>(
  settings: ConnectionSettings,
  options: ShadowOptions,
  body: (shadow: ShadowDatabase) => Promise<T>,
): Promise<T> {
  let made: string | undefined;
  const drop = async () => {
    const name = made;
    // A session of its own: the one that created it must not sit idle through a long verify.
    if (name !== undefined)
      await onServer(settings, options.applicationName, (admin) => dropShadowDatabase(admin, name));
  };
  let result: T;
  try {
    const name = await onServer(settings, options.applicationName, (admin) =>
      createShadowDatabase(admin, options, (chosen) => {
        made = chosen;
      }),
    );
    result = await body({ name, settings: withDatabase(settings, name) });
  } catch (error) {
    if (options.keep) throw error;
    try {
      // Also when creating it failed: the answer may have been lost, not the database.
      await drop();
    } catch (dropError) {
      throw alsoLeft(error, made ?? "", dropError);
    }
    throw error;
  }
  if (!options.keep) await drop();
  return result;
}

/**
 * Creates a throwaway database and returns its name, which `onName` learns before anything is created.
 * @throws ToolError permission_denied without CREATEDB
 */
export async function createShadowDatabase(
  admin: Session,
  options: ShadowOptions,
  onName: (name: string) => void = () => {},
): Promise<string> {
  const locale = options.locale ?? (await readDatabaseLocale(admin));
  const [clock] = await admin.rows("select pg_catalog.floor(extract(epoch from pg_catalog.now())), pg_catalog.now()");
  const made = Number(clock?.[0]).toString(36);
  const name = `${shadowPrefix}${made}_${crypto.getRandomValues(new Uint8Array(8)).toHex()}`;
  const quoted = quoteIdent(name);
  onName(name);
  try {
    await admin.execute(
      `create database ${quoted} template template0 ${localeClauses(locale, admin.server.versionNum)}`,
    );
  } catch (error) {
    throw isToolError(error) ? creationFailed(error, admin, locale) : error;
  }
  const comment = JSON.stringify({ tool: "zanith", purpose: options.purpose ?? "shadow", made: clock?.[1] });
  await admin.execute(`comment on database ${quoted} is ${quoteLiteral(comment)}`);
  return name;
}

/** Drops a throwaway database and ends the sessions in it. Refuses any name that is not one of a throwaway database. */
export async function dropShadowDatabase(admin: Session, name: string): Promise<void> {
  assert(shadowName.test(name), "asked to drop a database that is not a throwaway one");
  await admin.execute(`drop database if exists ${quoteIdent(name)} with (force)`);
}

/** A throwaway database that nobody uses any more. */
export interface StaleShadowDatabase {
  readonly name: string;
  /** When it was made, ISO 8601 in UTC. */
  readonly madeAt: string;
}

/** Throwaway databases of this server older than `olderThanMs` that no session is connected to, oldest first. */
export async function listStaleShadowDatabases(
  session: Session,
  olderThanMs: number = staleAfterMs,
): Promise<readonly StaleShadowDatabase[]> {
  const rows = await session.rows(
    `select d.datname, pg_catalog.floor(extract(epoch from pg_catalog.now()))
from pg_catalog.pg_database as d
where pg_catalog.starts_with(d.datname, $1)
  and not exists (select from pg_catalog.pg_stat_activity as a where a.datid = d.oid)
order by d.datname`,
    [shadowPrefix],
  );
  const stale: StaleShadowDatabase[] = [];
  for (const [name, now] of rows) {
    const made = name === null || name === undefined ? undefined : shadowName.exec(name)?.[1];
    if (!name || made === undefined) continue;
    const madeMs = Number.parseInt(made, 36) * 1000;
    if (Number(now) * 1000 - madeMs >= olderThanMs) stale.push({ name, madeAt: new Date(madeMs).toISOString() });
  }
  return stale;
}

async function onServer<T>(
  settings: ConnectionSettings,
  applicationName: string,
  work: (admin: Session) => Promise<T>,
): Promise<T> {
  const admin = await connect(settings, { applicationName });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

function creationFailed(error: ToolError, admin: Session, locale: DatabaseLocale): ToolError {
  const { user, database } = admin.server;
  if (error.code === "permission_denied") {
    return withContext(error, {
      what: `role ${user} may not create a throwaway database beside ${database}`,
      state: "nothing was changed",
      next: `alter role ${quoteIdent(user)} createdb; or give a shadow of your own with --shadow`,
    });
  }
  return withContext(error, {
    what: `a throwaway database (encoding ${locale.encoding}, locale ${locale.locale ?? locale.collate}) could not be created`,
    state: "nothing was changed",
    next: "give a shadow of your own with --shadow",
  });
}

function alsoLeft(error: unknown, name: string, dropError: unknown): unknown {
  if (!isToolError(error)) return error;
  const why = isToolError(dropError) ? (dropError.why ?? dropError.what) : "unknown cause";
  return withContext(error, {
    state: `${error.state ?? ""}; the throwaway database ${name} may be left behind: ${why}`,
  });
}
