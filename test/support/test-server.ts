/**
 * The server the tests of this run share: given by ZANITH_TEST_POSTGRES, handed out by scripts/test.ts, or started
 * here on first use. Also the second server whose version the found pg_dump can read.
 */
import { type Cluster, startCluster } from "./cluster.ts";
import { findPgDump, pgDumpBinarySource } from "./pg-dump.ts";
import { type BinarySource, DEFAULT_MAJOR, namedSource } from "./postgres-binaries.ts";

/** A running server; `url` connects as superuser to its database `postgres`. */
export interface TestServer {
  readonly url: string;
}

/** The server for pg_dump, or why there is none. */
export type PgDumpServer =
  | { readonly available: true; readonly url: string; readonly major: number }
  | { readonly available: false; readonly reason: string };

/** What one process offers to others: the shared server and the pg_dump server, each started on first request. */
export interface ServerPool {
  server(): Promise<TestServer>;
  pgDumpServer(): Promise<PgDumpServer>;
  /** Stops whatever was started. */
  close(): Promise<void>;
}

/** Names the socket on which scripts/test.ts hands out its servers. */
export const POOL_SOCKET_VARIABLE = "ZANITH_TEST_POOL";

/** The shared server of this run. */
export function testServer(): Promise<TestServer> {
  return currentPool().server();
}

/** A server that the found pg_dump can read; its version is pg_dump's own where possible. */
export function pgDumpServer(): Promise<PgDumpServer> {
  return currentPool().pgDumpServer();
}

/**
 * A pool for this process. `wanted` has the form of ZANITH_TEST_POSTGRES: `postgres://...`, `docker:<major>`,
 * `embedded:<major>` or `system:<major>`; undefined means the embedded server.
 */
export function createServerPool(wanted: string | undefined = process.env["ZANITH_TEST_POSTGRES"]): ServerPool {
  const closers: (() => Promise<void>)[] = [];
  const keep = async (source: BinarySource): Promise<Cluster> => {
    const cluster = await startCluster({ source });
    closers.push(() => cluster.remove());
    return cluster;
  };

  async function startServer(): Promise<TestServer> {
    if (wanted === undefined || wanted === "") return keep({ kind: "embedded", major: DEFAULT_MAJOR });
    if (/^postgres(ql)?:\/\//.test(wanted)) return { url: wanted };
    const named = namedSource(wanted);
    if (named !== undefined) return keep(named);
    const [, docker] = /^docker:(\d+)$/.exec(wanted) ?? [];
    if (docker !== undefined) {
      const { startDockerServer } = await import("./docker-server.ts");
      const container = await startDockerServer(Number(docker));
      closers.push(() => container.remove());
      return container;
    }
    throw new Error("ZANITH_TEST_POSTGRES must be postgres://..., docker:<major>, embedded:<major> or system:<major>");
  }

  async function startPgDumpServer(): Promise<PgDumpServer> {
    const found = findPgDump();
    if (found === undefined) return { available: false, reason: "no pg_dump on PATH or under /usr/lib/postgresql" };
    const source = pgDumpBinarySource(found.major);
    if (source === undefined) {
      return { available: false, reason: `no server for pg_dump ${found.major} (${found.path})` };
    }
    const cluster = await keep(source);
    return { available: true, url: cluster.url, major: Number.parseInt(cluster.version, 10) };
  }

  const server = once(startServer);
  const dumpServer = once(startPgDumpServer);
  return {
    server,
    pgDumpServer: dumpServer,
    async close() {
      // A start under way must end first, or its server would outlive the pool.
      await Promise.allSettled([server.settled(), dumpServer.settled()]);
      await Promise.allSettled(closers.splice(0).map((remove) => remove()));
    },
  };
}

/** Serves `pool` to child processes on a Unix socket; returns the function that stops serving. */
export function serveServerPool(pool: ServerPool, socket: string): () => Promise<void> {
  const server = Bun.serve({
    unix: socket,
    async fetch(request) {
      try {
        switch (new URL(request.url).pathname) {
          case "/server":
            return Response.json({ url: (await pool.server()).url });
          case "/pg-dump-server":
            return Response.json(await pool.pgDumpServer());
          default:
            return new Response("unknown", { status: 404 });
        }
      } catch (error) {
        return new Response(error instanceof Error ? error.message : String(error), { status: 500 });
      }
    },
  });
  return () => server.stop(true);
}

const poolKey = Symbol.for("zanith.test.server-pool");
const shared = globalThis as typeof globalThis & { [poolKey]?: ServerPool };

/** One pool per process, kept on the global object because each test file may load this module anew. */
function currentPool(): ServerPool {
  const socket = process.env[POOL_SOCKET_VARIABLE];
  shared[poolKey] ??= socket === undefined ? createServerPool() : remotePool(socket);
  return shared[poolKey];
}

function remotePool(socket: string): ServerPool {
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://pool${path}`, { unix: socket });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  return {
    server: once(async () => (await ask("/server")) as TestServer),
    pgDumpServer: once(async () => (await ask("/pg-dump-server")) as PgDumpServer),
    close: async () => undefined,
  };
}

interface Once<T> {
  (): Promise<T>;
  /** Resolves when a start that was asked for has ended; at once when none was. */
  settled(): Promise<unknown>;
}

function once<T>(start: () => Promise<T>): Once<T> {
  let started: Promise<T> | undefined;
  const run = (): Promise<T> => {
    started ??= start();
    return started;
  };
  return Object.assign(run, { settled: async () => started?.catch(() => undefined) });
}
