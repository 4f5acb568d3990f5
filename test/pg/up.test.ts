// up on a real server: what is applied, what is recorded with it, and what a run that failed or was stopped leaves for the next.
import { describe, expect, test } from "bun:test";
import { history } from "../../src/usecase/history.ts";
import { plan } from "../../src/usecase/plan.ts";
import { type UpInput, type UpResult, up } from "../../src/usecase/up.ts";
import { quietRun, type Run } from "../../src/usecase/workspace.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { editMigration, type Project, recordedRun, standing, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const users = "create table users (id int primary key, email text);";
const posts = `${users} create table posts (id int primary key, author int references users, body text not null);
  create index posts_author on posts (author);`;
const typed = "create table users (id int primary key, email text, age int);";

function runUp(project: Project, input: UpInput = {}, run: Run = quietRun): Promise<UpResult> {
  return up(project.workspace, input, run);
}

describe("applying", () => {
  test("leads from one schema to the next and records each step", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("posts", users, posts);
    const result = await runUp(project);
    expect(result.applied).toEqual([{ migration: id, steps: 3, models: 2, relations: 1 }]);
    expect(await project.difference(posts)).toEqual([]);
    expect(await project.applied()).toEqual([id]);
    expect(await project.attempts()).toEqual([
      { migration: id, step: 0, kind: "createTable", status: "applied", error: null },
      { migration: id, step: 1, kind: "addIndex", status: "applied", error: null },
      { migration: id, step: 2, kind: "addForeignKey", status: "applied", error: null },
    ]);
    expect(await standing(project)).toEqual({ applied: [id], pending: [], problems: [], drift: [], unfinished: [] });
  });

  test("does nothing the second time", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("posts", users, posts);
    await runUp(project);
    const before = await project.attempts();
    const again = recordedRun();
    expect((await runUp(project, {}, again)).applied).toEqual([]);
    expect(again.events).toEqual([]);
    expect(await project.attempts()).toEqual(before);
  });

  test("says each thing once and in order, and a listener that throws changes nothing", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("age", users, typed);
    const run = recordedRun(() => {
      throw new Error("a listener's own failure");
    });
    await runUp(project, {}, run);
    const place = { migration: id, step: 0 };
    const step = { kind: "addColumn", object: "users.age", level: "safe", score: 5 };
    const durationMs = expect.any(Number);
    expect(run.events).toEqual([
      { type: "run.started", database: project.database.name, migrations: [id] },
      { type: "migration.started", migration: id, steps: 1, from: 0 },
      { type: "step.started", ...place, ...step },
      { type: "statement.sent", ...place, sql: "alter table public.users add column age integer" },
      { type: "statement.finished", ...place, durationMs },
      { type: "step.finished", ...place, ...step, durationMs },
      { type: "migration.finished", migration: id, durationMs, models: 1, relations: 0 },
    ]);
    expect(await project.applied()).toEqual([id]);
  });

  test("takes the number of migrations it is told, or those up to one", async () => {
    const project = await projects.start();
    const ids = ["a", "b", "c", "d"].map((name) => project.rawMigration(name, `create table ${name} (x int)`));
    await runUp(project, { steps: 1 });
    expect(await project.applied()).toEqual(ids.slice(0, 1));
    await runUp(project, { to: ids[2] as string });
    expect(await project.applied()).toEqual(ids.slice(0, 3));
    expect((await toolErrorOf(runUp(project, { to: ids[0] as string }))).code).toBe("name_unknown");
  });

  test("runs a folder of .sql files, statement by statement", async () => {
    const project = await projects.start({ sql: users });
    project.file(
      "20260401_000001_two.sql",
      "create table a (x int); -- one; two\ncreate function f() returns text language sql begin atomic select 'a;b'; select 'c'; end;\ninsert into a values (1);",
    );
    await runUp(project);
    expect((await project.attempts()).map(({ kind, status: word }) => `${kind} ${word}`)).toEqual([
      "rawSql applied",
      "rawSql applied",
      "rawSql applied",
    ]);
    expect(await project.database.query("select x from a")).toEqual([{ x: 1 }]);
  });

  test("changes nothing on a dry run", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("posts", users, posts);
    const result = await runUp(project, { dryRun: true });
    expect(result).toMatchObject({ applied: [], dryRun: true, plan: { migrations: [{ steps: [{}, {}, {}] }] } });
    expect(await project.difference(users)).toEqual([]);
    expect(await project.database.query("select relname from pg_catalog.pg_class where relname ~ 'zanith'")).toEqual(
      [],
    );
  });
});

describe("a step that fails", () => {
  const before = "create table users (id int primary key, age text);";
  const after = `create table notes (id int primary key);
    create table users (id int primary key, age int); create index users_age on users (age);`;

  async function failing(): Promise<{ project: Project; id: string }> {
    const project = await projects.start({ sql: `${before} insert into users values (1, '30'), (2, 'old')` });
    return { project, id: await project.migration("typed", before, after) };
  }

  test("leaves nothing of itself, keeps what was applied before it, and is recorded with the server's code", async () => {
    const { project, id } = await failing();
    const error = await toolErrorOf(runUp(project));
    expect({ code: error.code, what: error.what, why: error.why, state: error.state, next: error.next }).toEqual({
      code: "step_failed",
      what: `step 1 alterColumnType users.age of ${id} failed`,
      why: 'ERROR 22P02: invalid input syntax for type integer: "old"',
      state: "step 0 is applied and recorded; this step's transaction was rolled back",
      next: "correct the cause, then: zanith migrate up",
    });
    expect(await project.attempts()).toEqual([
      { migration: id, step: 0, kind: "createTable", status: "applied", error: null },
      {
        migration: id,
        step: 1,
        kind: "alterColumnType",
        status: "failed",
        error: 'ERROR 22P02: invalid input syntax for type integer: "old"',
      },
    ]);
    expect(await project.applied()).toEqual([]);
    expect(await standing(project)).toEqual({
      applied: [],
      pending: [`${id} 1/3`],
      problems: [],
      drift: [],
      unfinished: ["1 alterColumnType failed"],
    });
  });

  test("is where the next run goes on", async () => {
    const { project, id } = await failing();
    await toolErrorOf(runUp(project));
    await project.database.query("update users set age = '70' where age = 'old'");
    const [{ table } = {}] = await project.database.query("select 'notes'::regclass::oid::int as table");
    const run = recordedRun();
    await runUp(project, {}, run);
    expect(run.events.find(({ type }) => type === "migration.started")).toMatchObject({ steps: 3, from: 1 });
    expect((await project.attempts()).map(({ step, status: word }) => `${step} ${word}`)).toEqual([
      "0 applied",
      "1 failed",
      "1 applied",
      "2 applied",
    ]);
    expect(await project.difference(after)).toEqual([]);
    expect(await project.database.query("select 'notes'::regclass::oid::int as table")).toEqual([{ table }]);
    expect(await project.applied()).toEqual([id]);
    expect(await standing(project)).toEqual({ applied: [id], pending: [], problems: [], drift: [], unfinished: [] });
  });

  test("does not stand in the way of a plan: what it applied is no drift", async () => {
    const { project, id } = await failing();
    await toolErrorOf(runUp(project));
    const planned = await plan(project.workspace, {}, quietRun);
    expect(planned.migrations.map((one) => ({ id: one.id, applied: one.applied }))).toEqual([{ id, applied: [0] }]);
    expect(planned.migrations[0]?.gates.find(({ gate }) => gate === "drift")).toMatchObject({ status: "passed" });
  });

  test("can be given up: a corrected operation runs in its place", async () => {
    const { project, id } = await failing();
    await toolErrorOf(runUp(project));
    editMigration(project, id, (ops) => {
      ops[1] = { ...ops[1], using: "nullif(age, 'old')::int" };
    });
    await runUp(project);
    expect(await project.difference(after)).toEqual([]);
    expect(await project.database.query("select id, age from users order by id")).toEqual([
      { id: 1, age: 30 },
      { id: 2, age: null },
    ]);
  });

  test("stops the migrations after it", async () => {
    const project = await projects.start();
    project.rawMigration("bad", "create table a (x int)", "select 1 / 0");
    project.rawMigration("good", "create table b (x int)");
    expect((await toolErrorOf(runUp(project))).details).toMatchObject({ sqlstate: "22012", step: 1 });
    expect(await project.difference("create table a (x int)")).toEqual([]);
  });
});

describe("what cannot be undone by a transaction", () => {
  const mails = "create table users (id int, email text);";
  const lowered = `${mails} create unique index users_email on users (lower(email));`;

  test("a concurrent build that meets duplicates leaves no invalid index, and the next run builds it", async () => {
    const project = await projects.start({ sql: `${mails} insert into users values (1, 'A'), (2, 'a')` });
    const id = await project.migration("unique", mails, lowered);
    const error = await toolErrorOf(runUp(project));
    expect(error.details).toMatchObject({ sqlstate: "23505", step: 0 });
    expect(await project.difference(mails)).toEqual([]);
    expect(await project.attempts()).toEqual([
      {
        migration: id,
        step: 0,
        kind: "addIndex",
        status: "failed",
        error: 'ERROR 23505: could not create unique index "users_email"',
      },
    ]);
    await project.database.query("delete from users where id = 2");
    await runUp(project);
    expect(await project.difference(lowered)).toEqual([]);
    expect(await project.applied()).toEqual([id]);
  });

  test("a failed part keeps what was committed before it, and the next run starts there", async () => {
    const before = "create table users (id int, email text);";
    const after = "create table users (id int, email text constraint mail_given check (email <> ''));";
    const project = await projects.start({ sql: `${before} insert into users values (1, '')` });
    const id = await project.migration("check", before, after);
    const error = await toolErrorOf(runUp(project));
    expect(error.state).toBe(
      "no step of the migration is applied; what this step had committed stays and the next run goes on from there",
    );
    expect((await project.attempts()).map(({ status: word, error: why }) => `${word}: ${why}`)).toEqual([
      'failed: ERROR 23514: check constraint "mail_given" of relation "users" is violated by some row; 1 of 2 parts are committed',
    ]);
    expect((await standing(project)).drift).toEqual([]);
    await project.database.query("update users set email = 'a'");
    const run = recordedRun();
    await runUp(project, {}, run);
    expect(run.events.flatMap((event) => (event.type === "statement.sent" ? [event.sql] : []))).toEqual([
      "alter table public.users validate constraint mail_given",
    ]);
    expect(await project.difference(after)).toEqual([]);
    expect(await project.applied()).toEqual([id]);
  });

  test("a raw statement that runs alone and stops reads waits for its lock no longer than lock_timeout", async () => {
    const project = await projects.start({ sql: users });
    const id = project.rawMigration("full", "vacuum full users");
    const reader = await project.database.session();
    await reader.query("begin");
    await reader.query("select 1 from users");
    const run = recordedRun((event) => {
      if (event.type === "step.noted") reader.query("commit");
    });
    await runUp(project, { lockTimeoutMs: 50 }, run);
    expect(run.events.flatMap((event) => (event.type === "step.noted" ? [event.message] : []))).toEqual([
      "try 1 of 7: ERROR 55P03: canceling statement due to lock timeout; next try in 0.1 s",
    ]);
    expect(await project.applied()).toEqual([id]);
  });
});

test("what a step made is not new any more once the run that made it has ended", async () => {
  const project = await projects.start();
  const before = "create table probe (x text);";
  const after = `${before} create table made (x int);  create index made_x on made (x);`;
  await project.database.query(`${before} insert into probe values ('no number')`);
  const id = await project.migration("made", before, after);
  editMigration(project, id, (ops) => {
    ops.splice(1, 0, { kind: "rawSql", sql: "select x::int from public.probe" });
  });
  const first = recordedRun();
  await toolErrorOf(runUp(project, {}, first));
  await project.database.query("update probe set x = '1'");
  const second = recordedRun();
  await runUp(project, {}, second);
  expect(second.events.flatMap((event) => (event.type === "statement.sent" ? [event.sql] : [])).at(-1)).toBe(
    "create index concurrently made_x on public.made using btree (x)",
  );
  const { entries } = await history(project.workspace, {}, quietRun);
  expect(entries[0]?.steps.map(({ index, status: word }) => `${index} ${word}`)).toEqual([
    "0 applied",
    "1 failed",
    "1 applied",
    "2 applied",
  ]);
});
