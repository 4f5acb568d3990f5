// One runner at a time: the lock is polled, names its holder, and ends with the session that holds it.
import { afterAll, expect, test } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { acquireLock, type LockHolder, lockClass, lockHolder, lockKey } from "../../src/pg/advisory-lock.ts";
import { connect, type Session } from "../../src/pg/session.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase({ sql: "create table public.t (a int)" });
const settings = resolveProcessConnection(db.url, {});
const sessions: Session[] = [];
const open = async (applicationName: string) => {
  const session = await connect(settings, { applicationName });
  sessions.push(session);
  return session;
};
afterAll(async () => {
  for (const session of sessions) await session.close();
});
const first = await open("zanith first runner");
const second = await open("zanith second runner");
const once = { schema: "public", waitMs: 0 };

test("a second runner is told who holds the lock, and gets it when it is given back", async () => {
  expect(await lockHolder(second, "public")).toBeUndefined();
  const held = await acquireLock(first, once);
  const error = await toolErrorOf(acquireLock(second, once));
  const { code, what, state, details } = error;
  expect<Record<string, unknown>>({ code, what, state, ...details }).toEqual({
    code: "locked",
    what: "another runner holds the lock of the ledger in schema public",
    state: "nothing was changed",
    pid: first.pid,
    host: "127.0.0.1",
    user: settings.user,
    applicationName: "zanith first runner",
    since: first.backendStart,
  });
  expect(error.why).toContain(`process ${first.pid}, `);
  expect(await lockHolder(first, "public")).toMatchObject({ pid: first.pid, since: first.backendStart });
  await held.release();
  const again = await acquireLock(second, once);
  await again.release();
  expect(await lockHolder(first, "public")).toBeUndefined();
});

test("ledgers in different schemas do not exclude each other", async () => {
  const one = await acquireLock(first, { schema: "public", waitMs: 0 });
  const other = await acquireLock(second, { schema: "audit", waitMs: 0 });
  expect(await lockHolder(first, "audit")).toMatchObject({ pid: second.pid });
  await one.release();
  await other.release();
});

test("a waiting runner polls: it holds no snapshot, so that an index can be built concurrently, and then takes over", async () => {
  const held = await acquireLock(first, once);
  const seen: (LockHolder | undefined)[] = [];
  const waiting = acquireLock(second, {
    schema: "public",
    waitMs: 30_000,
    pollMs: 20,
    onWaiting: (holder) => seen.push(holder),
  });
  await waitFor("the second runner to wait", () => seen.length > 0);
  await first.execute("create index concurrently t_a on public.t (a)");
  expect(seen.map((holder) => holder?.pid)).toEqual([first.pid]);
  await held.release();
  await (await waiting).release();
});

test("the lock ends with the session of its holder", async () => {
  const dying = await open("zanith dying runner");
  const held = await acquireLock(dying, once);
  const waiting = acquireLock(second, { schema: "public", waitMs: 30_000, pollMs: 20 });
  await db.query("select pg_catalog.pg_terminate_backend($1)", [dying.pid]);
  const taken = await waiting;
  await waitFor("the loss to be noticed", () => !dying.alive);
  await held.release();
  await taken.release();
});

test("waiting stops when it is interrupted", async () => {
  const held = await acquireLock(first, once);
  const controller = new AbortController();
  const waiting = acquireLock(second, {
    schema: "public",
    waitMs: 30_000,
    signal: controller.signal,
    onWaiting: () => controller.abort(),
  });
  expect((await toolErrorOf(waiting)).code).toBe("interrupted");
  await held.release();
});

test("giving back a lock that the server does not know of is an error", async () => {
  const held = await acquireLock(first, once);
  await first.rows("select pg_catalog.pg_advisory_unlock_all()");
  expect((await toolErrorOf(held.release())).code).toBe("pooler_unsupported");
});

test("the two numbers are the same for ever: a newer version must respect the lock of an older one", () => {
  expect(lockClass).toBe(2_053_205_609);
  expect([lockKey("public"), lockKey("audit")]).toEqual([-274_599_051, -1_205_913_696]);
});
