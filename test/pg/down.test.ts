// down on a real server: the way back of what was applied, what has none, and what a way back that failed leaves for the next run.
import { describe, expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import { type DownInput, type DownResult, down } from "../../src/usecase/down.ts";
import { listSnapshots } from "../../src/usecase/snapshots.ts";
import { status } from "../../src/usecase/status.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun, type Run } from "../../src/usecase/workspace.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { editMigration, type Project, recordedRun, standing, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const users = "create table users (id int primary key, email text);";

function runDown(project: Project, input: DownInput = {}, run: Run = quietRun): Promise<DownResult> {
  return down(project.workspace, input, run);
}

async function words(project: Project): Promise<string[]> {
  return (await project.attempts()).map(({ step, kind, status: word }) => `${step} ${kind} ${word}`);
}

async function snapshots(project: Project): Promise<string[]> {
  const { snapshots: list } = await listSnapshots(project.workspace, {}, quietRun);
  return list.map(({ migration, phase, models }) => `${phase === "after" ? migration : phase} ${models}`);
}

describe("the way back", () => {
  const after = `create type mood as enum ('sad', 'ok'); create table users (id bigint primary key, email varchar(80) not null, mood mood default 'ok');
    create table posts (id int primary key, author bigint references users on delete cascade);
    create index posts_author on posts (author); create unique index users_email on users (lower(email));
    alter table users add constraint email_given check (email <> ''); alter table posts enable row level security;
    create policy own on posts using (author > 0); comment on table posts is 'what they wrote';`;

  test("of many kinds at once leads to the schema before, and forward again", async () => {
    const project = await projects.start({ sql: `${users} insert into users values (1, 'a')` });
    const id = await project.migration("much", users, after);
    await up(project.workspace, {}, quietRun);
    expect(await project.difference(after)).toEqual([]);
    expect(await snapshots(project)).toEqual(["baseline 1", `${id} 2`]);
    const back = await runDown(project, { allowDestructive: true });
    expect({ undone: back.undone, refused: back.refused }).toEqual({ undone: [id], refused: undefined });
    expect(await project.difference(users)).toEqual([]);
    expect(await project.database.query("select id, email from users")).toEqual([{ id: 1, email: "a" }]);
    expect(await project.applied()).toEqual([]);
    expect(await snapshots(project)).toEqual(["baseline 1"]);
    expect(new Set((await project.attempts()).map((attempt) => attempt.status))).toEqual(
      new Set(["applied", "rolled_back"]),
    );
    const { pending, ...rest } = await standing(project);
    expect({ pending, rest }).toEqual({
      pending: [`${id} 0/${back.plan.migrations[0]?.steps.length}`],
      rest: { applied: [], problems: [], drift: [], unfinished: [] },
    });
    await up(project.workspace, {}, quietRun);
    expect(await project.difference(after)).toEqual([]);
    expect(await project.applied()).toEqual([id]);
    expect(await snapshots(project)).toEqual(["baseline 1", `${id} 2`]);
    expect((await standing(project)).drift).toEqual([]);
  });

  test("goes one migration back, or as many as it is told, or to one", async () => {
    const project = await projects.start();
    const tables = ["a", "b", "c", "d"].map((name) => `create table ${name} (x int);`);
    const upTo = (count: number): string => tables.slice(0, count).join(" ");
    const ids: string[] = [];
    for (const [at] of tables.entries()) ids.push(await project.migration(`t${at}`, upTo(at), upTo(at + 1)));
    await up(project.workspace, {}, quietRun);
    const consent = { allowDestructive: true };
    expect((await runDown(project, consent)).undone).toEqual([ids[3] as string]);
    expect(await project.difference(upTo(3))).toEqual([]);
    expect((await runDown(project, { ...consent, to: ids[0] as string })).undone).toEqual([
      ids[2] as string,
      ids[1] as string,
    ]);
    expect(await project.difference(upTo(1))).toEqual([]);
    expect((await toolErrorOf(runDown(project, { ...consent, to: ids[3] as string }))).code).toBe("name_unknown");
    await up(project.workspace, {}, quietRun);
    expect((await runDown(project, { ...consent, steps: 10 })).undone).toEqual([...ids].reverse());
    expect(await project.difference("")).toEqual([]);
    expect((await runDown(project, consent)).undone).toEqual([]);
  });

  test("says what it does, and how large the schema is that it leaves", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("age", users, "create table users (id int primary key, email text, age int);");
    await up(project.workspace, {}, quietRun);
    const run = recordedRun(() => {
      throw new Error("a listener's own failure");
    });
    await runDown(project, { allowDestructive: true }, run);
    const place = { migration: id, step: 0 };
    const step = { kind: "dropColumn", object: "users.age", level: "destructive", score: 80 };
    const durationMs = expect.any(Number);
    expect(run.events).toEqual([
      { type: "run.started", database: project.database.name, migrations: [id] },
      { type: "migration.started", migration: id, steps: 1, from: 0 },
      { type: "step.started", ...place, ...step },
      { type: "statement.sent", ...place, sql: "alter table public.users drop column age" },
      { type: "statement.finished", ...place, durationMs },
      { type: "step.finished", ...place, ...step, durationMs },
      { type: "migration.finished", migration: id, durationMs, models: 1, relations: 0 },
    ]);
  });

  test("says beforehand what does not come back", async () => {
    const project = await projects.start({ sql: `${users} insert into users values (1, 'a')` });
    await project.migration("drop", users, "create table users (id int primary key);");
    await up(project.workspace, { allowDestructive: true }, quietRun);
    const { plan, undone } = await runDown(project, { dryRun: true });
    expect(undone).toEqual([]);
    expect(plan.migrations[0]?.losses).toEqual([{ index: 0, loses: "its values" }]);
    await runDown(project);
    expect(await project.difference(users)).toEqual([]);
    expect(await project.database.query("select id, email from users")).toEqual([{ id: 1, email: null }]);
  });

  test("of a migration that failed half-way undoes what was applied of it", async () => {
    const project = await projects.start({ sql: `${users} insert into users values (1, 'old')` });
    const id = await project.migration(
      "typed",
      users,
      "create table notes (id int primary key); create table users (id int primary key, email int);",
    );
    await toolErrorOf(up(project.workspace, {}, quietRun));
    expect((await standing(project)).pending).toEqual([`${id} 1/2`]);
    expect((await runDown(project, { allowDestructive: true })).undone).toEqual([id]);
    expect(await project.difference(users)).toEqual([]);
    expect((await standing(project)).pending).toEqual([`${id} 0/2`]);
  });
});

describe("the way back of a step that was not finished", () => {
  const before = "create table users (id int primary key, email text);";
  const required = "create table users (id int primary key, email text not null); create table notes (x int);";

  /** A migration of three steps whose last one was stopped after the given statement. */
  async function stoppedAt(when: (sql: string) => boolean, rows = ""): Promise<{ project: Project; id: string }> {
    const project = await projects.start({ sql: before + rows });
    const id = await project.migration("required", before, required);
    const run = recordedRun((event, { stop }) => {
      if (event.type === "statement.sent" && when(event.sql)) stop();
    });
    expect((await toolErrorOf(up(project.workspace, {}, run))).code).toBe("interrupted");
    return { project, id };
  }

  test("undoes the parts that it had committed, then the steps before it, and says so", async () => {
    const { project, id } = await stoppedAt((sql) => sql.includes("not valid"));
    expect((await standing(project)).pending).toEqual([`${id} 1/2`]);
    const run = recordedRun();
    const { undone, refused } = await runDown(project, { allowDestructive: true, steps: 1 }, run);
    expect({ undone, refused }).toEqual({ undone: [id], refused: undefined });
    expect(
      run.events.flatMap((event) => (event.type === "step.finished" ? [`${event.step} ${event.kind}`] : [])),
    ).toEqual(["1 dropCheck", "0 dropTable"]);
    expect(await project.difference(before)).toEqual([]);
    const { pending, unfinished, drift } = await standing(project);
    expect({ pending, unfinished, drift }).toEqual({ pending: [`${id} 0/2`], unfinished: [], drift: [] });
    await up(project.workspace, {}, quietRun);
    expect(await project.difference(required)).toEqual([]);
  });

  test("that failed on rows it met does the same, and leaves the migration before it alone", async () => {
    const project = await projects.start({ sql: "create table users (id int primary key);" });
    const first = await project.migration("first", "create table users (id int primary key);", before);
    await up(project.workspace, {}, quietRun);
    await project.database.query("insert into users values (1, '')");
    const checked = "create table users (id int primary key, email text constraint given check (email <> ''));";
    const id = await project.migration("checked", before, checked);
    expect((await toolErrorOf(up(project.workspace, {}, quietRun))).code).toBe("step_failed");
    expect(await project.database.query("select convalidated from pg_constraint where conname = 'given'")).toEqual([
      { convalidated: false },
    ]);
    const { undone, plan } = await runDown(project, { steps: 1 });
    expect({ undone, kinds: plan.migrations[0]?.steps.map(({ kind }) => kind) }).toEqual({
      undone: [id],
      kinds: ["dropCheck"],
    });
    expect(await project.difference(before)).toEqual([]);
    expect(await project.applied()).toEqual([first]);
  });

  test("where nothing of it is left records that it does not count", async () => {
    const project = await projects.start({
      sql: `${before} insert into users select n from generate_series(1, 500) n`,
    });
    const set = [{ column: "email", expression: "'x'" }];
    const id = project.operations("fill", operation("backfill", { schema: "public", table: "users", set }));
    const run = recordedRun(({ type }, { stop }) => {
      if (type === "backfill.progress") stop();
    });
    const small = { workers: 1, targetMs: 5, maxLagMs: 3_000, maxBatch: 100 };
    expect((await toolErrorOf(up(project.workspace, { backfill: small }, run))).code).toBe("interrupted");
    const { undone, plan } = await runDown(project);
    expect({ undone, losses: plan.migrations[0]?.losses }).toEqual({
      undone: [id],
      losses: [{ index: 0, loses: "values it replaced in rows, as far as it came" }],
    });
    expect((await words(project)).at(-1)).toBe("0 backfill rolled_back");
    await project.database.query("update users set email = null");
    await up(project.workspace, { backfill: small }, quietRun);
    expect(await project.database.query("select count(*)::int as n from users where email = 'x'")).toEqual([
      { n: 500 },
    ]);
  });
});

describe("what has no way back", () => {
  test("is listed, step by step, and nothing is changed", async () => {
    const project = await projects.start({ sql: users });
    const id = project.rawMigration("raw", "create table a (x int)", "create table b (x int)");
    await up(project.workspace, {}, quietRun);
    const before = await project.attempts();
    const { refused, undone } = await runDown(project, { allowDestructive: true });
    expect(undone).toEqual([]);
    expect(refused).toEqual({
      migration: id,
      irreversible: [
        {
          index: 1,
          kind: "rawSql",
          object: "create table b (x int)",
          why: "what a statement of its own does is not known",
        },
        {
          index: 0,
          kind: "rawSql",
          object: "create table a (x int)",
          why: "what a statement of its own does is not known",
        },
      ],
    });
    expect(await project.attempts()).toEqual(before);
    expect(await project.applied()).toEqual([id]);
  });

  test("keeps newer migrations from being undone as well", async () => {
    const project = await projects.start({ sql: users });
    const raw = project.rawMigration("raw", "create table a (x int)");
    const withA = `${users} create table a (x int);`;
    const id = await project.migration("more", withA, `${withA} create table b (x int);`);
    await up(project.workspace, {}, quietRun);
    expect((await runDown(project, { steps: 2, allowDestructive: true })).refused?.migration).toBe(raw);
    expect(await project.applied()).toEqual([raw, id]);
    expect((await runDown(project, { allowDestructive: true })).undone).toEqual([id]);
  });
});

describe("the gates", () => {
  async function applied(): Promise<{ project: Project; id: string }> {
    const project = await projects.start({ sql: users });
    const id = await project.migration("age", users, "create table users (id int primary key, email text, age int);");
    await up(project.workspace, {}, quietRun);
    return { project, id };
  }

  test("ask for consent to what the way back destroys, and a refusal is recorded", async () => {
    const { project, id } = await applied();
    const { refused } = await runDown(project);
    expect(refused).toMatchObject({ migration: id, gate: { gate: "allow-destructive", step: 0 }, irreversible: [] });
    expect((await project.attempts()).at(-1)).toEqual({
      migration: id,
      step: 0,
      kind: "dropColumn",
      status: "refused",
      error: "refused — destructive without consent",
    });
    const production = project.variant({ mode: "production" });
    expect((await down(production, { allowDestructive: true, confirmed: true }, quietRun)).refused?.gate?.gate).toBe(
      "max-risk",
    );
    const unasked = await down(production, { allowDestructive: true, maxRisk: 80 }, quietRun);
    expect(unasked.refused?.gate?.gate).toBe("confirm");
    expect(await project.applied()).toEqual([id]);
    const asked = { allowDestructive: true, maxRisk: 80, confirm: async () => true };
    expect((await down(production, asked, quietRun)).undone).toEqual([id]);
  });

  test("ask for rows in the way of the way back", async () => {
    const before = "create table users (id int primary key, email text not null);";
    const project = await projects.start({ sql: before });
    const id = await project.migration("nullable", before, users);
    await up(project.workspace, {}, quietRun);
    await project.database.query("insert into users values (1, null)");
    const { refused } = await runDown(project);
    expect(refused).toMatchObject({ migration: id, gate: { gate: "preflight", step: 0, refusal: "preflight nulls" } });
    await project.database.query("delete from users");
    await runDown(project);
    expect(await project.difference(before)).toEqual([]);
  });

  test("refuse while the schema has drifted or a file was edited", async () => {
    const { project, id } = await applied();
    await project.database.query("create table scratch (x int)");
    expect((await runDown(project, { allowDestructive: true })).refused?.gate).toMatchObject({ gate: "drift" });
    await project.database.query("drop table scratch");
    editMigration(project, id, (ops) => {
      ops[0] = { kind: "rawSql", sql: "select 1" };
    });
    const { refused } = await runDown(project, { allowDestructive: true });
    expect(refused).toMatchObject({ migration: id });
    expect(await project.applied()).toEqual([id]);
  });
});

describe("a way back that is cut off", () => {
  const before = "create table users (id int primary key, email text not null); create table notes (x int);";
  const after =
    "create table users (id int primary key, email text); create table notes (x int, y int); create index notes_x on notes (x);";

  async function stopped(when: (sql: string) => boolean): Promise<{ project: Project; id: string }> {
    const project = await projects.start({ sql: before });
    const id = await project.migration("both", before, after);
    await up(project.workspace, {}, quietRun);
    const run = recordedRun((event, { stop }) => {
      if (event.type === "statement.sent" && when(event.sql)) stop();
    });
    const error = await toolErrorOf(runDown(project, { allowDestructive: true }, run));
    expect(error).toMatchObject({ code: "interrupted", next: "zanith migrate down" });
    return { project, id };
  }

  for (const [where, when] of [
    ["between two steps", (sql: string) => sql.startsWith("drop index")],
    ["in the middle of a step of three parts", (sql: string) => sql.includes("not valid")],
  ] as const) {
    test(`${where} is finished by the next down`, async () => {
      const { project, id } = await stopped(when);
      expect((await standing(project)).problems).toEqual([]);
      expect((await runDown(project, { allowDestructive: true })).undone).toEqual([id]);
      expect(await project.difference(before)).toEqual([]);
      const { applied, pending, drift } = await standing(project);
      expect({ applied, pending, drift }).toEqual({ applied: [], pending: [`${id} 0/3`], drift: [] });
    });
  }

  test("between two steps is taken forward again by up", async () => {
    const { project, id } = await stopped((sql) => sql.startsWith("drop index"));
    const { applied, pending, drift } = await standing(project);
    expect({ applied, pending, drift }).toEqual({ applied: [], pending: [`${id} 1/3`], drift: [] });
    await up(project.workspace, {}, quietRun);
    expect(await project.difference(after)).toEqual([]);
    expect(await project.applied()).toEqual([id]);
    expect((await standing(project)).drift).toEqual([]);
  });

  test("in the middle of a step is not for up: it is neither done nor undone, and status says so", async () => {
    const { project, id } = await stopped((sql) => sql.includes("not valid"));
    const left =
      "check constraint public.users.users_email_zanith_not_null is there, the last snapshot does not have it";
    const now = await standing(project);
    expect({ drift: now.drift, unfinished: now.unfinished }).toEqual({
      drift: [left],
      unfinished: ["2 alterColumnNullable interrupted"],
    });
    const { refused } = await up(project.workspace, {}, quietRun);
    expect(refused?.gate).toMatchObject({ gate: "drift", why: left });
    expect((await runDown(project, { allowDestructive: true })).undone).toEqual([id]);
  });

  test("by a statement that fails is recorded, and the error says how to go on", async () => {
    const project = await projects.start({ sql: "create table users (id int primary key, code varchar(3));" });
    const id = await project.migration(
      "wider",
      "create table users (id int primary key, code varchar(3));",
      "create table users (id int primary key, code text, age int);",
    );
    await up(project.workspace, {}, quietRun);
    await project.database.query("insert into users values (1, 'too long')");
    const error = await toolErrorOf(runDown(project, { allowDestructive: true }));
    expect({ code: error.code, what: error.what, why: error.why, state: error.state, next: error.next }).toEqual({
      code: "step_failed",
      what: `step 1 alterColumnType users.code of ${id} failed`,
      why: "ERROR 22001: value too long for type character varying(3)",
      state: "no step of the migration is undone; this step's transaction was rolled back",
      next: "correct the cause, then: zanith migrate down",
    });
    expect((await words(project)).at(-1)).toMatch(/alterColumnType failed$/);
    await project.database.query("delete from users");
    await runDown(project, { allowDestructive: true });
    expect(await project.difference("create table users (id int primary key, code varchar(3));")).toEqual([]);
  });

  test("while another runner works is refused with who that is", async () => {
    const project = await projects.start({ sql: before });
    await project.migration("both", before, after);
    await up(project.workspace, {}, quietRun);
    const blocker = await project.database.session();
    await blocker.query("begin");
    await blocker.query("select 1 from notes");
    const waits = Promise.withResolvers<void>();
    const first = runDown(
      project,
      { allowDestructive: true },
      recordedRun(({ type }) => {
        if (type === "lock.waited") waits.resolve();
      }),
    );
    await waits.promise;
    expect(await toolErrorOf(runDown(project))).toMatchObject({
      code: "locked",
      details: { applicationName: "zanith down" },
    });
    expect(await toolErrorOf(up(project.workspace, {}, quietRun))).toMatchObject({ code: "locked" });
    expect((await status(project.workspace, {}, quietRun)).runner).toMatchObject({ application: "zanith down" });
    await blocker.query("commit");
    expect((await first).undone).toHaveLength(1);
  });
});

test("a database nothing was ever applied to has nothing to undo", async () => {
  const project = await projects.start({ sql: users });
  expect(await runDown(project)).toEqual({ plan: { migrations: [] }, undone: [], dryRun: false });
});
