// Runs that end without a word: a backend that is terminated, a connection that is cut, an answer that is lost, a server that
// crashes. The next run finds out what happened, finishes, and does nothing twice.
import { describe, expect, test } from "bun:test";
import { exitCodeOf } from "../../src/base/errors.ts";
import { status } from "../../src/usecase/status.ts";
import { type UpInput, up } from "../../src/usecase/up.ts";
import { quietRun, type Run, type Workspace } from "../../src/usecase/workspace.ts";
import { startCluster } from "../support/cluster.ts";
import type { TestSession } from "../support/database.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Project, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const mails = "create table users (id int, email text);";
const indexed = `${mails} create index users_email on users (email);`;
const unknown =
  "whether it took effect is not known yet; the next run looks at the ledger and the catalog before it does anything";
const abandoned = "the runner ended before it could record an outcome";

function runUp(workspace: Workspace, run: Run = quietRun, input: UpInput = {}) {
  return up(workspace, input, run);
}

/** A session that keeps a table from being changed, or an index from being finished, until it commits. */
async function blocking(project: Project, statement: string): Promise<TestSession> {
  const session = await project.database.session();
  await session.query("begin");
  await session.query(statement);
  return session;
}

async function noLockLeft(project: Project): Promise<void> {
  await waitFor("the runner's lock to be free", async () => {
    const { runner } = await status(project.workspace, {}, quietRun);
    return runner === undefined;
  });
}

async function words(project: Project): Promise<string[]> {
  return (await project.attempts()).map(
    ({ step, status: word, error }) => `${step} ${word}${error ? `: ${error}` : ""}`,
  );
}

async function oidOf(project: Project, relation: string): Promise<unknown> {
  const [row] = await project.database.query("select to_regclass($1)::oid::int as oid", [relation]);
  return row?.["oid"];
}

async function proxied(project: Project): Promise<{ workspace: Workspace; proxy: FaultProxy }> {
  const url = new URL(project.database.url);
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = proxy.host;
  url.port = String(proxy.port);
  return { workspace: project.variant({}, url.toString()), proxy };
}

describe("a backend that is terminated", () => {
  test("while a statement waits in a transaction: nothing of it remains, and the next run applies it", async () => {
    const project = await projects.start({ sql: mails });
    const id = await project.migration("age", mails, "create table users (id int, email text, age int);");
    const blocker = await blocking(project, "lock table users in share mode");
    const run = recordedRun((event) => {
      if (event.type === "lock.waited") {
        blocker.query(
          "select pid, pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'zanith up'",
        );
      }
    });
    const error = await toolErrorOf(runUp(project.workspace, run));
    expect({ code: error.code, what: error.what, state: error.state, next: error.next }).toEqual({
      code: "step_failed",
      what: `step 0 addColumn users.age of ${id} ended without an answer`,
      state: unknown,
      next: "zanith migrate up",
    });
    await blocker.query("commit");
    expect(await words(project)).toEqual(["0 running"]);
    expect((await status(project.workspace, {}, quietRun)).unfinished).toMatchObject([{ step: 0, status: "running" }]);
    await noLockLeft(project);
    await runUp(project.workspace);
    expect(await words(project)).toEqual([`0 interrupted: ${abandoned}`, "0 applied"]);
    expect(await project.applied()).toEqual([id]);
  });

  test("in the middle of a concurrent build: its invalid index is removed and built again", async () => {
    const project = await projects.start({ sql: mails });
    const id = await project.migration("index", mails, indexed);
    const blocker = await blocking(project, "insert into users values (1, 'a')");
    const run = recordedRun((event) => {
      if (event.type === "lock.waited") {
        blocker.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'zanith up'",
        );
      }
    });
    await toolErrorOf(runUp(project.workspace, run));
    const invalid = await oidOf(project, "users_email");
    expect(invalid).toBeNumber();
    await blocker.query("commit");
    await noLockLeft(project);
    const second = recordedRun();
    await runUp(project.workspace, second);
    expect(second.events.flatMap((event) => (event.type === "statement.sent" ? [event.sql] : []))).toEqual([
      "drop index concurrently public.users_email",
      "create index concurrently users_email on public.users using btree (email)",
    ]);
    expect(await oidOf(project, "users_email")).not.toBe(invalid);
    expect(await project.difference(indexed)).toEqual([]);
    expect(await words(project)).toEqual([`0 interrupted: ${abandoned}`, "0 applied"]);
    expect(await project.applied()).toEqual([id]);
  });

  test("while only the other connection is lost: what was applied is recorded, and the next run goes on", async () => {
    const project = await projects.start();
    // The first step itself ends the other session, and waits until that is gone: no later step can be ahead of it.
    const id = project.rawMigration(
      "two",
      `do $$ begin
         create table a (x int);
         perform pg_terminate_backend(pid, 5000) from pg_stat_activity
         where datname = current_database() and application_name = 'zanith up audit';
       end $$`,
      "create table b (x int)",
    );
    const error = await toolErrorOf(runUp(project.workspace));
    expect(error.code).toBe("connection_lost");
    expect(error.state).toBe(`step 1 of ${id} had not begun; what was done before it is recorded`);
    expect(await words(project)).toEqual(["0 applied"]);
    await noLockLeft(project);
    await runUp(project.workspace);
    expect(await words(project)).toEqual(["0 applied", "1 applied"]);
    expect(await project.applied()).toEqual([id]);
  });
});

describe("a client that is gone", () => {
  test("leaves a concurrent build that the server finishes: the next run waits for it and takes the index as it is", async () => {
    const project = await projects.start({ sql: mails });
    const id = await project.migration("index", mails, indexed);
    const { workspace, proxy } = await proxied(project);
    await using _proxy = proxy;
    const blocker = await blocking(project, "insert into users values (1, 'a')");
    const run = recordedRun((event) => {
      if (event.type === "lock.waited") proxy.close();
    });
    expect((await toolErrorOf(runUp(workspace, run))).code).toBe("step_failed");
    expect((await toolErrorOf(runUp(project.workspace))).code).toBe("locked");
    await blocker.query("commit");
    await noLockLeft(project);
    const built = await oidOf(project, "users_email");
    const second = recordedRun();
    await runUp(project.workspace, second);
    expect(second.events.flatMap((event) => (event.type === "statement.sent" ? [event.sql] : []))).toEqual([]);
    expect(second.events.flatMap((event) => (event.type === "step.noted" ? [event.message] : []))).toEqual([
      "found finished by an earlier attempt",
    ]);
    expect(await oidOf(project, "users_email")).toBe(built);
    expect(await words(project)).toEqual([`0 interrupted: ${abandoned}`, "0 applied"]);
    expect(await project.applied()).toEqual([id]);
  });
});

describe("a COMMIT", () => {
  const create = "create table a (x int primary key)";

  async function strike(mode: "before" | "after"): Promise<{ project: Project; id: string }> {
    const project = await projects.start();
    const id = await project.migration("table", "", `${create};`);
    const { workspace, proxy } = await proxied(project);
    await using _proxy = proxy;
    const run = recordedRun((event) => {
      if (event.type === "statement.finished") proxy.strike({ mode, match: /commit/ });
    });
    const error = await toolErrorOf(runUp(workspace, run));
    expect({ code: error.code, state: error.state }).toEqual({ code: "step_failed", state: unknown });
    await noLockLeft(project);
    return { project, id };
  }

  test("whose answer is lost has happened: the next run finds the step applied and makes nothing twice", async () => {
    const { project, id } = await strike("after");
    const made = await oidOf(project, "a");
    expect(made).toBeNumber();
    expect(await words(project)).toEqual(["0 applied"]);
    expect(await project.applied()).toEqual([]);
    const second = recordedRun();
    await runUp(project.workspace, second);
    expect(second.events.map(({ type }) => type)).toEqual(["run.started", "migration.started", "migration.finished"]);
    expect(await oidOf(project, "a")).toBe(made);
    expect(await words(project)).toEqual(["0 applied"]);
    expect(await project.applied()).toEqual([id]);
  });

  test("that never arrived has not: the next run applies the step", async () => {
    const { project, id } = await strike("before");
    expect(await oidOf(project, "a")).toBeNull();
    expect(await words(project)).toEqual(["0 running"]);
    await runUp(project.workspace);
    expect(await words(project)).toEqual([`0 interrupted: ${abandoned}`, "0 applied"]);
    expect(await project.applied()).toEqual([id]);
  });
});

describe("a connection that takes everything and never answers", () => {
  const answerLimitMs = 1_500;

  async function stalled(project: Project, on: "statement.sent" | "statement.finished", match: RegExp): Promise<void> {
    const { workspace, proxy } = await proxied(project);
    await using _proxy = proxy;
    let isArmed = false;
    const run = recordedRun((event) => {
      if (event.type !== on || isArmed) return;
      isArmed = true;
      proxy.strike({ mode: "hold", match });
    });
    const error = await toolErrorOf(runUp(workspace, run, { answerLimitMs }));
    expect({ code: error.code, exit: exitCodeOf(error.code), state: error.state, next: error.next }).toEqual({
      code: "step_failed",
      exit: 4,
      state: unknown,
      next: "zanith migrate up",
    });
    await noLockLeft(project);
  }

  test("at a statement: the runner sees that the server has ended it, stops, and the next run takes it as it is", async () => {
    const project = await projects.start({ sql: mails });
    const id = await project.migration("index", mails, indexed);
    await stalled(project, "statement.sent", /create index/);
    expect(await words(project)).toEqual(["0 running"]);
    const second = recordedRun();
    await runUp(project.workspace, second);
    expect(second.events.flatMap((event) => (event.type === "statement.sent" ? [event.sql] : []))).toEqual([]);
    expect(await words(project)).toEqual([`0 interrupted: ${abandoned}`, "0 applied"]);
    expect(await project.applied()).toEqual([id]);
  });

  test("at COMMIT: the next run finds the step applied and makes nothing twice", async () => {
    const project = await projects.start();
    const id = await project.migration("table", "", "create table a (x int primary key);");
    await stalled(project, "statement.finished", /commit/);
    const made = await oidOf(project, "a");
    expect(made).toBeNumber();
    await runUp(project.workspace);
    expect(await oidOf(project, "a")).toBe(made);
    expect(await words(project)).toEqual(["0 applied"]);
    expect(await project.applied()).toEqual([id]);
  });
});

describe("NOT NULL by way of a check", () => {
  const required = "create table users (id int, email text not null);";
  const statements = [
    "alter table public.users add constraint users_email_zanith_not_null check (email is not null) not valid",
    "alter table public.users validate constraint users_email_zanith_not_null",
    "alter table public.users alter column email set not null",
    "alter table public.users drop constraint users_email_zanith_not_null",
  ];

  for (const [done, first] of [
    [1, 1],
    [2, 2],
    [3, 2],
  ] as const) {
    test(`goes on when it was stopped after statement ${done} of 4`, async () => {
      const project = await projects.start({ sql: `${mails} insert into users values (1, 'a')` });
      const id = await project.migration("required", mails, required);
      let finished = 0;
      const run = recordedRun((event, { stop }) => {
        if (event.type === "statement.finished" && ++finished === done) stop();
      });
      expect((await toolErrorOf(runUp(project.workspace, run))).code).toBe("interrupted");
      expect((await project.attempts()).at(-1)?.error).toBe(
        `the run was asked to stop; ${first} of 3 parts are committed`,
      );
      expect((await status(project.workspace, {}, quietRun)).drift).toEqual([]);
      const second = recordedRun();
      await runUp(project.workspace, second);
      expect(second.events.flatMap((event) => (event.type === "statement.sent" ? [event.sql] : []))).toEqual(
        statements.slice(first),
      );
      expect(await project.difference(required)).toEqual([]);
      expect(await project.applied()).toEqual([id]);
    });
  }

  test("shows what somebody did to another table meanwhile, and only that", async () => {
    const other = "create table other (x int);";
    const project = await projects.start({ sql: mails + other });
    await project.migration("required", mails + other, required + other);
    const run = recordedRun((event, { stop }) => {
      if (event.type === "statement.finished") stop();
    });
    await toolErrorOf(runUp(project.workspace, run));
    await project.database.query("alter table other add column y int");
    expect((await status(project.workspace, {}, quietRun)).drift).toEqual([
      "column public.other.y is there, the last snapshot does not have it",
    ]);
  });
});

test("a server that crashes in the middle of a build is finished on when it is back", async () => {
  await using cluster = await startCluster();
  const project = await projects.start({ sql: mails, serverUrl: cluster.url });
  const after = "create table users (id int, email text unique);";
  const id = await project.migration("unique", mails, after);
  const blocker = await blocking(project, "insert into users values (1, 'a')");
  let crashed: Promise<void> = Promise.resolve();
  const run = recordedRun((event) => {
    if (event.type === "lock.waited") crashed = cluster.stopImmediate();
  });
  const error = await toolErrorOf(runUp(project.workspace, run));
  await crashed;
  expect({ code: error.code, state: error.state }).toEqual({ code: "step_failed", state: unknown });
  await blocker.close();
  await project.database.close();
  await cluster.start();
  await runUp(project.workspace);
  expect(await words(project)).toEqual([`0 interrupted: ${abandoned}`, "0 applied"]);
  expect(await project.difference(after)).toEqual([]);
  expect(await project.applied()).toEqual([id]);
});
