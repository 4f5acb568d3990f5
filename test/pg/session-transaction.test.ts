// How a transaction ends is never guessed: committed, rolled back, or an error that says which.
import { afterAll, expect, test } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { connect, type Session } from "../../src/pg/session.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase();
const session = await connect(resolveProcessConnection(db.url, {}), { applicationName: "zanith transaction test" });
afterAll(() => session.close());

test("the body's work is committed and its value returned", async () => {
  const value = await session.transaction(
    { isolation: "repeatable read", settings: { lock_timeout: "3s" } },
    async (tx) => {
      await tx.execute("create table public.kept (a int)");
      const [row] = await tx.rows(
        "select pg_catalog.current_setting('lock_timeout'), pg_catalog.current_setting('transaction_isolation')",
      );
      return row;
    },
  );
  expect(value).toEqual(["3s", "repeatable read"]);
  expect(
    await session.rows(
      "select pg_catalog.current_setting('lock_timeout'), pg_catalog.to_regclass('public.kept') is null",
    ),
  ).toEqual([["0", "f"]]);
});

test("a body that throws is rolled back, and what it threw is thrown", async () => {
  const mine = new Error("mine");
  const attempt = session.transaction({}, async (tx) => {
    await tx.execute("create table public.undone (a int)");
    throw mine;
  });
  expect(await attempt.catch((error: unknown) => error)).toBe(mine);
  expect(await session.rows("select pg_catalog.to_regclass('public.undone')")).toEqual([[null]]);
});

test("a transaction whose body swallowed a failure is an error: COMMIT answered ROLLBACK", async () => {
  const attempt = session.transaction({}, async (tx) => {
    await tx.execute("create table public.lost (a int)");
    await tx.rows("select 1 / 0").catch(() => undefined);
  });
  const error = await toolErrorOf(attempt);
  expect([error.code, error.why, error.state]).toEqual([
    "statement_failed",
    "an earlier statement in it failed: ERROR 22012: division by zero",
    "the transaction changed nothing",
  ]);
  expect(await session.rows("select pg_catalog.to_regclass('public.lost')")).toEqual([[null]]);
});

test("what COMMIT itself refuses is reported", async () => {
  await session.execute("create table public.parent (id int primary key)");
  await session.execute("create table public.child (id int references public.parent deferrable initially deferred)");
  const error = await toolErrorOf(session.transaction({}, (tx) => tx.execute("insert into public.child values (1)")));
  expect([error.code, error.details["sqlstate"]]).toEqual(["statement_failed", "23503"]);
  expect(await session.rows("select from public.child")).toEqual([]);
});

test("settings that do not exist leave the session usable", async () => {
  const error = await toolErrorOf(session.transaction({ settings: { "no such setting": "1" } }, async () => "never"));
  expect(error.code).toBe("statement_failed");
  expect(await session.transaction({}, (tx) => tx.rows("select 1"))).toEqual([["1"]]);
});

test("transactions do not nest, shut the session out while open, and themselves out afterwards", async () => {
  let kept: Session | undefined;
  await session.transaction({}, async (tx) => {
    kept = tx;
    await expect(session.rows("select 1")).rejects.toThrow("only the open transaction's own session may be used");
    await expect(tx.transaction({}, async () => 1)).rejects.toThrow("a transaction is already open");
    await expect(session.transaction({}, async () => 1)).rejects.toThrow("a transaction is already open");
  });
  await expect(kept?.rows("select 1")).rejects.toThrow("only the open transaction's own session may be used");
});
