// How the catalog is read: one snapshot, a fixed number of queries, no rights needed, and again when it changes meanwhile.
import { afterAll, describe, expect, test } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { type CatalogSession, readGraph } from "../../src/pg/catalog/index.ts";
import { connect } from "../../src/pg/session.ts";
import { createTestDatabase } from "../support/database.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { withDatabase } from "../support/with-database.ts";

const bench = await withSchemaBench();
const audit = { auditSchema: "public" };

/** The bench's session with a body that runs before each query goes out, once the snapshot is taken. */
function watched(before: (attempt: number) => Promise<void> | void): CatalogSession {
  let attempt = 0;
  return {
    server: bench.session.server,
    transaction: (options, work) => {
      attempt++;
      return bench.session.transaction(options, (transaction) =>
        work({
          async rows(text) {
            await before(attempt);
            return transaction.rows(text);
          },
        }),
      );
    },
  };
}

/** A body that runs once per attempt, however many queries wait for it. */
function oncePerAttempt(body: (attempt: number) => Promise<unknown>): (attempt: number) => Promise<void> {
  const done = new Map<number, Promise<unknown>>();
  return async (attempt) => {
    if (!done.has(attempt)) done.set(attempt, body(attempt));
    await done.get(attempt);
  };
}

test("the number of queries does not depend on what there is to read", async () => {
  const count = async (): Promise<number> => {
    let queries = 0;
    await readGraph(
      watched(() => {
        queries++;
      }),
      audit,
    );
    return queries;
  };
  await bench.reset();
  const empty = await count();
  const tables = Array.from(
    { length: 60 },
    (
      _,
      at,
    ) => `create table t${at} (id serial primary key, up int references t${Math.max(0, at - 1)}, check (up > 0), unique (up, id));
      create index on t${at} ((up + 1)); create view v${at} as select 1 as a; create policy p on t${at} using (up > 0)`,
  );
  await bench.run(["create extension citext", ...tables].join(";"));
  expect(empty).toBeLessThan(50);
  expect(await count()).toBe(empty);
});

test("all queries see the moment at which reading began", async () => {
  const script = `create type e as enum ('a'); create table t (a int, b text); create index i on t (a);
    create table u (a int primary key); comment on table t is 'before'`;
  const before = await bench.graphOf(script);
  await bench.reset();
  await bench.run(script);
  const changes = oncePerAttempt(async () => {
    await bench.run(`
      create table later (a int references u); alter table t add c int default 5, add check (a > 0), alter b set not null;
      alter type e add value 'b'; create index j on t (b); comment on table t is 'after'; create policy p on t; create view v as select 1 as a;
      create schema s`);
  });
  expect(await readGraph(watched(changes), audit)).toEqual(before);
  expect((await bench.read()).objects.has("table:public.later")).toBe(true);
});

test("reading begins anew when an index is dropped before its definition was printed", async () => {
  await bench.reset();
  await bench.run("create table t (a text); create index i on t (lower(a)); create index j on t (upper(a))");
  let attempts = 0;
  const changes = oncePerAttempt(async (attempt) => {
    attempts = attempt;
    if (attempt === 1) await bench.run("drop index i");
  });
  const graph = await readGraph(watched(changes), audit);
  expect(attempts).toBe(2);
  expect([...graph.objects.keys()]).toEqual(["column:public.t.a", "index:public.j", "schema:public", "table:public.t"]);
});

test("reading begins anew when a table is dropped before its expressions were printed", async () => {
  await bench.reset();
  await bench.run(
    "create table t (a int, b int generated always as (a + 1) stored, check (a > 0)); create policy p on t using (a > 0)",
  );
  const changes = oncePerAttempt(async (attempt) => {
    if (attempt === 1) await bench.run("drop table t");
  });
  expect([...(await readGraph(watched(changes), audit)).objects.keys()]).toEqual(["schema:public"]);
});

test("a schema that does not stop changing is refused after some attempts", async () => {
  await bench.reset();
  await bench.run(
    `create table t (a text); ${[1, 2, 3, 4, 5].map((at) => `create index i${at} on t (lower(a))`).join(";")}`,
  );
  let attempts = 0;
  const changes = oncePerAttempt(async (attempt) => {
    attempts = attempt;
    await bench.run(`drop index i${attempt}`);
  });
  const error = await toolErrorOf(readGraph(watched(changes), audit));
  expect(attempts).toBe(3);
  expect({ code: error.code, what: error.what, why: error.why, state: error.state, next: error.next }).toEqual({
    code: "statement_failed",
    what: "the schema changed while it was being read",
    why: "another session dropped an object before its definition could be printed",
    state: "nothing was changed",
    next: "run the command again when no other session changes the schema",
  });
});

test("a query that fails says what was being read, and the session goes on", async () => {
  await bench.reset();
  await bench.run("create table t (a int)");
  const broken: CatalogSession = {
    server: bench.session.server,
    transaction: (options, work) =>
      bench.session.transaction(options, (transaction) =>
        work({ rows: (text) => transaction.rows(text.includes("pg_enum") ? "select 1 / 0" : text) }),
      ),
  };
  const error = await toolErrorOf(readGraph(broken, audit));
  expect(error.code).toBe("statement_failed");
  expect(error.what).toStartWith("the enums of the schema could not be read: ");
  expect(error.details["sqlstate"]).toBe("22012");
  expect((await bench.read()).objects.has("table:public.t")).toBe(true);
});

describe("a role without any right", async () => {
  const name = `zanith_reader_${crypto.randomUUID().slice(0, 8)}`;
  const database = await withDatabase({
    sql: `create schema s; create type s.e as enum ('a'); create table s.t (id serial primary key, e s.e default 'a', c int check (c > 0));
      create index on s.t ((c + 1)); create policy p on s.t using (c > 0); create function s.f() returns int language sql as 'select 1';
      create role ${name} login password '${name}'; revoke all on schema public from public`,
  });
  const url = new URL(database.url);
  const owner = await connect(resolveProcessConnection(database.url, {}), { applicationName: "zanith tests" });
  url.username = name;
  url.password = name;
  const session = await connect(resolveProcessConnection(url.href, {}), { applicationName: "zanith tests" });
  afterAll(async () => {
    await session.close();
    await owner.close();
    await bench.session.execute(`drop role ${name}`);
  });

  test("reads the same graph as a superuser", async () => {
    expect(await readGraph(session, audit)).toEqual(await readGraph(owner, audit));
  });
});

test("a database that is not in UTF-8 gives its names in full", async () => {
  await using admin = await createTestDatabase();
  const name = `${admin.name}_latin1`;
  await admin.query(`create database "${name}" encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`);
  const url = new URL(admin.url);
  url.pathname = `/${name}`;
  const session = await connect(resolveProcessConnection(url.href, {}), { applicationName: "zanith tests" });
  try {
    await session.execute(`create table public."größe" ("ÿ" text default 'é')`);
    const graph = await readGraph(session, audit);
    expect(graph.objects.get('column:public."größe"."ÿ"')).toEqual({
      kind: "column",
      schema: "public",
      table: "größe",
      name: "ÿ",
      position: 1,
      type: "text",
      default: "'é'::text",
    });
  } finally {
    await session.close();
    await admin.query(`drop database "${name}" with (force)`);
  }
});
