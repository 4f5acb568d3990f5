// A session gives back what the server said, runs one statement at a time, and says what went wrong by code.
import { afterAll, describe, expect, spyOn, test } from "bun:test";
import { inspect } from "node:util";
import { isToolError, type ToolError } from "../../src/base/errors.ts";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { connect, isRetryable, type Notice, type Session } from "../../src/pg/session.ts";
import { qualified } from "../../src/sql/identifier.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase();
const settings = resolveProcessConnection(db.url, {});
const opened: Session[] = [];
const open = async (options: Partial<Parameters<typeof connect>[1]> = {}) => {
  const session = await connect(settings, { applicationName: "zanith session test", ...options });
  opened.push(session);
  return session;
};
afterAll(async () => {
  for (const session of opened) await session.close();
});
const session = await open();

describe("values", () => {
  test("every value is the server's own text", async () => {
    const rows = await session.rows(`select 9007199254740993::bigint, 1.10::numeric, 0.1::float8 + 0.2::float8, true,
      '2024-02-29 12:34:56.123456+02'::timestamptz, 'infinity'::timestamptz, '-infinity'::date, '0044-03-15 BC'::date,
      '1 mon -2 days 03:04:05.000006'::interval, '{"a": 1.10}'::jsonb, '\\x00ff'::bytea, array['a', null, 'b "c"'],
      null::int, ''::text`);
    expect(rows).toEqual([
      [
        "9007199254740993",
        "1.10",
        "0.30000000000000004",
        "t",
        "2024-02-29 10:34:56.123456+00",
        "infinity",
        "-infinity",
        "0044-03-15 BC",
        "1 mon -2 days +03:04:05.000006",
        '{"a": 1.10}',
        "\\x00ff",
        '{a,NULL,"b \\"c\\""}',
        null,
        "",
      ],
    ]);
  });

  test("parameters arrive as they were given, whatever type the server finds for them", async () => {
    const bytes = new Uint8Array([0, 255, 92]);
    const rows = await session.rows(
      `select $1::text, $2::int8, $3::int8, $4::bool, $5::text, $6::bytea, $7::text[], $8::timestamptz, $9::json, $10::float8`,
      [
        `it's "quoted" \\ $1 ü 🚀`,
        9007199254740991,
        -9223372036854775808n,
        false,
        null,
        bytes,
        ['a"b', "c\\d", "", "NULL", "{e,f}"],
        "2024-02-29 10:34:56.123456+00",
        '{"a": 1.10}',
        Number.NEGATIVE_INFINITY,
      ],
    );
    expect(rows).toEqual([
      [
        `it's "quoted" \\ $1 ü 🚀`,
        "9007199254740991",
        "-9223372036854775808",
        "f",
        null,
        "\\x00ff5c",
        '{"a\\"b","c\\\\d","","NULL","{e,f}"}',
        "2024-02-29 10:34:56.123456+00",
        '{"a": 1.10}',
        "-Infinity",
      ],
    ]);
  });

  test("columns of any name are plain keys of a row", async () => {
    const rows = await session.query("select 'a' as __proto__, 'b' as constructor, null as \"\u001b[31m.x\"");
    const [row] = rows;
    expect(Object.getPrototypeOf(row)).toBe(null);
    expect(Object.entries(row ?? {})).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["\u001b[31m.x", null],
    ]);
    expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
  });

  test("a dot in a name is part of the name", async () => {
    await session.execute("create schema s");
    await session.execute("create table s.victim (a int)");
    await session.execute(`create table ${qualified("s", "s.victim")} (a int)`);
    await session.execute(`drop table ${qualified("s", "s.victim")}`);
    const rows = await session.rows(
      "select c.relname from pg_catalog.pg_class c where c.relname like '%victim' order by 1",
    );
    expect(rows).toEqual([["victim"]]);
  });

  test("text that the server would cut or replace is refused before it is sent", async () => {
    for (const attempt of [
      session.rows("select '\0'"),
      session.rows("select '\ud800'"),
      session.rows("select $1::text", ["\0"]),
      session.rows("select $1::text[]", [["\udfff"]]),
      session.rows("select 1", new Array(65_534).fill(1)),
    ]) {
      expect((await toolErrorOf(attempt)).state).toBe("nothing was sent");
    }
  });

  test("thirty thousand rows arrive whole and in order", async () => {
    const rows = await session.rows(
      "select i, 'name ' || i, null from pg_catalog.generate_series(1, 30000) as i order by i",
    );
    expect(rows.length).toBe(30_000);
    expect(rows[0]).toEqual(["1", "name 1", null]);
    expect(rows[29_999]).toEqual(["30000", "name 30000", null]);
  });
});

describe("statements", () => {
  test("a text of several statements is refused by the server and nothing of it happens", async () => {
    const error = await toolErrorOf(
      session.execute("create table public.first (a int); create table public.second (a int)"),
    );
    expect(error.code).toBe("statement_failed");
    expect(error.details["sqlstate"]).toBe("42601");
    expect(await session.rows("select pg_catalog.to_regclass('public.first')")).toEqual([[null]]);
  });

  test("execute reports the command and how many rows it touched", async () => {
    expect(await session.execute("create temporary table counted (a int)")).toEqual({
      command: "CREATE TABLE",
      count: 0,
    });
    expect(await session.execute("insert into counted select 1 from pg_catalog.generate_series(1, 7)")).toEqual({
      command: "INSERT",
      count: 7,
    });
    expect(await session.execute("update counted set a = 2")).toEqual({ command: "UPDATE", count: 7 });
    expect(await session.execute("/* nothing */")).toEqual({ command: "", count: 0 });
  });

  test("COPY, which has no data channel here, ends the session with an error instead of hanging", async () => {
    const own = await open();
    await own.execute("create temporary table target (a int)");
    const error = await toolErrorOf(own.execute("copy target from stdin"));
    expect([error.code, error.why]).toEqual(["connection_lost", "COPY from or to the client is not supported"]);
    expect(own.alive).toBe(false);
  });

  test("an error carries Postgres's words and names, and values of rows only on request", async () => {
    await session.execute("create table public.person (email text constraint person_email_key unique)");
    await session.execute("insert into public.person values ('ada@example.org')");
    const insert = "insert into public.person values ('ada@example.org')";
    const error = await toolErrorOf(session.execute(insert));
    const { code, what, why, state, details } = error;
    expect<Record<string, unknown>>({ code, what, why, state, ...details }).toEqual({
      code: "statement_failed",
      what: `\`insert\` failed in database ${db.name} on 127.0.0.1:${settings.hosts[0]?.port}`,
      why: 'ERROR 23505: duplicate key value violates unique constraint "person_email_key"',
      state: "the statement changed nothing",
      sqlstate: "23505",
      message: 'duplicate key value violates unique constraint "person_email_key"',
      hint: undefined,
      schema: "public",
      table: "person",
      column: undefined,
      constraint: "person_email_key",
      position: undefined,
    });
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain("ada@example.org");
    const talkative = await open({ errorValues: true });
    expect((await toolErrorOf(talkative.execute(insert))).details["detail"]).toBe(
      "Key (email)=(ada@example.org) already exists.",
    );
  });

  test("a concurrent build that failed says that something is left behind", async () => {
    await session.execute("create table public.twice as select 1 as a from pg_catalog.generate_series(1, 2)");
    const error = await toolErrorOf(session.execute("create unique index concurrently twice_a on public.twice (a)"));
    expect([error.details["sqlstate"], error.state]).toEqual([
      "23505",
      "what was built so far is left behind, not valid",
    ]);
  });

  test("a position points into the statement", async () => {
    const error = await toolErrorOf(session.rows("select 1 frm pg_catalog.pg_class x y"));
    expect(error.details).toMatchObject({ sqlstate: "42601", position: 14 });
  });

  test("notices go to the listeners and nowhere else", async () => {
    const prints = [spyOn(console, "log"), spyOn(console, "error"), spyOn(process.stdout, "write")];
    const heard: Notice[] = [];
    const stop = session.onNotice((notice) => heard.push(notice));
    const raise = "do $$ begin raise warning 'careful' using hint = 'look'; end $$";
    await session.execute(raise);
    stop();
    await session.execute(raise);
    const calls = prints.map((print) => print.mock.calls.length);
    for (const print of prints) print.mockRestore();
    expect(calls).toEqual([0, 0, 0]);
    expect(heard.map(({ severity, sqlstate, message, hint }) => [severity, sqlstate, message, hint])).toEqual([
      ["WARNING", "01000", "careful", "look"],
    ]);
  });

  test("timeouts, deadlocks, refusals and read-only transactions have codes of their own", async () => {
    const other = await open();
    await session.execute("create table public.locked (a int)");
    await session.transaction({}, async (tx) => {
      await tx.execute("lock table public.locked");
      const waiting = other.transaction({ settings: { lock_timeout: "50ms" } }, (own) =>
        own.rows("select from public.locked"),
      );
      const error = await toolErrorOf(waiting);
      expect([error.code, isRetryable(error)]).toEqual(["lock_timeout", true]);
    });
    const slow = session.transaction({ settings: { statement_timeout: "50ms" } }, (tx) =>
      tx.rows("select pg_catalog.pg_sleep(30)"),
    );
    const timeout = await toolErrorOf(slow);
    expect([timeout.code, isRetryable(timeout)]).toEqual(["statement_timeout", false]);
    const write = session.transaction({ readOnly: true }, (tx) => tx.execute("insert into public.locked values (1)"));
    expect((await toolErrorOf(write)).code).toBe("read_only");
    await session.execute("create role session_test_guest");
    const denied = session.transaction({ settings: { role: "session_test_guest" } }, (tx) =>
      tx.rows("select from public.locked"),
    );
    expect((await toolErrorOf(denied)).code).toBe("permission_denied");
    await session.execute("drop role session_test_guest");
  });

  test("a deadlock names itself", async () => {
    const other = await open();
    await session.execute("create table public.left_side (a int)");
    await session.execute("create table public.right_side (a int)");
    const outcomes = await Promise.allSettled([
      session.transaction({}, async (tx) => {
        await tx.execute("lock table public.left_side");
        await other.transaction({ settings: { deadlock_timeout: "10s" } }, async (own) => {
          await own.execute("lock table public.right_side");
          const waiting = own.execute("lock table public.left_side");
          await Promise.allSettled([waiting, tx.execute("lock table public.right_side")]).then((results) => {
            const rejected = results.find((result) => result.status === "rejected");
            if (rejected) throw rejected.reason;
          });
        });
      }),
    ]);
    const [outcome] = outcomes;
    expect(outcome?.status === "rejected" && isToolError(outcome.reason, "deadlock")).toBe(true);
  });

  test("cancel ends the running statement, whose error says so; the session lives on", async () => {
    const running = toolErrorOf(session.rows("select pg_catalog.pg_sleep(60)"));
    await untilActive(session.pid);
    await session.cancel();
    expect((await running).code).toBe("interrupted");
    expect(await session.rows("select 1")).toEqual([["1"]]);
    await session.cancel();
    expect(await session.rows("select 1")).toEqual([["1"]]);
  });
});

describe("a new session", () => {
  test("knows its server and itself", async () => {
    const [row] = await db.query(
      "select backend_start, current_setting('server_version_num') as version, current_user as me from pg_catalog.pg_stat_activity where pid = $1",
      [session.pid],
    );
    expect(session.backendStart).toBe(String(row?.["backend_start"]));
    expect(session.server).toEqual({
      versionNum: Number(row?.["version"]),
      version: expect.stringMatching(/^\d+(\.\d+|devel|beta\d)$/),
      database: db.name,
      user: String(row?.["me"]),
      isSuperuser: true,
      encoding: "UTF8",
      inRecovery: false,
      readOnly: false,
      behindPooler: false,
    });
  });

  test("has the tool's settings even when the role has others", async () => {
    await session.execute("create role session_test_odd superuser login password 'odd'");
    for (const setting of [
      "search_path = 'evil, public'",
      "datestyle = 'German'",
      "timezone = 'Asia/Tokyo'",
      "intervalstyle = 'iso_8601'",
      "bytea_output = 'escape'",
      "extra_float_digits = -5",
      "standard_conforming_strings = off",
    ]) {
      await session.execute(`alter role session_test_odd set ${setting}`);
    }
    const own = await connect(
      {
        ...settings,
        user: "session_test_odd",
        hosts: settings.hosts.map((host) => ({ ...host, password: () => "odd" })),
      },
      { applicationName: "zanith session test", statementTimeoutMs: 12_345, idleInTransactionTimeoutMs: 4_000 },
    );
    const names =
      `search_path DateStyle TimeZone IntervalStyle bytea_output extra_float_digits standard_conforming_strings
      client_encoding statement_timeout idle_in_transaction_session_timeout application_name`.split(/\s+/);
    const values = await own.rows(
      "select pg_catalog.current_setting(n.name) from pg_catalog.unnest($1::text[]) with ordinality as n(name, i) order by n.i",
      [names],
    );
    await own.close();
    await session.execute("drop role session_test_odd");
    expect(values.map(([value]) => value)).toEqual([
      "",
      "ISO, YMD",
      "UTC",
      "postgres",
      "hex",
      "3",
      "on",
      "UTF8",
      "12345ms",
      "4s",
      "zanith session test",
    ]);
  });

  test("reads no option of the driver from the environment", async () => {
    const hostile = {
      PGMAX_LIFETIME: "1",
      PGIDLE_TIMEOUT: "1",
      PGTARGETSESSIONATTRS: "any",
      PGDEBUG: "1",
      PGSSL: "require",
      PGFETCH_TYPES: "1",
      PGPREPARE: "1",
      PGMAX: "7",
      PGHOST: "no.such.host.invalid",
      PGPASSWORD: "wrong",
    };
    Object.assign(process.env, hostile);
    try {
      const own = await open();
      // Longer than the lifetime above, after which the driver would have exchanged the connection.
      await own.rows("select pg_catalog.pg_sleep(1.2)");
      expect(await own.rows("select pg_catalog.pg_backend_pid()")).toEqual([[String(own.pid)]]);
      expect(own.alive).toBe(true);
    } finally {
      for (const name of Object.keys(hostile)) delete process.env[name];
    }
  });
});

test("a closed session answers with connection_lost and tells its listeners that nothing went wrong", async () => {
  const own = await open();
  const reasons: (ToolError | undefined)[] = [];
  own.onClosed((reason) => reasons.push(reason));
  await own.close();
  await own.close();
  expect(reasons).toEqual([undefined]);
  expect(own.alive).toBe(false);
  expect((await toolErrorOf(own.rows("select 1"))).code).toBe("connection_lost");
});

/** Waits until a backend is running pg_sleep. */
async function untilActive(pid: number): Promise<void> {
  await waitFor("the statement to run", async () => {
    const rows = await db.query(
      "select from pg_catalog.pg_stat_activity where pid = $1 and wait_event = 'PgSleep' order by pid",
      [pid],
    );
    return rows.length > 0;
  });
}
