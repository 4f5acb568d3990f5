// TLS as libpq's sslmode promises it, against a server with a certificate of our own authority.
import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { connect } from "../../src/pg/session.ts";
import { startCluster } from "../support/cluster.ts";
import { startFakeServer } from "../support/fake-server.ts";
import { toolErrorOf } from "../support/tool-error.ts";

const openssl = Bun.which("openssl");
const folder = mkdtempSync(join(tmpdir(), "zanith-tls-"));
const cluster = await startCluster();
afterAll(async () => {
  await cluster.remove();
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]): void {
  const done = Bun.spawnSync([openssl ?? "openssl", ...args], { cwd: folder });
  if (done.exitCode !== 0) throw new Error(done.stderr.toString());
}

function authority(name: string): void {
  run(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.crt`,
  );
}

function certificate(name: string, subject: string, extension: string): void {
  writeFileSync(join(folder, `${name}.ext`), extension);
  run(
    "req",
    "-new",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-subj",
    subject,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.csr`,
  );
  run(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    `${name}.ext`,
    "-out",
    `${name}.crt`,
  );
  chmodSync(join(folder, `${name}.key`), 0o600);
}

if (openssl) {
  authority("ca");
  authority("stranger");
  certificate("server", "/CN=ignored", "subjectAltName=DNS:localhost,DNS:db.example.org,IP:127.0.0.1");
  certificate("client", "/CN=postgres", "extendedKeyUsage=clientAuth");
  const owner = statSync(cluster.dataDir);
  for (const file of ["server.crt", "server.key", "ca.crt"]) {
    const target = join(cluster.dataDir, file);
    copyFileSync(join(folder, file), target);
    chownSync(target, owner.uid, owner.gid);
    chmodSync(target, 0o600);
  }
  const session = await connect(settings({ sslmode: "disable" }), { applicationName: "zanith tls test" });
  for (const [name, value] of [
    ["ssl", "on"],
    ["ssl_cert_file", "server.crt"],
    ["ssl_key_file", "server.key"],
    ["ssl_ca_file", "ca.crt"],
  ]) {
    await session.execute(`alter system set ${name} = '${value}'`);
  }
  await session.close();
  await cluster.stop();
  await cluster.start();
}

function settings(parameters: Record<string, string>, host = "localhost", password = cluster.password) {
  const query = new URLSearchParams(parameters).toString().replaceAll("+", "%20");
  const url = `postgres://postgres:${encodeURIComponent(password)}@${host}:${cluster.port}/postgres?${query}`;
  return resolveProcessConnection(url, { HOME: folder });
}

const open = (parameters: Record<string, string>, host?: string) =>
  connect(settings(parameters, host), { applicationName: "zanith tls test" });

/** Whether the connection these parameters make is encrypted, as the server sees it. */
async function encrypted(parameters: Record<string, string>, host?: string): Promise<boolean> {
  const session = await open(parameters, host);
  try {
    const [row] = await session.rows("select s.ssl from pg_catalog.pg_stat_ssl as s where s.pid = $1 order by s.pid", [
      session.pid,
    ]);
    return row?.[0] === "t";
  } finally {
    await session.close();
  }
}

/** Replaces the server's access rules. */
async function accessRules(lines: readonly string[]): Promise<void> {
  writeFileSync(join(cluster.dataDir, "pg_hba.conf"), ["local all all trust", ...lines, ""].join("\n"));
  await cluster.stop();
  await cluster.start();
}

const ca = join(folder, "ca.crt");
const stranger = join(folder, "stranger.crt");

// Without openssl there is nobody to make certificates: these are then reported as skipped.
describe.skipIf(!openssl)("a server with TLS", () => {
  test("disable and allow stay in the clear; prefer and require encrypt", async () => {
    expect(await encrypted({ sslmode: "disable" })).toBe(false);
    expect(await encrypted({ sslmode: "allow" })).toBe(false);
    expect(await encrypted({})).toBe(true);
    expect(await encrypted({ sslmode: "prefer" })).toBe(true);
    expect(await encrypted({ sslmode: "require" })).toBe(true);
  });

  test("verify-full accepts the authority and every name of the certificate", async () => {
    expect(await encrypted({ sslmode: "verify-full", sslrootcert: ca })).toBe(true);
    expect(await encrypted({ sslmode: "verify-full", sslrootcert: ca }, "127.0.0.1")).toBe(true);
    expect(await encrypted({ sslmode: "verify-full", sslrootcert: ca, hostaddr: "127.0.0.1" }, "db.example.org")).toBe(
      true,
    );
  });

  test("verify-full refuses another name, verify-ca does not ask for it", async () => {
    const other = { sslrootcert: ca, hostaddr: "127.0.0.1" };
    const error = await toolErrorOf(open({ sslmode: "verify-full", ...other }, "other.example.org"));
    expect([error.code, error.state]).toEqual(["tls_failed", "no credential was sent and nothing was changed"]);
    expect(error.why).toContain("other.example.org");
    const address = await toolErrorOf(
      open({ sslmode: "verify-full", sslrootcert: ca, hostaddr: "127.0.0.1" }, "127.0.0.2"),
    );
    expect(address.code).toBe("tls_failed");
    expect(await encrypted({ sslmode: "verify-ca", ...other }, "other.example.org")).toBe(true);
  });

  test("a certificate of a stranger is refused by every mode that verifies, also by require with a root certificate", async () => {
    for (const sslmode of ["verify-full", "verify-ca", "require"]) {
      const error = await toolErrorOf(open({ sslmode, sslrootcert: stranger }));
      expect([sslmode, error.code]).toEqual([sslmode, "tls_failed"]);
    }
    expect((await toolErrorOf(open({ sslrootcert: "system" }))).code).toBe("tls_failed");
    expect(await encrypted({ sslmode: "prefer", sslrootcert: stranger })).toBe(true);
  });

  test("a root certificate file without a usable certificate never falls back to other authorities", async () => {
    for (const [content, why] of [
      ["", "the file of the root certificate holds no certificate"],
      [
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "a certificate or key cannot be used: Invalid CA",
      ],
    ] as const) {
      writeFileSync(join(folder, "broken.crt"), content);
      const error = await toolErrorOf(open({ sslmode: "verify-full", sslrootcert: join(folder, "broken.crt") }));
      expect([error.code, error.why]).toEqual(["tls_failed", why]);
    }
  });

  test("PGSSLMODE is honoured", async () => {
    const url = `postgres://postgres:${encodeURIComponent(cluster.password)}@localhost:${cluster.port}/postgres`;
    const env = { HOME: folder, PGSSLMODE: "verify-full", PGSSLROOTCERT: stranger };
    const attempt = connect(resolveProcessConnection(url, env), { applicationName: "zanith tls test" });
    expect((await toolErrorOf(attempt)).code).toBe("tls_failed");
  });

  test("a statement is cancelled over TLS", async () => {
    const session = await open({ sslmode: "verify-full", sslrootcert: ca });
    const running = toolErrorOf(session.rows("select pg_catalog.pg_sleep(60)"));
    let ended = false;
    running.then(() => {
      ended = true;
    });
    while (!ended) await session.cancel();
    expect((await running).code).toBe("interrupted");
    await session.close();
  });

  test("TLS without asking first works with servers that know it", async () => {
    const probe = await open({});
    const { versionNum } = probe.server;
    await probe.close();
    const direct = { sslmode: "require", sslnegotiation: "direct" };
    if (versionNum >= 170000) expect(await encrypted(direct)).toBe(true);
    else expect((await toolErrorOf(open(direct))).code).toBe("tls_failed");
  });

  test("access rules decide between the tries of prefer and allow, and a client certificate is shown", async () => {
    const original = readFileSync(join(cluster.dataDir, "pg_hba.conf"), "utf8");
    await accessRules(["hostssl all all all scram-sha-256"]);
    expect(await encrypted({ sslmode: "allow" })).toBe(true);
    const refused = await toolErrorOf(open({ sslmode: "disable" }));
    expect([refused.code, refused.details["sqlstate"]]).toEqual(["authentication_failed", "28000"]);
    await accessRules(["hostnossl all all all scram-sha-256"]);
    expect(await encrypted({ sslmode: "prefer" })).toBe(false);
    expect((await toolErrorOf(open({ sslmode: "require" }))).code).toBe("authentication_failed");
    await accessRules(["hostssl all all all cert"]);
    const client = { sslcert: join(folder, "client.crt"), sslkey: join(folder, "client.key") };
    expect(await encrypted({ sslmode: "verify-full", sslrootcert: ca, ...client })).toBe(true);
    expect((await toolErrorOf(open({ sslmode: "verify-full", sslrootcert: ca }))).code).toBe("authentication_failed");
    await accessRules(original.split("\n"));
  });
});

describe("a server that refuses TLS", () => {
  // The one-byte answer "N", as an attacker in between would give.
  const refusal = [Buffer.from("N")];
  test.each(["require", "verify-ca", "verify-full"])("%s sends nothing but the question", async (sslmode) => {
    await using server = await startFakeServer(refusal);
    const url = `postgres://bob:hunter2@127.0.0.1:${server.port}/shop?sslmode=${sslmode}`;
    const root = join(folder, "any.crt");
    writeFileSync(root, "no certificate");
    const given = resolveProcessConnection(sslmode === "require" ? url : `${url}&sslrootcert=${root}`, {
      HOME: "/none",
    });
    const error = await toolErrorOf(connect(given, { applicationName: "zanith tls test" }));
    expect([error.code, error.why]).toEqual(["tls_failed", "the server does not offer TLS"]);
    expect(server.received().toString("hex")).toBe("0000000804d2162f");
  });

  test("bytes smuggled in behind the answer are refused", async () => {
    await using server = await startFakeServer([Buffer.from("SE")]);
    const given = resolveProcessConnection(`postgres://bob@127.0.0.1:${server.port}/shop`, { HOME: "/none" });
    const error = await toolErrorOf(connect(given, { applicationName: "zanith tls test" }));
    expect(error.why).toBe("the server sent unexpected bytes before TLS began");
  });
});
