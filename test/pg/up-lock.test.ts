// Waiting for locks: who is in the way is told, nobody queues behind the run for longer than lock_timeout, and there is an end.
import { describe, expect, test } from "bun:test";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { startCluster } from "../support/cluster.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const users = "create table users (id int primary key);";
const wider = "create table users (id int primary key, email text);";

describe("a table that somebody holds", () => {
  test("is waited for with short tries, and the change is made once it is free", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("email", users, wider);
    const holder = await project.database.session();
    await holder.query("begin");
    await holder.query("lock table users in access exclusive mode");
    const run = recordedRun((event) => {
      if (event.type === "step.noted") holder.query("commit");
    });
    await up(project.workspace, { lockTimeoutMs: 500 }, run);
    const waits = run.events.filter(({ type }) => type === "lock.waited");
    expect(waits[0]).toEqual({
      type: "lock.waited",
      migration: id,
      step: 0,
      attempt: 1,
      attempts: 7,
      waitedMs: expect.any(Number),
      blockers: [
        {
          pid: holder.pid,
          user: "postgres",
          application: "zanith tests",
          state: "idle in transaction",
          since: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          query: "lock table users in access exclusive mode",
        },
      ],
    });
    expect(run.events.flatMap((event) => (event.type === "step.noted" ? [event.message] : []))).toEqual([
      "try 1 of 7: ERROR 55P03: canceling statement due to lock timeout; next try in 0.1 s",
    ]);
    expect((await project.attempts()).map(({ status, error }) => ({ status, error }))).toEqual([
      { status: "applied", error: null },
    ]);
    expect(await project.difference(wider)).toEqual([]);
  });

  test("for too long ends the run with a lock timeout: the table is as it was, and the next run may try again", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("email", users, wider);
    const holder = await project.database.session();
    await holder.query("begin");
    await holder.query("select from users");
    // Another reader asks again and again: it never waits for long, because the run never does.
    const reader = await project.database.session();
    await reader.query("set lock_timeout to '2s'");
    let reads = 0;
    let over = false;
    const reading = (async () => {
      while (!over) {
        await reader.query("select from users");
        reads++;
      }
    })();
    const run = recordedRun();
    const error = await toolErrorOf(up(project.workspace, { lockTimeoutMs: 300 }, run));
    over = true;
    await reading;
    expect(reads).toBeGreaterThan(0);
    expect(error).toMatchObject({ code: "step_failed", details: { sqlstate: "55P03", migration: id, step: 0 } });
    expect(run.events.filter(({ type }) => type === "statement.sent")).toHaveLength(7);
    expect(await project.attempts()).toEqual([
      {
        migration: id,
        step: 0,
        kind: "addColumn",
        status: "failed",
        error: "ERROR 55P03: canceling statement due to lock timeout",
      },
    ]);
    await holder.query("commit");
    expect(await project.difference(users)).toEqual([]);
    await up(project.workspace, {}, quietRun);
    expect(await project.difference(wider)).toEqual([]);
  });

  test("can be given up while waiting for it", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("email", users, wider);
    const holder = await project.database.session();
    await holder.query("begin");
    await holder.query("select from users");
    const run = recordedRun((event, { stop }) => {
      if (event.type === "step.noted") stop();
    });
    expect((await toolErrorOf(up(project.workspace, { lockTimeoutMs: 100 }, run))).code).toBe("interrupted");
    expect((await project.attempts()).map(({ status }) => status)).toEqual(["interrupted"]);
    expect(await project.difference(users)).toEqual([]);
  });

  test("by an autovacuum is had by a try that outlasts deadlock_timeout, however short the others are", async () => {
    await using cluster = await startCluster({ settings: { autovacuum_naptime: "1s" } });
    const project = await projects.start({
      serverUrl: cluster.url,
      sql: `create table users (id int primary key)
          with (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0);
        insert into users select generate_series(1, 200000);
        delete from users where id % 2 = 0;`,
    });
    const id = project.rawMigration("email", "alter table users add column email text");
    await waitFor(
      "an autovacuum of the table",
      async () => {
        const rows = await project.database.query(
          "select query from pg_catalog.pg_stat_activity where backend_type = 'autovacuum worker' and query ~ 'VACUUM.* public.users'",
        );
        return rows.length > 0;
      },
      30_000,
    );
    const run = recordedRun();
    await up(project.workspace, { lockTimeoutMs: 500 }, run);
    const blockers = run.events.flatMap((event) => (event.type === "lock.waited" ? event.blockers : []));
    expect(blockers[0]).toMatchObject({
      user: null,
      query: expect.stringMatching(/^autovacuum: VACUUM.* public\.users$/),
    });
    expect(await project.applied()).toEqual([id]);
  });
});

test("a deadlock with the application is tried again as a whole transaction", async () => {
  const before = "create table parents (id int primary key); create table children (id int, parent int);";
  const project = await projects.start({ sql: before });
  const id = project.rawMigration(
    "both",
    `do $$ begin
      lock table parents in access exclusive mode;
      perform pg_catalog.pg_notify('locked', '');
      lock table children in access exclusive mode;
    end $$`,
  );
  const application = await project.database.session();
  await application.query("begin");
  await application.query("lock table children in share mode");
  let other: Promise<unknown> | undefined;
  const run = recordedRun((event) => {
    if (event.type === "lock.waited" && other === undefined) {
      other = application.query("lock table parents in share mode").then(
        () => application.query("commit"),
        () => application.query("rollback"),
      );
    }
  });
  await up(project.workspace, { lockTimeoutMs: 20_000 }, run);
  await other;
  expect(await project.applied()).toEqual([id]);
  expect((await project.attempts()).map(({ status }) => status)).toEqual(["applied"]);
});
