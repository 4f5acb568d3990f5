/**
 * Decides which server, database and user a command means: URL, service file, libpq variables and defaults in libpq's
 * order. A pure function of what it is given; it opens no connection, and secrets leave it only behind functions.
 */
import { toolError } from "../base/errors.ts";
import { type Keyword, keywordVariables, type StatedSettings, type StatedValue } from "./connection-keywords.ts";
import { type FileReader, type SettingsReader, settingsReader } from "./connection-reader.ts";
import { readTlsSettings, type TlsSettings } from "./connection-tls.ts";
import { parseConnectionUrl } from "./connection-url.ts";
import { readService } from "./pg-service.ts";
import { findPassword } from "./pgpass.ts";

/** One server to try. */
export interface HostSettings {
  /** A name, an address, or the directory of a Unix socket (then it begins with a slash). */
  readonly host: string;
  /** The address to dial when it is given apart from the name that TLS verifies (hostaddr). */
  readonly address: string | undefined;
  readonly port: number;
  readonly password: (() => string) | undefined;
}

export const targetSessions = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const;
export type TargetSession = (typeof targetSessions)[number];

/** Everything needed to connect. Safe to print: passwords and keys are behind functions. */
export interface ConnectionSettings {
  readonly hosts: readonly HostSettings[];
  readonly database: string;
  readonly user: string;
  readonly tls: TlsSettings;
  /** What the user stated, if anything; it takes precedence over the tool's own name. */
  readonly applicationName: string | undefined;
  /** Command-line options for the backend (PGOPTIONS). */
  readonly options: string | undefined;
  readonly connectTimeoutMs: number;
  /** Seconds before the first TCP keepalive probe; 0 switches them off. */
  readonly keepAliveSeconds: number;
  readonly targetSession: TargetSession;
  /** Sentences about settings that were ignored or are weaker than they look. */
  readonly warnings: readonly string[];
}

/** What the settings are made from. */
export interface ConnectionSource {
  /** The value of --url, which goes before every variable. */
  readonly url?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string | undefined;
  /** The name of the operating-system user: the default user, as in libpq. */
  readonly osUser?: string | undefined;
  readonly readFile: FileReader;
  /** Whether a Unix socket exists at a path; decides the default host. */
  readonly socketExists?: ((path: string) => boolean) | undefined;
}

/** Used when no connect_timeout is stated: libpq would wait for ever. */
export const defaultConnectTimeoutMs = 10_000;

/** Stands in for "no limit" (connect_timeout=0): no wait here is endless. */
export const longestConnectTimeoutMs = 3_600_000;

const defaultPort = 5432;
const defaultKeepAliveSeconds = 15;
const urlVariables = ["ZANITH_DATABASE_URL", "DATABASE_URL"] as const;
/** Where servers put their socket by default: Debian and Red Hat, then upstream. */
const socketDirectories = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/**
 * The connection settings for --url, else ZANITH_DATABASE_URL, else DATABASE_URL, completed (or, without any URL, given)
 * by the service file, then the libpq variables, then the defaults of libpq. Differences from libpq, all stricter or
 * kinder: without a host and without a local socket it is localhost; connect_timeout defaults to 10 s.
 * @throws ToolError connection_settings_invalid; no message contains a password or a URL
 */
export function resolveConnection(source: ConnectionSource): ConnectionSettings {
  const settings = mergeSettings(source);
  const reader = settingsReader(settings);
  const user = reader.text("user") ?? source.osUser ?? defaultUser(source.env);
  if (user === undefined) throw reader.invalid("user", "no user name is known", "name the user in the URL or PGUSER");
  const database = reader.text("dbname") ?? user;
  const warnings: string[] = [];
  const hosts = readHosts(reader, source, (host, port) =>
    passwordOf(host, port, database, user, reader, source, warnings),
  );
  const tls = readTlsSettings(reader, source.readFile, source.home);
  const verified = tls.mode === "verify-full" || tls.mode === "verify-ca";
  for (const { host } of hosts) {
    if (verified || isLocalHost(host)) continue;
    warnings.push(
      tls.mode === "require"
        ? `the identity of ${host} is not verified (sslmode=require); verify-full prevents impersonation`
        : `the connection to ${host} may be unencrypted (sslmode=${tls.mode}); verify-full prevents that`,
    );
  }
  return {
    hosts,
    database,
    user,
    tls,
    applicationName: reader.text("application_name") ?? reader.text("fallback_application_name"),
    options: reader.text("options"),
    connectTimeoutMs: readConnectTimeout(reader),
    keepAliveSeconds:
      reader.integer("keepalives") === 0
        ? 0
        : Math.max(0, reader.integer("keepalives_idle") || defaultKeepAliveSeconds),
    targetSession: reader.choice("target_session_attrs", targetSessions, "any"),
    warnings: [...new Set(warnings)],
  };
}

/** A host, port, database and user for people to read; never a password. */
export interface ConnectionDescription {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** What the settings point at, safe to show (after safeText, as every text). With several hosts: the first. */
export function describeConnection(settings: ConnectionSettings): ConnectionDescription {
  const first = settings.hosts[0];
  return { host: first?.host ?? "", port: first?.port ?? 0, database: settings.database, user: settings.user };
}

/** The secrets in the settings, for `redact`. */
export function secretsOf(settings: ConnectionSettings): readonly string[] {
  const secrets = settings.hosts.map((host) => host.password?.());
  secrets.push(settings.tls.keyPassword?.());
  return [...new Set(secrets.filter((secret) => secret !== undefined && secret !== ""))] as string[];
}

/** The same server and credentials, another database. */
export function withDatabase(settings: ConnectionSettings, database: string): ConnectionSettings {
  return { ...settings, database };
}

/** Whether a host is this machine: a Unix socket or a loopback name or address. */
export function isLocalHost(host: string): boolean {
  return host.startsWith("/") || host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function mergeSettings(source: ConnectionSource): StatedSettings {
  const merged = new Map<Keyword, StatedValue>(readUrl(source));
  const addMissing = (settings: StatedSettings) => {
    for (const [keyword, value] of settings) if (!merged.has(keyword)) merged.set(keyword, value);
  };
  const fromEnvironment = new Map<Keyword, StatedValue>();
  for (const [keyword, variable] of Object.entries(keywordVariables) as [Keyword, string][]) {
    const value = variable === "" ? undefined : source.env[variable];
    if (value) fromEnvironment.set(keyword, { value, place: variable });
  }
  const service = merged.get("service") ?? fromEnvironment.get("service");
  if (service)
    addMissing(findService(service, merged.get("servicefile") ?? fromEnvironment.get("servicefile"), source));
  // A host of the URL or the service is another server than the one PGHOSTADDR means.
  if (merged.has("host")) fromEnvironment.delete("hostaddr");
  addMissing(fromEnvironment);
  return merged;
}

function readUrl(source: ConnectionSource): StatedSettings {
  if (source.url !== undefined) return parseConnectionUrl(source.url, "--url");
  for (const variable of urlVariables) {
    const url = source.env[variable];
    if (url) return parseConnectionUrl(url, variable);
  }
  return new Map();
}

function findService(service: StatedValue, file: StatedValue | undefined, source: ConnectionSource): StatedSettings {
  const personal = file?.value ?? (source.home ? `${source.home}/.pg_service.conf` : undefined);
  const shared = source.env["PGSYSCONFDIR"] ? `${source.env["PGSYSCONFDIR"]}/pg_service.conf` : undefined;
  const looked: string[] = [];
  for (const path of [personal, shared]) {
    if (path === undefined) continue;
    looked.push(path);
    const content = source.readFile(path);
    const settings = content && readService(content.text, path, service.value);
    if (settings) return settings;
  }
  throw toolError({
    code: "connection_settings_invalid",
    what: `the service named by ${service.place} is not defined`,
    why: looked.length > 0 ? `looked in ${looked.join(" and ")}` : "no service file is known",
    state: "nothing was connected to",
    next: "correct the name, or define it in ~/.pg_service.conf or the file that PGSERVICEFILE names",
  });
}

function readHosts(
  reader: SettingsReader,
  source: ConnectionSource,
  password: (host: string, port: number) => (() => string) | undefined,
): readonly HostSettings[] {
  const names = reader.text("host")?.split(",") ?? [];
  const addresses = reader.text("hostaddr")?.split(",") ?? [];
  const ports = reader.text("port")?.split(",") ?? [];
  const count = Math.max(names.length, addresses.length, 1);
  if (names.length > 0 && addresses.length > 0 && names.length !== addresses.length) {
    throw reader.invalid(
      "hostaddr",
      `it has ${addresses.length} entries for ${names.length} hosts`,
      "give one per host",
    );
  }
  if (ports.length > 1 && ports.length !== count) {
    throw reader.invalid("port", `it has ${ports.length} entries for ${count} hosts`, "give one port, or one per host");
  }
  return Array.from({ length: count }, (_, index) => {
    const portText = (ports.length > 1 ? ports[index] : ports[0])?.trim() || String(defaultPort);
    const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
    if (port < 1 || port > 65_535)
      throw reader.invalid("port", "it is not a number from 1 to 65535", "give the server's port");
    const address = addresses[index] || undefined;
    const stated = names[index] || undefined;
    if (stated?.startsWith("@")) {
      throw reader.invalid("host", "abstract Unix sockets are not supported", "name the directory of the socket");
    }
    const socket = socketDirectories.find((directory) => source.socketExists?.(`${directory}/.s.PGSQL.${port}`));
    const host = stated ?? address ?? socket ?? "localhost";
    // libpq looks a defaulted socket up as localhost, a stated directory as itself.
    return { host, address, port, password: password(stated ?? address ?? "localhost", port) };
  });
}

function passwordOf(
  host: string,
  port: number,
  database: string,
  user: string,
  reader: SettingsReader,
  source: ConnectionSource,
  warnings: string[],
): (() => string) | undefined {
  const stated = reader.text("password");
  if (stated !== undefined) return () => stated;
  const path = reader.text("passfile") ?? (source.home ? `${source.home}/.pgpass` : undefined);
  const file = path === undefined ? undefined : source.readFile(path);
  if (!file) return undefined;
  if ((file.mode & 0o077) !== 0) {
    warnings.push(`${path} is ignored because others can read it; run chmod 600 ${path}`);
    return undefined;
  }
  const found = findPassword(file.text, { host, port, database, user });
  return found === undefined ? undefined : () => found;
}

function readConnectTimeout(reader: SettingsReader): number {
  const seconds = reader.integer("connect_timeout");
  if (seconds === undefined) return defaultConnectTimeoutMs;
  return seconds <= 0 ? longestConnectTimeoutMs : Math.min(seconds * 1000, longestConnectTimeoutMs);
}

function defaultUser(env: ConnectionSource["env"]): string | undefined {
  return env["USER"] || env["LOGNAME"] || undefined;
}
