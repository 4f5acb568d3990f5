// Which server a command means: URL, service file, libpq variables, password file and defaults, in libpq's order.
import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { isToolError } from "../../src/base/errors.ts";
import {
  type ConnectionSettings,
  type ConnectionSource,
  describeConnection,
  resolveConnection,
  secretsOf,
  withDatabase,
} from "../../src/config/connection.ts";
import type { ReadFile } from "../../src/config/connection-reader.ts";

const home = "/home/ada";

interface Given {
  readonly url?: string;
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string | ReadFile>;
  readonly sockets?: readonly string[];
}

function resolve({ url, env = {}, files = {}, sockets = [] }: Given): ConnectionSettings {
  const source: ConnectionSource = {
    url,
    env,
    home,
    osUser: "ada",
    readFile: (path) => {
      const file = files[path];
      return typeof file === "string" ? { text: file, mode: 0o600, ownerId: 1000 } : file;
    },
    socketExists: (path) => sockets.includes(path),
  };
  return resolveConnection(source);
}

function refusal(given: Given): { readonly text: string; readonly what: string; readonly why: string | undefined } {
  try {
    resolve(given);
  } catch (error) {
    if (!isToolError(error, "connection_settings_invalid")) throw error;
    return { text: inspect(error, { depth: 5 }) + JSON.stringify(error), what: error.what, why: error.why };
  }
  throw new Error("the settings were accepted");
}

const password = (settings: ConnectionSettings) => settings.hosts[0]?.password?.();

describe("the order of sources", () => {
  test("--url goes before ZANITH_DATABASE_URL, which goes before DATABASE_URL, which goes before PGHOST", () => {
    const env = {
      ZANITH_DATABASE_URL: "postgres://z@zanith/z",
      DATABASE_URL: "postgres://d@plain/d",
      PGHOST: "variable",
      PGDATABASE: "v",
      PGUSER: "v",
    };
    const host = (given: Given) => describeConnection(resolve(given));
    expect(host({ url: "postgres://u@stated/u", env })).toEqual({
      host: "stated",
      port: 5432,
      database: "u",
      user: "u",
    });
    expect(host({ env })).toEqual({ host: "zanith", port: 5432, database: "z", user: "z" });
    const { ZANITH_DATABASE_URL: _, ...second } = env;
    expect(host({ env: second })).toEqual({ host: "plain", port: 5432, database: "d", user: "d" });
    const { DATABASE_URL: __, ...third } = second;
    expect(host({ env: third })).toEqual({ host: "variable", port: 5432, database: "v", user: "v" });
  });

  test("what the URL leaves open comes from the service, then from the variables, then from libpq's defaults", () => {
    const settings = resolve({
      url: "postgres://db1/?service=shop",
      env: { PGHOST: "ignored", PGPORT: "6000", PGUSER: "variable", PGCONNECT_TIMEOUT: "3", PGAPPNAME: "psql" },
      files: {
        "/home/ada/.pg_service.conf": "# services\n[other]\nport=1\n[shop]\nport=6432\nhost=elsewhere\ndbname=shop\n",
      },
    });
    expect(describeConnection(settings)).toEqual({ host: "db1", port: 6432, database: "shop", user: "variable" });
    expect(settings.connectTimeoutMs).toBe(3000);
    expect(settings.applicationName).toBe("psql");
  });

  test("PGSERVICE is found in PGSERVICEFILE, then in PGSYSCONFDIR", () => {
    const env = { PGSERVICE: "shop", PGSERVICEFILE: "/etc/mine.conf", PGSYSCONFDIR: "/etc/pg" };
    const files = {
      "/etc/mine.conf": "[other]\nhost=wrong\n",
      "/etc/pg/pg_service.conf": "[shop]\r\nhost=db9\r\nuser=svc\r\npassword=from service\r\n",
    };
    const settings = resolve({ env, files });
    expect(describeConnection(settings)).toEqual({ host: "db9", port: 5432, database: "svc", user: "svc" });
    expect(password(settings)).toBe("from service");
    expect(refusal({ env, files: {} }).why).toBe("looked in /etc/mine.conf and /etc/pg/pg_service.conf");
    expect(refusal({ env, files: { "/etc/mine.conf": "[shop]\nhots=db9\n" } })).toMatchObject({
      what: "the service file /etc/mine.conf cannot be used, line 2",
      why: "the keyword is not a connection parameter of libpq",
    });
  });

  test("without any setting it is the local socket, else localhost, with the names of the operating-system user", () => {
    expect(describeConnection(resolve({}))).toEqual({ host: "localhost", port: 5432, database: "ada", user: "ada" });
    const sockets = ["/tmp/.s.PGSQL.5433"];
    expect(describeConnection(resolve({ env: { PGPORT: "5433" }, sockets })).host).toBe("/tmp");
  });

  test("empty variables count as unset", () => {
    const env = { DATABASE_URL: "", PGHOST: "", PGPORT: "", PGSSLMODE: "", PGSERVICE: "", PGUSER: "" };
    expect(describeConnection(resolve({ env }))).toEqual({
      host: "localhost",
      port: 5432,
      database: "ada",
      user: "ada",
    });
  });

  test("a host of the URL is not dialled at the address that PGHOSTADDR means for another host", () => {
    expect(resolve({ url: "postgres://db1/x", env: { PGHOSTADDR: "10.0.0.9" } }).hosts[0]?.address).toBeUndefined();
    expect(resolve({ env: { PGHOST: "db1", PGHOSTADDR: "10.0.0.9" } }).hosts[0]).toMatchObject({
      host: "db1",
      address: "10.0.0.9",
    });
  });
});

describe("URLs", () => {
  test("percent-encoded parts are decoded, and parameters override the rest", () => {
    const settings = resolve({
      url: "postgresql://us%40er:p%40ss%2Fw%3Ard@[::1]:6543/my%2Fdb?connect_timeout=7&application_name=a%20b&options=-c%20x%3D1",
    });
    expect(describeConnection(settings)).toEqual({ host: "::1", port: 6543, database: "my/db", user: "us@er" });
    expect(password(settings)).toBe("p@ss/w:rd");
    expect(settings).toMatchObject({ connectTimeoutMs: 7000, applicationName: "a b", options: "-c x=1" });
    expect(describeConnection(resolve({ url: "postgres:///shop?host=/run/pg&port=7&user=bo" }))).toEqual({
      host: "/run/pg",
      port: 7,
      database: "shop",
      user: "bo",
    });
    expect(password(resolve({ url: "postgres://bo:a:b@h/x" }))).toBe("a:b");
  });

  test("several hosts keep their order, their ports and their own passwords", () => {
    const settings = resolve({
      url: "postgres://bo@one:1,two:2,three/shop?target_session_attrs=read-write",
      files: { "/home/ada/.pgpass": "two:2:*:*:second\n*:*:shop:bo:any\n" },
    });
    expect(settings.hosts.map((host) => [host.host, host.port, host.password?.()])).toEqual([
      ["one", 1, "any"],
      ["two", 2, "second"],
      ["three", 5432, "any"],
    ]);
    expect(settings.targetSession).toBe("read-write");
  });

  const secret = "hunter2";
  const hostile = [
    [`postgres://bob:${secret}@ss/w@host/db`, "it contains more than one unescaped @"],
    [`postgres://bob:${secret}/w@host/db`, "an unescaped / or ? stands before the @"],
    [`postgres://bob:${secret}?w=1@host/db`, "an unescaped / or ? stands before the @"],
    [`postgres://bob:${secret} x@host/db`, "it contains a space or a control character"],
    [
      `postgres://bob:${secret}%zz@host/db`,
      "the password contains a % that is not followed by two hexadecimal digits of UTF-8",
    ],
    [`postgres://bob:${secret}%00@host/db`, "the password contains %00"],
    [`postgres://bob:${secret}`, "host and port cannot be read"],
    [`mysql://bob:${secret}@host/db`, "it does not begin with postgres:// or postgresql://"],
    [`postgres://bob:${secret}@host:99999/db`, "it is not a number from 1 to 65535"],
    [`postgres://bob:${secret}@host/db?sslmod=require`, "parameter sslmod is not a connection parameter of libpq"],
    [`postgres://bob@host/db?${secret}%40=1`, "a parameter is not a connection parameter of libpq"],
    [`postgres://bob:${secret}@host/db?user=a&user=b`, "parameter user is given twice"],
    [`postgres://bob:${secret}@host/db?sslmode`, "parameter sslmode has no value"],
    [
      `postgres://bob:${secret}@host/db?sslmode=${secret}`,
      "it is none of disable, allow, prefer, require, verify-ca, verify-full",
    ],
    [
      `postgres://bob:${secret}@host/db?channel_binding=require`,
      "this tool does not implement channel_binding; only prefer, disable can be honoured",
    ],
    [
      `postgres://bob:${secret}@host/db?gssencmode=require`,
      "this tool does not implement gssencmode; only prefer, disable can be honoured",
    ],
    [`postgres://bob:${secret}@host/db?sslcrl=/x`, "this tool does not implement sslcrl"],
    [`postgres://bob:${secret}@host/db?connect_timeout=soon`, "it is not a whole number"],
    [`postgres://bob:${secret}@a,b/db?port=1,2,3`, "it has 3 entries for 2 hosts"],
  ] as const;
  test.each(hostile)("%s is refused without repeating any part of it", (url, why) => {
    for (const given of [{ url }, { env: { DATABASE_URL: url } }]) {
      const { text, why: said } = refusal(given);
      expect(said).toBe(why);
      expect(text).not.toContain(secret);
      expect(text).not.toContain("bob");
    }
  });
});

describe("passwords", () => {
  const lines = [
    "# comment:1:x:y:z",
    "db1:5432:shop:ada:first",
    "db1:*:*:bo\\:b:colon\\:and\\\\slash",
    "localhost:*:*:*:socket",
    "/run/pg:*:*:*:directory",
    "\\*:*:*:*:star",
  ];
  const files = { "/home/ada/.pgpass": `\ufeff${lines.join("\r\n")}\r\n` };
  test("the first matching line of .pgpass is used", () => {
    expect(password(resolve({ url: "postgres://ada@db1/shop", files }))).toBe("first");
    expect(password(resolve({ url: "postgres://bo%3Ab@db1:7/x", files }))).toBe("colon:and\\slash");
    expect(password(resolve({ url: "postgres://ada@db2/shop", files }))).toBeUndefined();
    expect(password(resolve({ sockets: ["/tmp/.s.PGSQL.5432"], files }))).toBe("socket");
    expect(password(resolve({ env: { PGHOST: "/run/pg" }, files }))).toBe("directory");
  });

  test("a password of the URL goes before PGPASSWORD, which goes before the file", () => {
    const env = { PGPASSWORD: "variable" };
    expect(password(resolve({ url: "postgres://ada:url@db1/shop", env, files }))).toBe("url");
    expect(password(resolve({ url: "postgres://ada@db1/shop", env, files }))).toBe("variable");
    expect(password(resolve({ url: "postgres://ada@db1/shop", env: { PGPASSFILE: "/none" }, files }))).toBeUndefined();
  });

  test("a password file that others can read is ignored with a warning", () => {
    const open = { "/home/ada/.pgpass": { text: "*:*:*:*:leaked", mode: 0o640, ownerId: 1000 } };
    const settings = resolve({ url: "postgres://ada@localhost/shop", files: open });
    expect(password(settings)).toBeUndefined();
    expect(settings.warnings).toEqual([
      "/home/ada/.pgpass is ignored because others can read it; run chmod 600 /home/ada/.pgpass",
    ]);
  });

  test("settings can be printed, described and turned into JSON without their password", () => {
    const settings = withDatabase(resolve({ url: "postgres://ada:hunter2@db1/shop" }), "other");
    const shown = inspect(settings, { depth: 9, showHidden: true }) + JSON.stringify(settings) + Bun.inspect(settings);
    expect(shown).not.toContain("hunter2");
    expect(secretsOf(settings)).toEqual(["hunter2"]);
    expect(settings.database).toBe("other");
  });
});

describe("TLS", () => {
  const tls = (given: Given) => {
    const { mode, rootCertificates } = resolve(given).tls;
    return { mode, rootCertificates };
  };
  const root = { "/home/ada/.postgresql/root.crt": "PEM" };
  test("sslmode has libpq's meaning wherever it is stated", () => {
    expect(tls({})).toEqual({ mode: "prefer", rootCertificates: undefined });
    expect(tls({ env: { PGSSLMODE: "require" } })).toEqual({ mode: "require", rootCertificates: undefined });
    expect(tls({ url: "postgres://h/d?sslmode=disable", env: { PGSSLMODE: "require" } }).mode).toBe("disable");
    expect(tls({ url: "postgres://h/d?ssl=true" }).mode).toBe("require");
    expect(tls({ env: { PGSSLMODE: "verify-full", PGSSLROOTCERT: "/ca.pem" }, files: { "/ca.pem": "CA" } })).toEqual({
      mode: "verify-full",
      rootCertificates: "CA",
    });
  });

  test("require verifies the authority when there is a root certificate", () => {
    expect(tls({ env: { PGSSLMODE: "require" }, files: root })).toEqual({ mode: "verify-ca", rootCertificates: "PEM" });
  });

  test("sslrootcert=system means verify-full and nothing weaker", () => {
    expect(tls({ env: { PGSSLROOTCERT: "system" } })).toEqual({ mode: "verify-full", rootCertificates: "system" });
    expect(refusal({ env: { PGSSLROOTCERT: "system", PGSSLMODE: "require" } }).why).toBe(
      "sslmode=require is too weak for sslrootcert=system",
    );
  });

  test("a mode that verifies needs a readable root certificate", () => {
    expect(refusal({ env: { PGSSLMODE: "verify-full" } })).toMatchObject({
      what: "sslmode=verify-full needs the certificate of the authority that signed the server's",
      why: "/home/ada/.postgresql/root.crt cannot be read",
    });
    expect(refusal({ url: "postgres://h/d?sslmode=verify-ca&sslrootcert=/none" }).why).toBe("/none cannot be read");
  });

  test("a client key must be private, and both its files must be there", () => {
    const env = { PGSSLCERT: "/c", PGSSLKEY: "/k" };
    const key = (mode: number, ownerId: number) => ({ "/c": "CERT", "/k": { text: "KEY", mode, ownerId } });
    const { certificate, key: read } = resolve({ env, files: key(0o600, 1000) }).tls;
    expect([certificate, read?.()]).toEqual(["CERT", "KEY"]);
    expect(resolve({ env, files: key(0o640, 0) }).tls.key?.()).toBe("KEY");
    expect(refusal({ env, files: key(0o640, 1000) }).why).toBe("the key file can be read by others");
    expect(refusal({ env, files: { "/c": "CERT" } }).why).toBe("the client certificate has no readable private key");
    expect(refusal({ env: { PGSSLCERT: "/c" } }).why).toBe("the file cannot be read");
  });

  test("a connection whose server is not identified is said to be so, unless it stays on this machine", () => {
    expect(resolve({ url: "postgres://db1/x" }).warnings).toEqual([
      "the connection to db1 may be unencrypted (sslmode=prefer); verify-full prevents that",
    ]);
    expect(resolve({ url: "postgres://db1/x?sslmode=require" }).warnings).toEqual([
      "the identity of db1 is not verified (sslmode=require); verify-full prevents impersonation",
    ]);
    expect(resolve({ url: "postgres://db1/x?sslmode=verify-full&sslrootcert=system" }).warnings).toEqual([]);
    for (const url of ["postgres://localhost/x", "postgres://127.0.0.1/x", "postgres:///x?host=/tmp"]) {
      expect(resolve({ url }).warnings).toEqual([]);
    }
  });
});

test("no wait is endless: connect_timeout=0 becomes an hour, a stated one is kept, the default is ten seconds", () => {
  const limit = (text?: string) =>
    resolve({ env: text === undefined ? {} : { PGCONNECT_TIMEOUT: text } }).connectTimeoutMs;
  expect([limit(), limit("0"), limit("2"), limit("-1"), limit("999999999")]).toEqual([
    10_000, 3_600_000, 2_000, 3_600_000, 3_600_000,
  ]);
});
