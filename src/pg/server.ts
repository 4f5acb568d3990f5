/** What a session's server is, and the settings every session starts with. Decides nothing about connections. */
import { toolError } from "../base/errors.ts";
import { quoteLiteral } from "../sql/literal.ts";

/** The server and identity behind a session, read when it was opened. */
export interface ServerInfo {
  /** As server_version_num, e.g. 180004. */
  readonly versionNum: number;
  /** E.g. "18.4", without the packager's remarks. */
  readonly version: string;
  readonly database: string;
  readonly user: string;
  readonly isSuperuser: boolean;
  readonly encoding: string;
  readonly inRecovery: boolean;
  /** Whether transactions start read-only here (a standby, or default_transaction_read_only). */
  readonly readOnly: boolean;
  /** A pooler in session mode is in between: the process id of the protocol's key differs from the backend's. */
  readonly behindPooler: boolean;
}

/** The oldest server whose catalogs the tool knows. */
export const oldestVersionNum = 140000;

/**
 * Settings of every session, so that the same value always has the same text and no name is looked up in a schema
 * that others can write (CVE-2018-1058). row_security, lock_timeout and synchronous_commit stay as the role has them.
 */
const sessionSettings: readonly (readonly [name: string, value: string])[] = [
  ["search_path", ""],
  ["DateStyle", "ISO, YMD"],
  ["IntervalStyle", "postgres"],
  ["TimeZone", "UTC"],
  ["extra_float_digits", "3"],
  ["bytea_output", "hex"],
  ["xmlbinary", "base64"],
  ["lc_monetary", "C"],
  ["standard_conforming_strings", "on"],
  ["client_encoding", "UTF8"],
  // Catalog queries are short; compiling them costs more than running them.
  ["jit", "off"],
];

/** An idle open transaction of ours would hold locks: the server ends it. */
export const defaultIdleInTransactionMs = 60_000;

export interface OpeningSettings {
  readonly statementTimeoutMs: number | undefined;
  readonly idleInTransactionTimeoutMs: number;
}

/** Reads who and what answers, without setting anything: one row. Names are qualified, as no path is safe yet. */
export const identityQuery = `select
  pg_catalog.pg_backend_pid(),
  pg_catalog.current_setting('server_version_num'),
  pg_catalog.current_setting('server_version'),
  pg_catalog.current_database(),
  current_user,
  pg_catalog.current_setting('is_superuser'),
  pg_catalog.current_setting('server_encoding'),
  pg_catalog.pg_is_in_recovery(),
  pg_catalog.current_setting('transaction_read_only')`;

/** Applies the session settings and reads process id and start of the backend, in one round trip: one row. */
export function settingsQuery(settings: OpeningSettings): string {
  const pairs = [
    ...sessionSettings,
    ["idle_in_transaction_session_timeout", String(settings.idleInTransactionTimeoutMs)] as const,
  ];
  if (settings.statementTimeoutMs !== undefined) pairs.push(["statement_timeout", String(settings.statementTimeoutMs)]);
  const calls = pairs.map(([name, value]) => setConfig(name, value, false));
  // The result is printed after the settings are made, so that the time is in UTC and ISO form.
  return `select
  pg_catalog.pg_backend_pid(),
  (select a.backend_start from pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) as a),
  ${calls.join(",\n  ")}`;
}

/** A call of set_config; `local` limits it to the transaction. */
export function setConfig(name: string, value: string, local: boolean): string {
  return `pg_catalog.set_config(${quoteLiteral(name)}, ${quoteLiteral(value)}, ${local})`;
}

/** A backend that is open and set up. */
export interface Opening {
  readonly pid: number;
  readonly backendStart: string;
  readonly server: ServerInfo;
}

/** Reads the row of `identityQuery`. @param keyPid the process id the protocol announced */
export function readIdentity(row: readonly (string | null)[], keyPid: number): { pid: number; server: ServerInfo } {
  const text = (index: number) => row[index] ?? "";
  const pid = Number(text(0));
  return {
    pid,
    server: {
      versionNum: Number(text(1)),
      version: text(2).split(" ", 1)[0] ?? "",
      database: text(3),
      user: text(4),
      isSuperuser: text(5) === "on",
      encoding: text(6),
      inRecovery: text(7) === "t",
      readOnly: text(8) === "on",
      behindPooler: pid !== keyPid,
    },
  };
}

/** @throws ToolError server_unsupported for servers older than the tool knows */
export function requireKnownServer(server: ServerInfo): void {
  if (server.versionNum >= oldestVersionNum) return;
  throw toolError({
    code: "server_unsupported",
    what: `database ${server.database} is on Postgres ${server.version}`,
    why: `the oldest supported server is Postgres ${oldestVersionNum / 10000}`,
    state: "nothing was changed",
    next: "upgrade the server",
  });
}
