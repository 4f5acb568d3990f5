// When a backend dies or falls silent, calls reject, nothing reconnects, the process lives, and a COMMIT without an
// answer is in doubt.
import { afterAll, describe, expect, test } from "bun:test";
import type { ToolError } from "../../src/base/errors.ts";
import type { ConnectionSettings } from "../../src/config/connection.ts";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { connect, type Session } from "../../src/pg/session.ts";
import { type FaultMode, startFaultProxy } from "../support/fault-proxy.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase({ sql: "create table public.marks (name text)" });
const direct = resolveProcessConnection(db.url, {});
const server = direct.hosts[0];
if (!server) throw new Error("no host");
const proxy = await startFaultProxy({ host: server.host, port: server.port });
const viaProxy: ConnectionSettings = { ...direct, hosts: [{ ...server, host: proxy.host, port: proxy.port }] };
const sessions: Session[] = [];
const open = async (settings = direct) => {
  const session = await connect(settings, { applicationName: "zanith loss test" });
  sessions.push(session);
  return session;
};
afterAll(async () => {
  for (const session of sessions) await session.close();
  await proxy.close();
});

const terminate = async (session: Session) => {
  await db.query("select pg_catalog.pg_terminate_backend($1)", [session.pid]);
};
const gone = (session: Session) =>
  waitFor("the backend to end", async () => {
    const rows = await db.query("select from pg_catalog.pg_stat_activity where pid = $1 order by pid", [session.pid]);
    return rows.length === 0;
  });
const marks = async () => (await db.query("select name from public.marks order by name")).map((row) => row["name"]);
const sleeping = (session: Session) =>
  waitFor("the statement to run", async () => {
    const rows = await db.query(
      "select from pg_catalog.pg_stat_activity where pid = $1 and wait_event = 'PgSleep' order by pid",
      [session.pid],
    );
    return rows.length > 0;
  });
const administrator = "FATAL 57P01: terminating connection due to administrator command";

/** Everything a session can be asked must answer the same way once it is dead. */
async function expectDead(session: Session): Promise<void> {
  expect(session.alive).toBe(false);
  for (const call of [
    session.rows("select 1"),
    session.query("select 1"),
    session.execute("select 1"),
    session.transaction({}, async () => 1),
  ]) {
    expect((await toolErrorOf(call)).code).toBe("connection_lost");
  }
  await session.cancel();
  const ours = await db.query(
    "select from pg_catalog.pg_stat_activity where application_name = 'zanith loss test' and pid > 0 order by pid",
  );
  expect(ours.length).toBe(sessions.filter((other) => other.alive).length);
}

describe("a terminated backend", () => {
  test("while the session idles: listeners learn why, later calls reject, nothing reconnects", async () => {
    const session = await open();
    const reason = new Promise<ToolError | undefined>((resolve) => session.onClosed(resolve));
    await terminate(session);
    const error = await reason;
    expect([error?.code, error?.why, error?.next]).toEqual([
      "connection_lost",
      administrator,
      "run the same command again",
    ]);
    await expectDead(session);
  });

  test("while a statement runs: the statement rejects with the server's words", async () => {
    const session = await open();
    const running = toolErrorOf(session.rows("select pg_catalog.pg_sleep(60)"));
    await sleeping(session);
    await terminate(session);
    const error = await running;
    expect([error.code, error.why, error.details["sqlstate"]]).toEqual(["connection_lost", administrator, "57P01"]);
    await expectDead(session);
  });

  test("while several statements wait in line: every one of them rejects", async () => {
    const session = await open();
    const calls = ["select pg_catalog.pg_sleep(60)", "select 1", "select 2"].map((text) =>
      toolErrorOf(session.rows(text)),
    );
    await sleeping(session);
    await terminate(session);
    expect((await Promise.all(calls)).map((error) => error.code)).toEqual([
      "connection_lost",
      "connection_lost",
      "connection_lost",
    ]);
    await expectDead(session);
  });

  test("while a transaction idles between statements: it rejects, and nothing of it is there", async () => {
    const session = await open();
    const error = await toolErrorOf(
      session.transaction({}, async (tx) => {
        await tx.execute("insert into public.marks values ('in a lost transaction')");
        await terminate(session);
        await waitFor("the loss to be noticed", () => !session.alive);
        await tx.rows("select 1");
      }),
    );
    expect(error.code).toBe("connection_lost");
    expect(await marks()).toEqual([]);
    await expectDead(session);
  });

  test("before COMMIT is sent: it is lost, not in doubt, even when the body noticed nothing", async () => {
    const session = await open();
    const error = await toolErrorOf(
      session.transaction({}, async (tx) => {
        await tx.execute("insert into public.marks values ('lost before commit')");
        await terminate(session);
        await waitFor("the loss to be noticed", () => !session.alive);
      }),
    );
    expect(error.code).toBe("connection_lost");
    expect(await marks()).toEqual([]);
  });

  test("by the server's own timeout for idle transactions", async () => {
    const session = await connect(direct, { applicationName: "zanith loss test", idleInTransactionTimeoutMs: 50 });
    const error = await toolErrorOf(
      session.transaction({}, async (tx) => {
        await waitFor("the server to end the session", () => !session.alive);
        await tx.rows("select 1");
      }),
    );
    expect([error.code, error.details["sqlstate"]]).toEqual(["connection_lost", "25P03"]);
  });
});

describe("COMMIT", () => {
  const inDoubt: readonly (readonly [FaultMode, string, readonly string[]])[] = [
    ["before", "never delivered", []],
    ["after", "delivered, its answer lost", ["after"]],
  ];
  test.each(inDoubt)("cut %s (%s): the outcome is in doubt, and the database alone knows", async (mode, _, left) => {
    await db.query("truncate public.marks");
    const session = await open(viaProxy);
    const error = await toolErrorOf(
      session.transaction({}, async (tx) => {
        await tx.execute(`insert into public.marks values ('${mode}')`);
        proxy.strike({ mode, match: /commit/ });
      }),
    );
    expect([error.code, error.state, error.next]).toEqual([
      "commit_in_doubt",
      "either the whole transaction is in the database or none of it",
      "run the same command again: it looks at the database first",
    ]);
    await gone(session);
    expect(await marks()).toEqual([...left]);
    await expectDead(session);
  });

  test("with a black-holed answer: the deadline ends the wait, and the session", async () => {
    await db.query("truncate public.marks");
    const session = await open(viaProxy);
    const error = await toolErrorOf(
      session.transaction({ commitDeadlineMs: 200 }, async (tx) => {
        await tx.execute("insert into public.marks values ('held')");
        proxy.strike({ mode: "hold", match: /commit/ });
      }),
    );
    expect([error.code, error.why]).toEqual(["commit_in_doubt", "no answer within 200 ms"]);
    await gone(session);
    expect(await marks()).toEqual(["held"]);
    await expectDead(session);
  });
});

test("a statement with a deadline whose answer never comes is cancelled on the server and ends the session", async () => {
  const session = await open(viaProxy);
  proxy.strike({ mode: "hold", match: /pg_sleep/ });
  const error = await toolErrorOf(session.rows("select pg_catalog.pg_sleep(600)", [], { deadlineMs: 200 }));
  expect([error.code, error.why]).toEqual(["connection_lost", "no answer within 200 ms"]);
  // Ten minutes of sleep end at once: the cancel request took another connection through the proxy.
  await gone(session);
  await expectDead(session);
});

test("a deadline that is not reached changes nothing", async () => {
  const session = await open(viaProxy);
  expect(await session.rows("select 1", [], { deadlineMs: 30_000 })).toEqual([["1"]]);
  expect(session.alive).toBe(true);
});

test("cut at every message from the first to the last, before and after delivery, no call hangs", async () => {
  const work = async () => {
    const session = await connect(viaProxy, { applicationName: "zanith loss test" });
    try {
      await session.rows("select $1::text", ["a"]);
      await session.transaction({ settings: { lock_timeout: "1s" } }, (tx) => tx.rows("select 1"));
    } finally {
      await session.close();
    }
  };
  const before = proxy.seen;
  await work();
  const messages = proxy.seen - before;
  expect(messages).toBeGreaterThan(5);
  const codes = new Set<string>();
  for (let nth = 1; nth <= messages; nth++) {
    for (const mode of ["before", "after"] as const) {
      proxy.strike({ mode, nth });
      // The last message is the goodbye, whose loss nobody notices.
      await work().catch(async (error) => codes.add((await toolErrorOf(Promise.reject(error))).code));
      proxy.disarm();
    }
  }
  expect([...codes].sort()).toEqual(["commit_in_doubt", "connection_lost", "unreachable"]);
});
