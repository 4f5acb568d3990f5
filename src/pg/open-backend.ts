/** Finds the server the settings mean: hosts in order, TLS by sslmode, the wanted kind of session. */
import { isToolError, type ToolError, toolError, withContext } from "../base/errors.ts";
import type { ConnectionSettings, HostSettings, TargetSession } from "../config/connection.ts";
import type { TlsMode } from "../config/connection-tls.ts";
import { Backend, isLoss } from "./backend.ts";
import { type DriverResult, startDriver } from "./driver.ts";
import { connectError, placeOf, placeText, type ServerMessage, serverMessage } from "./errors.ts";
import { requireSessionPooling } from "./pooler.ts";
import {
  identityQuery,
  type Opening,
  type OpeningSettings,
  readIdentity,
  type ServerInfo,
  settingsQuery,
} from "./server.ts";
import { isUnixSocket, openSocket, type TlsUse } from "./socket.ts";

export interface OpenOptions extends OpeningSettings {
  readonly applicationName: string;
  readonly onNotice: ((notice: ServerMessage) => void) | undefined;
}

export interface OpenedBackend {
  readonly backend: Backend;
  readonly opening: Opening;
}

/**
 * A connected backend with the session settings applied. Hosts are tried in order while they cannot be reached or are
 * not of the wanted kind; a refused login ends the search, as in libpq.
 * @throws ToolError unreachable, tls_failed, authentication_failed, database_missing, read_only or pooler_unsupported
 */
export async function openBackend(settings: ConnectionSettings, options: OpenOptions): Promise<OpenedBackend> {
  const failures: ToolError[] = [];
  const passes: TargetSession[] =
    settings.targetSession === "prefer-standby" ? ["standby", "any"] : [settings.targetSession];
  for (const wanted of passes) {
    for (const host of settings.hosts) {
      const opened = await tryHost(settings, host, options);
      if ("error" in opened) {
        if (opened.error.code !== "unreachable") throw opened.error;
        failures.push(opened.error);
        continue;
      }
      if (isWanted(opened.opening.server, wanted)) return opened;
      await opened.backend.close();
      failures.push(notWanted(settings, host, wanted));
    }
  }
  const last = failures.at(-1);
  if (!last) throw new Error("internal: connection settings without a host");
  if (failures.length === 1) throw last;
  throw withContext(last, {
    why: [...new Set(failures.map((failure) => `${failure.what}: ${failure.why}`))].join("; "),
  });
}

async function tryHost(
  settings: ConnectionSettings,
  host: HostSettings,
  options: OpenOptions,
): Promise<OpenedBackend | { readonly error: ToolError }> {
  const place = placeOf(host, settings.database, settings.user);
  const uses = isUnixSocket(host) ? (["never"] as const) : attempts(settings.tls.mode);
  let thrown: unknown;
  for (const use of uses) {
    try {
      return await attempt(settings, host, use, options);
    } catch (error) {
      // Already in the words of the tool: a pooler that cannot be used.
      if (isToolError(error)) throw error;
      thrown = error;
      // 28000: pg_hba.conf has no entry for this kind of connection. Nothing else changes with encryption.
      if (serverMessage(error)?.sqlstate !== "28000") break;
    }
  }
  const error = connectError(thrown, place, host.password !== undefined);
  // Nothing that a server or the network can cause: a bug, which keeps its own words and stack.
  if (!error) throw thrown;
  return { error };
}

/** libpq's order for each sslmode; the second is tried only when the server's access rules refuse the first. */
function attempts(mode: TlsMode): readonly TlsUse[] {
  if (mode === "disable") return ["never"];
  if (mode === "allow") return ["never", "always"];
  if (mode === "prefer") return ["if offered", "never"];
  return ["always"];
}

async function attempt(
  settings: ConnectionSettings,
  host: HostSettings,
  use: TlsUse,
  options: OpenOptions,
): Promise<OpenedBackend> {
  const { backend, result } = await dial(settings, host, use, options);
  try {
    const { pid, server } = readIdentity(result.rows[0] ?? [], result.keyPid);
    if (server.behindPooler) {
      await requireSessionPooling(backend, pid, async () => (await dial(settings, host, use, options)).backend);
    }
    const answer = await backend.exchange(settingsQuery(options), [], { deadlineMs: settings.connectTimeoutMs });
    const backendStart = answer.rows[0]?.[1] ?? "";
    return { backend, opening: { pid, backendStart, server } };
  } catch (error) {
    backend.abandon("the connection attempt failed");
    throw asFailure(error);
  }
}

/** Opens a connection and asks the first question over it, which is about the server's identity. */
async function dial(
  settings: ConnectionSettings,
  host: HostSettings,
  use: TlsUse,
  options: OpenOptions,
): Promise<{ readonly backend: Backend; readonly result: DriverResult }> {
  const startedAt = performance.now();
  const { socket, encrypted } = await openSocket(host, settings.tls, use, settings.connectTimeoutMs);
  const place = placeOf(host, settings.database, settings.user);
  const backend = new Backend({ socket, encrypted, host, tls: settings.tls, place });
  if (options.onNotice) backend.onNotice(options.onNotice);
  const remainingMs = Math.max(1, settings.connectTimeoutMs - (performance.now() - startedAt));
  backend.attach(
    startDriver(socket, {
      host: host.host,
      port: host.port,
      user: settings.user,
      database: settings.database,
      password: () => host.password?.() ?? "",
      parameters: {
        application_name: settings.applicationName ?? options.applicationName,
        ...(settings.options === undefined ? {} : { options: settings.options }),
      },
      limitMs: remainingMs,
      keepAliveSeconds: isUnixSocket(host) ? 0 : settings.keepAliveSeconds,
      onNotice: (fields) => backend.notice(fields),
    }),
  );
  try {
    return { backend, result: await backend.exchange(identityQuery, [], { deadlineMs: remainingMs }) };
  } catch (error) {
    backend.abandon("the connection attempt failed");
    throw asFailure(error);
  }
}

function asFailure(error: unknown): unknown {
  return isLoss(error) ? (error.message ?? lossAsFailure(error.why)) : error;
}

function lossAsFailure(why: string): unknown {
  return { socketFailure: "network", code: undefined, message: why };
}

function isWanted(server: ServerInfo, wanted: TargetSession): boolean {
  if (wanted === "read-write") return !server.inRecovery && !server.readOnly;
  if (wanted === "read-only") return server.inRecovery || server.readOnly;
  if (wanted === "primary") return !server.inRecovery;
  if (wanted === "standby") return server.inRecovery;
  return true;
}

function notWanted(settings: ConnectionSettings, host: HostSettings, wanted: TargetSession): ToolError {
  return toolError({
    code: "read_only",
    what: `${placeText(placeOf(host, settings.database, settings.user))} is not a ${wanted} server`,
    why: `target_session_attrs asks for ${wanted}`,
    state: "nothing was changed",
    next: "name the other server, or change target_session_attrs",
  });
}
