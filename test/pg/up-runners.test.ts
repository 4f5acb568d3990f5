// Who runs and who stops: one runner at a time, and a run that is asked to end does so where nothing is lost.
import { describe, expect, test } from "bun:test";
import { status } from "../../src/usecase/status.ts";
import { type UpInput, type UpResult, up } from "../../src/usecase/up.ts";
import { quietRun, type Run } from "../../src/usecase/workspace.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Project, recordedRun, standing, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const users = "create table users (id int primary key, email text);";
const posts = `${users} create table posts (id int primary key, author int references users, body text not null);
  create index posts_author on posts (author);`;
const typed = "create table users (id int primary key, email text, age int);";

function runUp(project: Project, input: UpInput = {}, run: Run = quietRun): Promise<UpResult> {
  return up(project.workspace, input, run);
}

describe("two runners", () => {
  test("the second is told who works and changes nothing", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("age", users, typed);
    const blocker = await project.database.session();
    await blocker.query("begin");
    await blocker.query("lock table users in share mode");
    const waits = Promise.withResolvers<void>();
    const first = runUp(
      project,
      {},
      recordedRun((event) => {
        if (event.type === "lock.waited") waits.resolve();
      }),
    );
    await waits.promise;
    const attempts = await project.attempts();
    const error = await toolErrorOf(runUp(project));
    expect(error).toMatchObject({ code: "locked", details: { applicationName: "zanith up" } });
    expect(error.why).toMatch(/^process \d+, postgres at 127\.0\.0\.1, zanith up, connected since 2/);
    const { runner } = await status(project.workspace, {}, quietRun);
    expect(runner).toMatchObject({ pid: error.details["pid"], application: "zanith up" });
    expect(await project.attempts()).toEqual(attempts);
    await blocker.query("commit");
    expect((await first).applied.map(({ migration }) => migration)).toEqual([id]);
    expect((await project.attempts()).map(({ status: word }) => word)).toEqual(["applied"]);
  });

  test("the second waits for its turn when it is told to, and then finds nothing to do", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("age", users, typed);
    const blocker = await project.database.session();
    await blocker.query("begin");
    await blocker.query("lock table users in share mode");
    const [waits, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = runUp(
      project,
      {},
      recordedRun(({ type }) => {
        if (type === "lock.waited") waits.resolve();
      }),
    );
    await waits.promise;
    const second = runUp(
      project,
      { lockWaitMs: 30_000 },
      recordedRun(({ type }) => {
        if (type === "lock.held") held.resolve();
      }),
    );
    await held.promise;
    await blocker.query("commit");
    expect((await first).applied).toHaveLength(1);
    expect((await second).applied).toEqual([]);
  });

  test("five at once apply each step once", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("posts", users, posts);
    const runs = await Promise.allSettled([1, 2, 3, 4, 5].map(() => runUp(project, { lockWaitMs: 30_000 })));
    expect(runs.map(({ status: word }) => word)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "fulfilled",
    ]);
    expect((await project.attempts()).map(({ step, status: word }) => `${step} ${word}`)).toEqual([
      "0 applied",
      "1 applied",
      "2 applied",
    ]);
    expect(await project.applied()).toEqual([id]);
  });
});

describe("stopping", () => {
  const steps = ["create table a (x int)", "create table b (x int)", "create table c (x int)"];

  test("ends between two steps, and the next run goes on", async () => {
    const project = await projects.start();
    const id = project.rawMigration("three", ...steps);
    const run = recordedRun((event, { stop }) => {
      if (event.type === "step.finished" && event.step === 0) stop();
    });
    const error = await toolErrorOf(runUp(project, {}, run));
    expect(error).toMatchObject({
      code: "interrupted",
      what: `the run was stopped between two steps of ${id}`,
      next: "zanith migrate up",
    });
    expect((await project.attempts()).map(({ step, status: word }) => `${step} ${word}`)).toEqual(["0 applied"]);
    await runUp(project);
    expect(await project.difference(steps.join(";"))).toEqual([]);
    expect(await project.applied()).toEqual([id]);
  });

  test("ends between two statements of a step, which is rolled back and recorded as interrupted", async () => {
    const before = "create table users (id int);";
    const after = "create table users (id int, email text); comment on column users.email is 'where to write';";
    const project = await projects.start({ sql: before });
    const id = await project.migration("email", before, after);
    const run = recordedRun((event, { stop }) => {
      if (event.type === "statement.finished") stop();
    });
    const error = await toolErrorOf(runUp(project, {}, run));
    expect(error).toMatchObject({
      code: "interrupted",
      what: `the run was stopped in step 0 addColumn users.email of ${id}`,
    });
    expect(await project.difference(before)).toEqual([]);
    expect(await project.attempts()).toEqual([
      { migration: id, step: 0, kind: "addColumn", status: "interrupted", error: "the run was asked to stop" },
    ]);
    expect((await standing(project)).unfinished).toEqual(["0 addColumn interrupted"]);
    await runUp(project);
    expect(await project.difference(after)).toEqual([]);
  });

  test("cancels the running statement when it is asked twice", async () => {
    const project = await projects.start();
    const id = project.rawMigration("long", "create table a (x int)", "select pg_catalog.pg_sleep(600)");
    const run = recordedRun((event, { cancelNow }) => {
      if (event.type === "statement.sent" && event.step === 1) {
        waitFor("the statement to run", async () => {
          const rows = await project.database.query(
            "select 1 from pg_catalog.pg_stat_activity where state = 'active' and query ~ '^select pg_catalog.pg_sleep'",
          );
          return rows.length > 0;
        }).then(cancelNow);
      }
    });
    expect((await toolErrorOf(runUp(project, {}, run))).code).toBe("interrupted");
    expect(await project.attempts()).toEqual([
      { migration: id, step: 0, kind: "rawSql", status: "applied", error: null },
      {
        migration: id,
        step: 1,
        kind: "rawSql",
        status: "interrupted",
        error: "ERROR 57014: canceling statement due to user request",
      },
    ]);
  });

  test("a cancelled concurrent build does not wait for what was in its way, and the next run clears up after it", async () => {
    const mails = "create table users (id int, email text);";
    const indexed = `${mails} create index users_email on users (email);`;
    const project = await projects.start({ sql: mails });
    await project.migration("index", mails, indexed);
    const writer = await project.database.session();
    await writer.query("begin");
    await writer.query("insert into users values (1, 'a')");
    const run = recordedRun((event, { cancelNow }) => {
      if (event.type === "lock.waited") cancelNow();
    });
    expect((await toolErrorOf(runUp(project, { lockTimeoutMs: 50 }, run))).code).toBe("interrupted");
    expect(run.events.flatMap((event) => (event.type === "step.noted" ? [event.message] : []))).toEqual([
      "removing what the failed statement left behind",
      "what the failed statement left behind is still there, the next run removes it: ERROR 55P03: canceling statement due to lock timeout",
    ]);
    await writer.query("commit");
    expect((await standing(project)).drift).toEqual([]);
    await runUp(project);
    expect(await project.difference(indexed)).toEqual([]);
    expect((await project.attempts()).map(({ status: word }) => word)).toEqual(["interrupted", "applied"]);
  });

  test("before it has begun changes nothing", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("age", users, typed);
    const run = recordedRun();
    run.stop();
    expect((await toolErrorOf(runUp(project, {}, run))).code).toBe("interrupted");
    expect(await project.database.query("select relname from pg_catalog.pg_class where relname ~ 'zanith'")).toEqual(
      [],
    );
  });
});
