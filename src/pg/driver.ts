/**
 * The only import of the `postgres` package: one client, one connection, one backend, no way back after it is gone.
 * Every value goes out and comes in as text. Knows nothing of sessions, transactions or the tool's errors.
 */
import type { Socket } from "node:net";
import type { Stream } from "node:stream";
import postgres from "postgres";

/** What the startup message says. */
export interface StartupSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: () => string;
  /** Further startup parameters, such as application_name. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly keepAliveSeconds: number;
  readonly onNotice: (fields: Readonly<Record<string, string>>) => void;
}

/** The answer to one statement. */
export interface DriverResult {
  readonly rows: (string | null)[][];
  readonly columns: readonly string[];
  /** The command tag without its count, e.g. "INSERT 0" → "INSERT"; empty for an empty statement. */
  readonly command: string;
  readonly count: number;
  /** Of BackendKeyData: a pooler's own numbers when there is one between. */
  readonly keyPid: number;
  readonly keySecret: number;
}

/** One connection. Promises reject with the package's error objects; see errors.ts. */
export interface Driver {
  /** Sends one statement by the extended protocol, so that a text of several is refused by the server (42601). */
  send(text: string, parameters: readonly (string | null)[]): Promise<DriverResult>;
  /** Says goodbye and closes; resolves when the socket is closed or the limit has passed. */
  end(limitMs: number): Promise<void>;
}

/** Starts the protocol on an open socket with the first statement. @throws the package's error objects */
export function startDriver(socket: Socket, settings: StartupSettings): Driver {
  const client = postgres(clientOptions(socket, settings));
  return {
    async send(text, parameters) {
      const query = client.unsafe(text, [...parameters], { simple: false } as postgres.UnsafeQueryOptions).values();
      const result = (await query) as unknown as RawResult | Stream;
      if (!Array.isArray(result)) {
        // COPY resolves with a stream that nobody feeds or reads, so the connection cannot be used again. The stream
        // reports the end of the connection, which is expected here.
        (result as Stream).on("error", () => {});
        socket.destroy();
        throw driverError("COPY_UNSUPPORTED", "COPY from or to the client is not supported");
      }
      return {
        rows: result.slice(),
        columns: result.columns?.map((column) => column.name) ?? [],
        command: result.command ?? "",
        count: result.count ?? 0,
        keyPid: result.state?.pid ?? 0,
        keySecret: result.state?.secret ?? 0,
      };
    },
    end: (limitMs) => client.end({ timeout: limitMs / 1000 }),
  };
}

/** An error in the shape of the package's own. */
function driverError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The package's Result: an array with properties its types do not all name. */
interface RawResult extends Array<(string | null)[]> {
  readonly command: string | null;
  readonly count: number | null;
  readonly columns: readonly { readonly name: string }[] | null;
  readonly state: { readonly pid: number; readonly secret: number } | null;
}

/**
 * Complete options in the package's parsed form: it takes an object with `shared` as it is (it does so for its own
 * further clients), and then reads neither PG* variables nor defaults. Without parsers and serializers all values stay
 * text. The socket is given once; asked for another one, the package is about to reconnect, which must never happen.
 */
function clientOptions(socket: Socket, settings: StartupSettings): postgres.Options<Record<string, never>> {
  let given = false;
  const options = {
    host: [settings.host],
    port: [settings.port],
    path: false,
    user: settings.user,
    database: settings.database,
    pass: settings.password,
    socket: () => {
      if (given) throw driverError("CONNECTION_CLOSED", "the connection is closed and is not opened again");
      given = true;
      return socket;
    },
    max: 1,
    // TLS is already under way on the socket.
    ssl: false,
    sslnegotiation: null,
    idle_timeout: null,
    max_lifetime: null,
    connect_timeout: settings.limitMs / 1000,
    keep_alive: settings.keepAliveSeconds,
    max_pipeline: 100,
    backoff: 0,
    prepare: false,
    debug: false,
    fetch_types: false,
    no_subscribe: true,
    publications: "",
    target_session_attrs: null,
    connection: settings.parameters,
    types: {},
    parsers: {},
    serializers: {},
    transform: { undefined: undefined, column: {}, value: {}, row: {} },
    onnotice: settings.onNotice,
    parameters: {},
    shared: { retries: 0, typeArrayMap: {} },
  };
  return options as unknown as postgres.Options<Record<string, never>>;
}
