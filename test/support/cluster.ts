/**
 * A throwaway Postgres cluster: initdb in a temporary folder, a free TCP port and a Unix socket, durability off.
 * A watchdog process removes it when this process ends in any way, even by SIGKILL. Imports nothing of bun:test, so
 * that scripts can use it too.
 */
import { chownSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import {
  type BinarySource,
  DEFAULT_MAJOR,
  findBinaries,
  namedSource,
  type PostgresBinaries,
} from "./postgres-binaries.ts";
import { type Account, makeServerFolder, reachableBinaries, serverAccount, spawnAs } from "./unprivileged.ts";
import { startWatchdog } from "./watchdog.ts";

export interface Cluster {
  /** Over TCP, as superuser, to the database `postgres`; the password is percent-encoded in it. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Folder of the Unix socket; password authentication there too. */
  readonly socketDir: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly binDir: string;
  /** As the server prints it, such as `18.4`. */
  readonly version: string;
  /** Process id of the postmaster; undefined while stopped. */
  pid(): number | undefined;
  /** Starts a stopped cluster again on the same port. */
  start(): Promise<void>;
  /** Fast shutdown; the data stay. */
  stop(): Promise<void>;
  /** Immediate shutdown, as after a crash; the data stay. */
  stopImmediate(): Promise<void>;
  /** Stops the server and deletes everything it wrote. */
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ClusterOptions {
  /** Folder with `initdb` and `postgres`. */
  readonly binDir?: string;
  /** Major of an embedded server; when nothing is given, the version that ZANITH_TEST_POSTGRES names, else 18. */
  readonly major?: number;
  readonly source?: BinarySource;
  /** Server settings on top of the defaults, such as `{ wal_level: "logical" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const HOST = "127.0.0.1";
const USER = "postgres";
const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const POLL_MS = 20;
const PORT_ATTEMPTS = 5;

/** synchronous_commit stays on: what was committed must survive a crash of the server, only not one of the machine. */
const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  fsync: "off",
  full_page_writes: "off",
  max_connections: "200",
  max_locks_per_transaction: "1024",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] %d ",
};

/** Starts a new cluster. It is gone when `remove` was called or this process has ended. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const source = options.source ?? sourceOf(options);
  const found = await findBinaries(source);
  const account = serverAccount();
  const folder = makeServerFolder(account);
  const endWatchdog = startWatchdog({ folder });
  try {
    const binaries = reachableBinaries(found, account, folder);
    const password = randomPassword();
    await initialise(binaries, account, folder, password);
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      writeSettings(folder, { ...defaultSettings, ...options.settings, port: String(port) });
      const cluster = clusterIn({ folder, binaries, account, password, port, endWatchdog });
      try {
        await cluster.start();
        return cluster;
      } catch (error) {
        // Another process can take the port between its choice and the server's bind.
        const taken = readFileSync(cluster.logFile, "utf8").includes("could not bind");
        if (!taken || attempt === PORT_ATTEMPTS) throw error;
        rmSync(cluster.logFile, { force: true });
      }
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    endWatchdog();
    throw error;
  }
}

/** The same server and credentials, another database. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.toString();
}

function sourceOf(options: ClusterOptions): BinarySource {
  if (options.binDir !== undefined) return { kind: "folder", binDir: options.binDir };
  if (options.major !== undefined) return { kind: "embedded", major: options.major };
  return namedSource(process.env["ZANITH_TEST_POSTGRES"]) ?? { kind: "embedded", major: DEFAULT_MAJOR };
}

interface ClusterParts {
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
  readonly password: string;
  readonly port: number;
  readonly endWatchdog: () => void;
}

function clusterIn({ folder, binaries, account, password, port, endWatchdog }: ClusterParts): Cluster {
  const dataDir = join(folder, "data");
  const logFile = join(folder, "server.log");
  let server: Bun.Subprocess | undefined;
  let removed = false;

  async function start(): Promise<void> {
    if (removed) throw new Error("this cluster was removed");
    if (server !== undefined) throw new Error("this cluster is already running");
    const log = openSync(logFile, "a");
    const started = Bun.spawn([join(binaries.binDir, "postgres"), "-D", dataDir], {
      ...spawnAs(account),
      cwd: folder,
      env: serverEnvironment(folder),
      stdin: "ignore",
      stdout: log,
      stderr: log,
      detached: true,
    });
    closeSync(log);
    started.unref();
    server = started;
    const end = Date.now() + READY_LIMIT_MS;
    while (!isReady(dataDir, started.pid)) {
      if (started.exitCode !== null || started.signalCode !== null || Date.now() > end) {
        await halt("SIGQUIT");
        throw new Error(`Postgres did not start:\n${readFileSync(logFile, "utf8").slice(-4000)}`);
      }
      await Bun.sleep(POLL_MS);
    }
  }

  async function halt(signal: "SIGINT" | "SIGQUIT"): Promise<void> {
    const running = server;
    if (running === undefined) return;
    server = undefined;
    running.kill(signal);
    const ended = await Promise.race([running.exited.then(() => true), Bun.sleep(STOP_LIMIT_MS).then(() => false)]);
    if (!ended) {
      running.kill("SIGKILL");
      await running.exited;
    }
  }

  async function remove(): Promise<void> {
    if (removed) return;
    removed = true;
    await halt("SIGQUIT");
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    endWatchdog();
  }

  return {
    url: `postgres://${USER}:${encodeURIComponent(password)}@${HOST}:${port}/postgres`,
    host: HOST,
    port,
    user: USER,
    password,
    socketDir: join(folder, "s"),
    dataDir,
    logFile,
    binDir: binaries.binDir,
    version: binaryVersion(binaries, account),
    pid: () => server?.pid,
    start,
    stop: () => halt("SIGINT"),
    stopImmediate: () => halt("SIGQUIT"),
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

async function initialise(
  binaries: PostgresBinaries,
  account: Account | undefined,
  folder: string,
  password: string,
): Promise<void> {
  const passwordFile = join(folder, "password");
  const socketDir = join(folder, "s");
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  mkdirSync(socketDir, { mode: 0o700 });
  if (account !== undefined) {
    chownSync(passwordFile, account.uid, account.gid);
    chownSync(socketDir, account.uid, account.gid);
  }
  const initdb = Bun.spawn(
    [
      join(binaries.binDir, "initdb"),
      `--pgdata=${join(folder, "data")}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
    ],
    {
      ...spawnAs(account),
      cwd: folder,
      env: serverEnvironment(folder),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [output, errors, code] = await Promise.all([
    new Response(initdb.stdout).text(),
    new Response(initdb.stderr).text(),
    initdb.exited,
  ]);
  if (code !== 0) throw new Error(`initdb failed with exit code ${code}:\n${output}${errors}`);
}

function writeSettings(folder: string, settings: Readonly<Record<string, string>>): void {
  const all = { ...settings, unix_socket_directories: join(folder, "s") };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  const file = join(folder, "data", "postgresql.auto.conf");
  // Written in place, so that the file keeps belonging to the server's account.
  writeFileSync(file, `${lines.join("\n")}\n`);
}

/** The postmaster writes `ready` into the eighth line of its pid file once it accepts connections (since 10). */
function isReady(dataDir: string, pid: number): boolean {
  let lines: string[];
  try {
    lines = readFileSync(join(dataDir, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return false;
  }
  return lines[0] === String(pid) && lines[7]?.trim() === "ready";
}

function serverEnvironment(folder: string): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder, LC_ALL: "C", TZ: "UTC" };
}

function binaryVersion(binaries: PostgresBinaries, account: Account | undefined): string {
  const run = Bun.spawnSync([join(binaries.binDir, "postgres"), "--version"], { ...spawnAs(account), cwd: "/" });
  const version = /\(PostgreSQL\) (\S+)/.exec(run.stdout.toString())?.[1];
  if (version === undefined) throw new Error(`cannot read the version of ${binaries.binDir}/postgres`);
  return version;
}

/** Characters that are special in a URL are part of it on purpose: whoever builds or splits a URL must encode them. */
function randomPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `p@:/%?#${Buffer.from(bytes).toString("hex")}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no free port"));
        else resolve(address.port);
      });
    });
  });
}
