// Throwaway databases are like the one they stand for, always go away again, and nothing else is ever dropped.
import { afterAll, describe, expect, test } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { type DatabaseLocale, localeClauses, readDatabaseLocale } from "../../src/pg/database-locale.ts";
import { connect, type Session } from "../../src/pg/session.ts";
import {
  createShadowDatabase,
  dropShadowDatabase,
  listStaleShadowDatabases,
  shadowPrefix,
  withShadowDatabase,
} from "../../src/pg/shadow-database.ts";
import { startCluster } from "../support/cluster.ts";
import { toolErrorOf } from "../support/tool-error.ts";

// A server of its own: other test files make and drop throwaway databases too.
const cluster = await startCluster();
const settings = resolveProcessConnection(cluster.url, {});
const options = { applicationName: "zanith shadow test", purpose: "test" };
const open = (database = "postgres") => connect({ ...settings, database }, options);
const admin = await open();
afterAll(async () => {
  await admin.close();
  await cluster.remove();
});

const shadows = async () =>
  (
    await admin.rows(
      "select d.datname from pg_catalog.pg_database as d where pg_catalog.starts_with(d.datname, $1) order by d.datname",
      [shadowPrefix],
    )
  ).map((row) => row[0]);

const use = async (database: { readonly settings: typeof settings }, work: (session: Session) => Promise<void>) => {
  const session = await connect(database.settings, options);
  try {
    await work(session);
  } finally {
    await session.close();
  }
};

test("a throwaway database is empty, marked by a comment, and gone afterwards", async () => {
  const result = await withShadowDatabase(settings, options, async (shadow) => {
    expect(await shadows()).toEqual([shadow.name]);
    await use(shadow, async (session) => {
      await session.execute("create table public.t (a int)");
      const [row] = await session.rows(
        "select pg_catalog.shobj_description(d.oid, 'pg_database') from pg_catalog.pg_database as d where d.datname = $1",
        [shadow.name],
      );
      expect(JSON.parse(row?.[0] ?? "")).toMatchObject({ tool: "zanith", purpose: "test" });
    });
    return 42;
  });
  expect(result).toBe(42);
  expect(await shadows()).toEqual([]);
});

test("it is dropped when the work fails, even with sessions still in it, and the failure is the one reported", async () => {
  const mine = new Error("mine");
  let left: Session | undefined;
  const attempt = withShadowDatabase(settings, options, async (shadow) => {
    left = await connect(shadow.settings, options);
    throw mine;
  });
  expect(await attempt.catch((error: unknown) => error)).toBe(mine);
  expect(await shadows()).toEqual([]);
  expect((await toolErrorOf(left?.rows("select 1") ?? Promise.resolve())).code).toBe("connection_lost");
});

test("it stays when asked to, and only a name of its own kind is ever dropped", async () => {
  const name = await withShadowDatabase(settings, { ...options, keep: true }, async (shadow) => shadow.name);
  expect(await shadows()).toEqual([name]);
  for (const other of ["postgres", "_zanith_shadow_", `${name}x`, `${shadowPrefix}mine`]) {
    await expect(dropShadowDatabase(admin, other)).rejects.toThrow("not a throwaway one");
  }
  await dropShadowDatabase(admin, name);
  await dropShadowDatabase(admin, name);
  expect(await shadows()).toEqual([]);
});

test("those left behind are listed by age, unless somebody is connected", async () => {
  const name = await createShadowDatabase(admin, options);
  await admin.execute('create database "_zanith_shadow_of_somebody_else"');
  expect(await listStaleShadowDatabases(admin)).toEqual([]);
  expect(await listStaleShadowDatabases(admin, 0)).toEqual([
    { name, madeAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
  ]);
  const inside = await open(name);
  expect(await listStaleShadowDatabases(admin, 0)).toEqual([]);
  await inside.close();
  await dropShadowDatabase(admin, name);
  await admin.execute('drop database "_zanith_shadow_of_somebody_else"');
});

test("a role without CREATEDB is told what it lacks", async () => {
  await admin.execute("create role shadow_test_plain login password 'plain'");
  const plain = {
    ...settings,
    user: "shadow_test_plain",
    hosts: settings.hosts.map((host) => ({ ...host, password: () => "plain" })),
  };
  const error = await toolErrorOf(withShadowDatabase(plain, options, async () => 1));
  expect([error.code, error.what, error.why, error.state, error.next]).toEqual([
    "permission_denied",
    "role shadow_test_plain may not create a throwaway database beside postgres",
    "ERROR 42501: permission denied to create database",
    "nothing was changed",
    "alter role shadow_test_plain createdb; or give a shadow of your own with --shadow",
  ]);
  await admin.execute("drop role shadow_test_plain");
});

describe("the locale of the database it stands for", () => {
  const libc: DatabaseLocale = {
    encoding: "UTF8",
    collate: "C",
    ctype: "C",
    provider: "c",
    locale: null,
    icuRules: null,
  };
  const wanted: [string, DatabaseLocale, number][] = [
    ["libc", libc, 140000],
    ["another encoding", { ...libc, encoding: "LATIN1" }, 140000],
    ["ICU", { ...libc, provider: "i", locale: "de", icuRules: null }, 150000],
    ["ICU with rules", { ...libc, provider: "i", locale: "und", icuRules: "&a < g" }, 160000],
    ["builtin", { ...libc, provider: "b", locale: "C.UTF-8" }, 170000],
  ];
  for (const [name, locale, since] of wanted) {
    test.skipIf(admin.server.versionNum < since)(`${name} is kept`, async () => {
      const original = await createShadowDatabase(admin, { ...options, locale });
      expect(await readDatabaseLocale(admin, original)).toEqual(locale);
      const copied = await withShadowDatabase({ ...settings, database: original }, options, async (shadow) => {
        return readDatabaseLocale(admin, shadow.name);
      });
      expect(copied).toEqual(locale);
      await dropShadowDatabase(admin, original);
    });
  }

  test("is spelled as each version of Postgres reads it", () => {
    const icu: DatabaseLocale = {
      ...libc,
      collate: "de_DE.utf8",
      ctype: "C",
      provider: "i",
      locale: "de-u-co-phonebk",
      icuRules: "&a < g",
    };
    const base = "encoding 'UTF8' lc_collate 'de_DE.utf8' lc_ctype 'C'";
    expect(localeClauses(icu, 140022)).toBe(base);
    expect(localeClauses(icu, 150018)).toBe(`${base} locale_provider icu icu_locale 'de-u-co-phonebk'`);
    expect(localeClauses(icu, 160014)).toBe(
      `${base} locale_provider icu icu_locale 'de-u-co-phonebk' icu_rules '&a < g'`,
    );
    expect(localeClauses({ ...libc, provider: "b", locale: "PG_UNICODE_FAST" }, 180004)).toBe(
      "encoding 'UTF8' lc_collate 'C' lc_ctype 'C' locale_provider builtin builtin_locale 'PG_UNICODE_FAST'",
    );
    expect(localeClauses(libc, 180004)).toBe("encoding 'UTF8' lc_collate 'C' lc_ctype 'C' locale_provider libc");
  });

  test("of a database that does not exist is an error", async () => {
    expect((await toolErrorOf(readDatabaseLocale(admin, "no_such_database"))).code).toBe("database_missing");
  });
});
