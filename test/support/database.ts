/**
 * Databases for tests: created on the shared server by cloning a template, queried through a small wrapper, dropped
 * by whoever created them. Test files use with-database.ts, which drops by itself; scripts use this.
 */
import postgres from "postgres";
import { databaseUrl } from "./cluster.ts";
import { testTablespace } from "./tablespace.ts";
import { testServer } from "./test-server.ts";

/** One row as the driver returns it: bigint and numeric as text, timestamps as text. */
export type Row = Readonly<Record<string, unknown>>;

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Runs one statement with `$1` parameters, or a script of several without any; rows of the last one. */
  query(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** An open session of its own, for locks and transactions; closed by `close` or with the database. */
  session(): Promise<TestSession>;
  /** A copy of this database as it is now. Closes this one's connections first: a template must have none. */
  clone(): Promise<TestDatabase>;
  /** Closes the connections made through this value. */
  close(): Promise<void>;
  /** Closes them and drops the database, ending the sessions of others. */
  drop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TestSession {
  readonly pid: number;
  query(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Database to copy; `template0` when absent, so that nothing a given server added to template1 comes along. */
  readonly template?: string;
  /** Connects to this server instead of the run's shared one. */
  readonly serverUrl?: string;
  /** Script to run in the new database. */
  readonly sql?: string;
}

/** Starts the name of every test database; scripts/test.ts drops what is left of its own run. */
export const DATABASE_PREFIX = `zanith_test_${process.env["ZANITH_TEST_RUN"] ?? "solo"}`;

const CONNECT_TIMEOUT_S = 30;
const CLOSE_TIMEOUT_S = 5;
let created = 0;

/** Creates a database of its own. The caller drops it; see `withDatabase` for test files. */
export async function createTestDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const serverUrl = options.serverUrl ?? (await testServer()).url;
  const unique = crypto.randomUUID().slice(0, 8);
  const name = `${DATABASE_PREFIX}_${process.pid}_${++created}_${unique}`;
  const template = options.template ?? "template0";
  await onServer(serverUrl, `create database ${quoted(name)} template ${quoted(template)}`);
  const database = databaseOn(serverUrl, name);
  if (options.sql !== undefined) {
    try {
      await database.query(options.sql);
    } catch (error) {
      await database.drop();
      throw error;
    }
  }
  return database;
}

/** Drops the tablespace of the tests from a server that outlives them; kept while databases of another run use it. */
export async function dropTestTablespace(serverUrl: string): Promise<void> {
  await onServer(serverUrl, `drop tablespace if exists ${quoted(testTablespace)}`).catch(() => undefined);
}

/** Drops every database whose name starts with `prefix`. */
export async function dropTestDatabases(serverUrl: string, prefix: string): Promise<void> {
  const rows = await onServer(
    serverUrl,
    "select datname from pg_catalog.pg_database where starts_with(datname, $1) order by datname",
    [prefix],
  );
  for (const row of rows) {
    await onServer(serverUrl, `drop database if exists ${quoted(String(row["datname"]))} with (force)`);
  }
}

function databaseOn(serverUrl: string, name: string): TestDatabase {
  const url = databaseUrl(serverUrl, name);
  const sessions = new Set<TestSession>();
  let shared: Promise<TestSession> | undefined;

  async function session(): Promise<TestSession> {
    const opened = await openSession(url);
    sessions.add(opened);
    return { ...opened, close: () => closeOne(opened) };
  }
  async function closeOne(opened: TestSession): Promise<void> {
    sessions.delete(opened);
    await opened.close();
  }
  async function close(): Promise<void> {
    const open = shared === undefined ? [] : [shared.then((opened) => opened.close())];
    shared = undefined;
    await Promise.allSettled([...open, ...[...sessions].map(closeOne)]);
  }
  async function drop(): Promise<void> {
    await close();
    await onServer(serverUrl, `drop database if exists ${quoted(name)} with (force)`);
  }
  return {
    url,
    name,
    async query(sql, parameters) {
      shared ??= openSession(url);
      return (await shared).query(sql, parameters);
    },
    session,
    async clone() {
      await close();
      return createTestDatabase({ serverUrl, template: name });
    },
    close,
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

async function openSession(url: string): Promise<TestSession> {
  const sql = connect(url);
  try {
    const [row] = await sql<{ pid: number }[]>`select pg_catalog.pg_backend_pid() as pid`;
    if (row === undefined) throw new Error("the server returned no row");
    return {
      pid: row.pid,
      query: (text, parameters) => run(sql, text, parameters),
      close: () => sql.end({ timeout: CLOSE_TIMEOUT_S }),
    };
  } catch (error) {
    await sql.end({ timeout: CLOSE_TIMEOUT_S });
    throw error;
  }
}

async function onServer(serverUrl: string, text: string, parameters?: readonly unknown[]): Promise<readonly Row[]> {
  const sql = connect(serverUrl);
  try {
    return await run(sql, text, parameters);
  } finally {
    await sql.end({ timeout: CLOSE_TIMEOUT_S });
  }
}

/** One connection that is never replaced behind the test's back: no idle timeout, no lifetime. */
function connect(url: string): postgres.Sql {
  return postgres(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: CONNECT_TIMEOUT_S,
    prepare: false,
    onnotice: () => undefined,
    connection: { application_name: "zanith tests" },
    types: { timestamps: { to: 1184, from: [1082, 1114, 1184], serialize: String, parse: (text: string) => text } },
  }) as postgres.Sql;
}

async function run(sql: postgres.Sql, text: string, parameters?: readonly unknown[]): Promise<readonly Row[]> {
  const result =
    parameters === undefined || parameters.length === 0
      ? await sql.unsafe(text).simple()
      : await sql.unsafe(text, [...parameters] as never[]);
  const rows: readonly unknown[] = Array.isArray(result[0]) ? (result.at(-1) as unknown as unknown[]) : result;
  return rows.map((row) => ({ ...(row as Row) }));
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
