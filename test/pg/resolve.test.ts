// resolve: what it shows of ledger and catalog, what it records, when it asks, and that up and status go by it afterwards.
import { describe, expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import { type ResolveInput, resolve } from "../../src/usecase/resolve.ts";
import { status } from "../../src/usecase/status.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { runCli } from "../support/run-cli.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { type Project, recordedRun, standing, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const users = "create table users (id int primary key, email text);";
const wider =
  "create table users (id int primary key, email text, age int); create index users_email on users (email);";

function mark(project: Project, input: ResolveInput, mode: "development" | "production" = "development") {
  return resolve(project.variant({ mode }), input, quietRun);
}

/** A migration of two steps that was stopped after the first. */
async function begun(): Promise<{ project: Project; id: string }> {
  const project = await projects.start({ sql: users });
  const id = await project.migration("wider", users, wider);
  const run = recordedRun(({ type }, { stop }) => {
    if (type === "step.finished") stop();
  });
  await toolErrorOf(up(project.workspace, {}, run));
  return { project, id };
}

test("shows what ledger and catalog say of each step, and records nothing without a word", async () => {
  const { project, id } = await begun();
  await project.database.query("create index users_email on users (id)");
  const { plan, recorded, refused } = await mark(project, { migration: id, as: "applied" }, "production");
  expect({ recorded, refused: refused !== undefined, settled: plan.settled }).toEqual({
    recorded: 0,
    refused: true,
    settled: false,
  });
  expect(plan.steps.map(({ kind, ledger, catalog, recorded }) => ({ kind, ledger, catalog, recorded }))).toEqual([
    { kind: "addColumn", ledger: "applied", catalog: "there", recorded: false },
    { kind: "addIndex", ledger: "not begun", catalog: "in part", recorded: true },
  ]);
  expect(plan.contradictions).toEqual(["the effect of step 1 addIndex users_email on users is in part"]);
  expect(await project.applied()).toEqual([]);
});

test("--mark-applied completes the migration for up and status, with a row that says who did it", async () => {
  const { project, id } = await begun();
  await project.database.query("create index users_email on users (email)");
  const asked: string[] = [];
  const { recorded } = await mark(
    project,
    {
      migration: id,
      as: "applied",
      confirm: async ({ contradictions }) => {
        asked.push(...contradictions, "asked");
        return true;
      },
    },
    "production",
  );
  expect({ recorded, asked }).toEqual({ recorded: 1, asked: ["asked"] });
  expect((await project.attempts()).at(-1)).toEqual({
    migration: id,
    step: 1,
    kind: "addIndex",
    status: "applied",
    error: expect.stringMatching(/^marked as applied by zanith migrate resolve, role \w+$/),
  });
  expect(await standing(project)).toEqual({ applied: [id], pending: [], problems: [], drift: [], unfinished: [] });
  expect((await up(project.workspace, {}, quietRun)).applied).toEqual([]);
  expect((await mark(project, { migration: id, as: "applied" })).plan.settled).toBe(true);
});

test("--mark-rolled-back makes it pending from its first step", async () => {
  const { project, id } = await begun();
  await project.database.query("alter table users drop column age");
  const { plan, recorded } = await mark(project, { migration: id, as: "rolled_back" });
  expect({ recorded, contradictions: plan.contradictions }).toEqual({ recorded: 1, contradictions: [] });
  expect(await standing(project)).toMatchObject({ applied: [], pending: [`${id} 0/2`], problems: [], drift: [] });
  await up(project.workspace, {}, quietRun);
  expect(await project.difference(wider)).toEqual([]);
});

test("an applied migration that is still there is not marked as rolled back without being asked, in any mode", async () => {
  const project = await projects.start({ sql: users });
  const id = await project.migration("wider", users, wider);
  await up(project.workspace, {}, quietRun);
  const { plan, refused } = await mark(project, { migration: id, as: "rolled_back" });
  expect(refused).toBeDefined();
  expect(plan.contradictions).toEqual([
    "the effect of step 0 addColumn users.age is there",
    "the effect of step 1 addIndex users_email on users is there",
  ]);
  expect((await status(project.workspace, {}, quietRun)).applied.map((one) => one.id)).toEqual([id]);
});

test("steps that change rows are said to be unknown, and their checkpoint goes", async () => {
  const project = await projects.start({ sql: `${users} insert into users values (1, 'a')` });
  const set = [{ column: "email", expression: "1 / (id - 1)" }];
  const id = project.operations("fill", operation("backfill", { schema: "public", table: "users", set }));
  await toolErrorOf(up(project.workspace, {}, quietRun));
  const { plan } = await mark(project, { migration: id, as: "applied" });
  expect(plan.steps.map(({ ledger, catalog }) => ({ ledger, catalog }))).toEqual([
    { ledger: "failed", catalog: "not known" },
  ]);
  expect(await project.database.query("select 1 from _zanith_migration_checkpoints")).toEqual([]);
  expect(await project.applied()).toEqual([id]);
});

test("a migration nobody knows is an error, and the command wants one of its two flags", async () => {
  const project = await projects.start({ sql: users });
  expect((await toolErrorOf(mark(project, { migration: "20260101_000000_none", as: "rolled_back" }))).code).toBe(
    "name_unknown",
  );
  const args = ["migrate", "resolve", "20260101_000000_none", "--url", project.database.url, "--dir", project.dir];
  expect((await runCli(args)).exitCode).toBe(64);
  expect((await runCli([...args, "--mark-applied", "--mark-rolled-back"])).exitCode).toBe(64);
});

test("the command shows the plan in production, and exits 3 where nobody can confirm", async () => {
  const { project, id } = await begun();
  await project.database.query("create index users_email on users (id)");
  const args = ["migrate", "resolve", id, "--mark-applied", "--mode", "production"];
  const { exitCode, stderr } = await runCli([...args, "--url", project.database.url, "--dir", project.dir]);
  expect(exitCode).toBe(3);
  expect(stderr).toBe(
    [
      `▸ ${id}   to be marked as applied`,
      "    0 addColumn  users.age              ledger: applied     catalog: there",
      "  ~ 1 addIndex   users_email on users   ledger: not begun   catalog: in part   → applied",
      "  nothing of the migration is run: only the ledger is changed",
      "  ✗ the effect of step 1 addIndex users_email on users is in part",
      "  not confirmed: type the name, or give --yes",
      "",
    ].join("\n"),
  );
});

describe("a statement of a person's own", () => {
  const view = (steps: readonly { index: number; catalog: string; known?: unknown }[]) =>
    steps.map(({ catalog, known }) => ({ catalog, known }));

  test("that failed in a transaction is known to be rolled back, one that committed to be applied", async () => {
    const project = await projects.start({ sql: users });
    const id = project.rawMigration(
      "rows",
      "insert into users values (1, 'a')",
      "insert into users\nselect 1 / 0, 'b'",
      "insert into users values (3, 'c')",
    );
    await toolErrorOf(up(project.workspace, {}, quietRun));
    const { plan } = await resolve(project.workspace, { migration: id, as: "applied", dryRun: true }, quietRun);
    expect(view(plan.steps)).toEqual([
      {
        catalog: "not known",
        known: {
          statement: "insert into users values (1, 'a')",
          says: "it committed together with its row in the ledger",
          fits: "applied",
        },
      },
      {
        catalog: "not known",
        known: {
          statement: "insert into users",
          says: "it commits together with its row, so none of it has taken effect",
          fits: "rolled_back",
        },
      },
      {
        catalog: "not known",
        known: {
          statement: "insert into users values (3, 'c')",
          says: "it has not been run by zanith",
          fits: "rolled_back",
        },
      },
    ]);
  });

  test("outside a transaction is looked for in the catalog, and the command shows which mark fits", async () => {
    const project = await projects.start({ sql: `${users} insert into users values (1, 'a'), (2, 'a')` });
    const id = project.rawMigration("index", "create unique index concurrently users_email on users (email)");
    await toolErrorOf(up(project.workspace, {}, quietRun));
    await project.database.query("delete from users where id = 2; create unique index users_email on users (email)");
    const args = ["migrate", "resolve", id, "--mark-rolled-back", "--dry-run"];
    const { exitCode, stdout } = await runCli([...args, "--url", project.database.url, "--dir", project.dir]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        `▸ ${id}   to be marked as rolled back`,
        "  ~ 0 rawSql  create unique index concurrently users_email on users (emai…   ledger: failed   catalog: there   → rolled back",
        "  step 0: create unique index concurrently users_email on users (email)",
        "    index public.users_email is there, valid and as this statement defines it; --mark-applied fits",
        "  nothing of the migration is run: only the ledger is changed",
        "  ✗ the effect of step 0 rawSql create unique index concurrently users_email on users (emai… is there",
        "dry run: nothing was recorded",
        "",
      ].join("\n"),
    );
  });
});

describe("one step", () => {
  async function three(): Promise<{ project: Project; id: string }> {
    const project = await projects.start({ sql: users });
    const id = project.rawMigration(
      "three",
      "create table a (x int)",
      "create table users (x int)",
      "create table c (x int)",
    );
    await toolErrorOf(up(project.workspace, {}, quietRun));
    return { project, id };
  }

  test("is marked as applied, and up goes on after it", async () => {
    const { project, id } = await three();
    const { recorded } = await mark(project, { migration: id, as: "applied", step: 1, confirmed: true });
    expect({ recorded, applied: await project.applied() }).toEqual({ recorded: 1, applied: [] });
    await up(project.workspace, {}, quietRun);
    expect((await project.attempts()).map(({ step, status: word }) => `${step} ${word}`)).toEqual([
      "0 applied",
      "1 failed",
      "1 applied",
      "2 applied",
    ]);
    expect(await project.applied()).toEqual([id]);
  });

  test("is marked as rolled back, and is not begun any more", async () => {
    const { project, id } = await three();
    expect((await mark(project, { migration: id, as: "rolled_back", step: 1 })).recorded).toBe(1);
    const { pending, unfinished } = await standing(project);
    expect({ pending, unfinished }).toEqual({ pending: [`${id} 1/3`], unfinished: [] });
  });

  test("of a migration that is complete, or that does not have it, is refused", async () => {
    const { project, id } = await three();
    const error = await toolErrorOf(mark(project, { migration: id, as: "applied", step: 7 }));
    expect({ code: error.code, why: error.why }).toEqual({
      code: "name_unknown",
      why: "its file has the steps 0 to 2",
    });
    await mark(project, { migration: id, as: "applied", confirmed: true });
    expect((await toolErrorOf(mark(project, { migration: id, as: "applied", step: 1 }))).why).toBe(
      "the migration is recorded as applied, as a whole",
    );
  });
});
