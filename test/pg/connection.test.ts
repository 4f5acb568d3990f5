// Connecting: what is refused, how it is said, and that no secret is part of it.
import { afterAll, describe, expect, spyOn, test } from "bun:test";
import { createServer } from "node:net";
import { inspect } from "node:util";
import type { ToolError } from "../../src/base/errors.ts";
import { exitCodeOf } from "../../src/base/errors.ts";
import { type ConnectionSettings, resolveConnection, withDatabase as toDatabase } from "../../src/config/connection.ts";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { connect } from "../../src/pg/session.ts";
import { startCluster } from "../support/cluster.ts";
import { startFakeServer } from "../support/fake-server.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { toolErrorOf } from "../support/tool-error.ts";

const cluster = await startCluster();
afterAll(() => cluster.remove());
const settings = resolveProcessConnection(cluster.url, {});
const open = (given: ConnectionSettings = settings) => connect(given, { applicationName: "zanith connection test" });
const at = (url: string) =>
  resolveConnection({ url, env: {}, home: undefined, osUser: "ada", readFile: () => undefined });
const secret = "s3cret/w@rd";
const encoded = encodeURIComponent(secret);

function expectNoSecret(error: ToolError, secrets: readonly string[] = [secret, encoded]): void {
  const shown = [
    inspect(error, { depth: 9, showHidden: true }),
    Bun.inspect(error, { depth: 9 }),
    JSON.stringify(error),
    String(error.stack),
  ].join("\n");
  for (const text of secrets) expect(shown).not.toContain(text);
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

describe("a server that cannot be used", () => {
  test("nobody listens", async () => {
    const port = await closedPort();
    const error = await toolErrorOf(open(at(`postgres://bob:${encoded}@127.0.0.1:${port}/shop`)));
    expect([error.code, exitCodeOf(error.code), error.what, error.why, error.state, error.next]).toEqual([
      "unreachable",
      5,
      `cannot connect to database shop on 127.0.0.1:${port} as bob`,
      `connect ECONNREFUSED 127.0.0.1:${port}`,
      "nothing was changed",
      `check that a Postgres server answers at 127.0.0.1:${port}`,
    ]);
    expectNoSecret(error);
  });

  test("the name does not exist", async () => {
    const error = await toolErrorOf(open(at(`postgres://bob:${encoded}@no.such.host.invalid/shop`)));
    expect([error.code, error.details["errorCode"]]).toEqual(["unreachable", "ENOTFOUND"]);
    expectNoSecret(error);
  });

  test("the socket does not exist", async () => {
    const error = await toolErrorOf(open(at("postgres:///shop?host=/no/such/directory")));
    expect([error.code, error.next]).toEqual([
      "unreachable",
      "check that a Postgres server answers at /no/such/directory/.s.PGSQL.5432",
    ]);
  });

  test("the password is wrong, missing, or the role unknown", async () => {
    const hosts = (password: (() => string) | undefined) => settings.hosts.map((host) => ({ ...host, password }));
    const wrong = await toolErrorOf(open({ ...settings, hosts: hosts(() => secret) }));
    expect([wrong.code, wrong.why, wrong.details["sqlstate"]]).toEqual([
      "authentication_failed",
      'FATAL 28P01: password authentication failed for user "postgres"',
      "28P01",
    ]);
    expectNoSecret(wrong);
    const missing = await toolErrorOf(open({ ...settings, hosts: hosts(undefined) }));
    expect([missing.code, missing.why?.startsWith("the server asks for a password and none was given")]).toEqual([
      "authentication_failed",
      true,
    ]);
    const unknown = await toolErrorOf(open({ ...settings, user: "nobody_here" }));
    expect(unknown.code).toBe("authentication_failed");
    expectNoSecret(unknown, [cluster.password]);
  });

  test("the database is missing", async () => {
    const error = await toolErrorOf(open(toDatabase(settings, "no_such_database")));
    expect([error.code, error.why]).toEqual([
      "database_missing",
      'FATAL 3D000: database "no_such_database" does not exist',
    ]);
    expectNoSecret(error, [cluster.password]);
  });

  test("it says nothing", async () => {
    await using silent = await startFakeServer([]);
    for (const mode of ["disable", "prefer"]) {
      const error = await toolErrorOf(
        open(at(`postgres://bob:${encoded}@127.0.0.1:${silent.port}/shop?sslmode=${mode}&connect_timeout=1`)),
      );
      expect(error.code).toBe("unreachable");
      expectNoSecret(error);
    }
    expect(silent.received().includes(secret)).toBe(false);
  });

  test("it is no Postgres server", async () => {
    const http = Buffer.from("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    await using web = await startFakeServer([http]);
    const error = await toolErrorOf(open(at(`postgres://bob@127.0.0.1:${web.port}/shop`)));
    expect([error.code, error.why]).toEqual(["unreachable", "the server sent unexpected bytes before TLS began"]);
    await using rude = await startFakeServer(["close"]);
    for (const mode of ["disable", "require"]) {
      const closed = await toolErrorOf(open(at(`postgres://bob@127.0.0.1:${rude.port}/shop?sslmode=${mode}`)));
      expect([closed.code, closed.why?.startsWith("the server closed the connection")]).toEqual(["unreachable", true]);
    }
  });

  test("it asks for a method of authentication that is not supported, which is said once and printed nowhere", async () => {
    const prints = [spyOn(console, "log"), spyOn(console, "error")];
    // AuthenticationGSS: R, length 8, method 7.
    await using gss = await startFakeServer([Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 7])]);
    const error = await toolErrorOf(open(at(`postgres://bob@127.0.0.1:${gss.port}/shop?sslmode=disable`)));
    const calls = prints.map((print) => print.mock.calls.length);
    for (const print of prints) print.mockRestore();
    expect([error.code, error.why, calls]).toEqual([
      "authentication_failed",
      "AUTHENTICATION_UNSUPPORTED: the server asks for authentication method 7",
      [0, 0],
    ]);
  });

  test("it is stopped", async () => {
    await using other = await startCluster();
    const there = resolveProcessConnection(other.url, {});
    const session = await open(there);
    const lost = new Promise<ToolError | undefined>((resolve) => session.onClosed(resolve));
    await other.stop();
    expect((await lost)?.code).toBe("connection_lost");
    expect((await toolErrorOf(open(there))).code).toBe("unreachable");
    await other.start();
    expect((await toolErrorOf(session.rows("select 1"))).code).toBe("connection_lost");
    const again = await open(there);
    expect(await again.rows("select 1")).toEqual([["1"]]);
    await again.close();
  });
});

describe("several hosts", () => {
  test("the first that can be reached is used; a refused login ends the search", async () => {
    const port = await closedPort();
    const [good] = settings.hosts;
    if (!good) throw new Error("no host");
    const dead = { ...good, port };
    const session = await open({ ...settings, hosts: [dead, good] });
    expect(await session.rows("select 1")).toEqual([["1"]]);
    await session.close();
    const refused = { ...good, password: () => secret };
    expect((await toolErrorOf(open({ ...settings, hosts: [refused, good] }))).code).toBe("authentication_failed");
    const none = await toolErrorOf(open({ ...settings, hosts: [dead, { ...dead, host: "localhost" }] }));
    expect([none.code, none.why?.split("; ").length]).toEqual(["unreachable", 2]);
  });

  test("target_session_attrs passes over servers of another kind", async () => {
    const read = await toolErrorOf(open({ ...settings, targetSession: "standby" }));
    expect([read.code, read.why]).toEqual(["read_only", "target_session_attrs asks for standby"]);
    for (const targetSession of ["primary", "read-write", "prefer-standby"] as const) {
      const session = await open({ ...settings, targetSession });
      await session.close();
    }
    const readOnly = await toolErrorOf(
      open({ ...settings, targetSession: "read-write", options: "-c default_transaction_read_only=on" }),
    );
    expect(readOnly.code).toBe("read_only");
  });
});

test("a Unix socket is used without TLS whatever sslmode says, and can be cancelled", async () => {
  const url = `postgres://postgres:${encodeURIComponent(cluster.password)}@/postgres?host=${encodeURIComponent(cluster.socketDir)}&port=${cluster.port}&sslmode=require`;
  const session = await open(at(url));
  expect(
    await session.rows("select client_addr from pg_catalog.pg_stat_activity where pid = $1", [session.pid]),
  ).toEqual([[null]]);
  const running = toolErrorOf(session.rows("select pg_catalog.pg_sleep(60)"));
  // A cancel request that comes before the statement starts is lost, so it is repeated until it strikes.
  let ended = false;
  running.then(() => {
    ended = true;
  });
  while (!ended) await session.cancel();
  expect((await running).code).toBe("interrupted");
  await session.close();
});

test("what the user stated about application name and startup options reaches the server", async () => {
  const own = await open({ ...settings, applicationName: "my shell", options: "-c work_mem=7MB" });
  expect(
    await own.rows("select pg_catalog.current_setting('application_name'), pg_catalog.current_setting('work_mem')"),
  ).toEqual([["my shell", "7MB"]]);
  await own.close();
});

describe("a pooler", () => {
  const [host] = settings.hosts;
  if (!host) throw new Error("no host");
  // BackendKeyData: K, length 12, process id, secret. A pooler announces numbers of its own.
  const fromServer = (bytes: Buffer) => {
    const start = bytes.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
    if (start >= 0) bytes.writeInt32BE(4_000_000, start + 5);
    return bytes;
  };
  const startPooler = () => startFaultProxy({ host: host.host, port: host.port, fromServer });

  test("is absent when the announced process is the one that answers", async () => {
    const session = await open();
    expect(session.server.behindPooler).toBe(false);
    await session.close();
  });

  test("is accepted when it keeps sessions whole, and its connection is given back clean", async () => {
    await using pooler = await startPooler();
    const session = await open({ ...settings, hosts: [{ ...host, host: pooler.host, port: pooler.port }] });
    expect(session.server.behindPooler).toBe(true);
    expect(await session.rows("select pg_catalog.current_setting('search_path')")).toEqual([[""]]);
    await session.close();
    expect(pooler.received()).toContain("discard all");
  });

  test("is refused when a backend is not to be had while another transaction is open, with nothing set on it", async () => {
    await using pooler = await startPooler();
    const pooled = { ...settings, hosts: [{ ...host, host: pooler.host, port: pooler.port }] };
    // A pool of one: the second time the probe asks, the only backend belongs to the other transaction.
    pooler.strike({ mode: "hold", match: /is there a pooler/, nth: 2 });
    const error = await toolErrorOf(open(pooled));
    expect([error.code, error.what]).toEqual([
      "pooler_unsupported",
      `database postgres on ${pooler.host}:${pooler.port} is a connection pooler in transaction mode`,
    ]);
    expect(pooler.received()).not.toContain("search_path");
  });
});
