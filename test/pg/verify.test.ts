// verify on a real server: the four verdicts, a production that nobody touched, and no throwaway database left behind.
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { plan } from "../../src/usecase/plan.ts";
import { up } from "../../src/usecase/up.ts";
import { type VerifyResult, verify } from "../../src/usecase/verify.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { startCluster } from "../support/cluster.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { editMigration, type Project, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();
// A server of its own, so that the throwaway databases on it are this file's.
const server = await startCluster();
afterAll(() => server.remove());

function startProject(sql: string): Promise<Project> {
  return projects.start({ sql, serverUrl: server.url });
}

const users = "create table users (id int primary key, email text);";
const posts = `${users} create table posts (id int primary key, author int references users);
  create index posts_author on posts (author);`;

/** The stages with how they ended, and the verdict. */
function summary({ report }: VerifyResult): { verdict: string; stages: string[] } {
  return { verdict: report.verdict, stages: report.stages.map(({ status }) => status) };
}

const allPassed = ["passed", "passed", "passed", "passed"];

async function throwaways(project: Project): Promise<string[]> {
  const rows = await project.database.query(
    "select datname from pg_catalog.pg_database where starts_with(datname, '_zanith_shadow_') order by datname",
  );
  return rows.map(({ datname }) => String(datname));
}

/** Everything in a database that a write would change. */
/** The server counts writes a while after they were committed (up to ten seconds). */
function countedFingerprint(project: Project): Promise<Record<string, unknown>> {
  return waitFor("the first row to be counted", async () => {
    const now = await fingerprint(project);
    return now?.["writes"] === 1 ? now : undefined;
  });
}

async function fingerprint(project: Project): Promise<Record<string, unknown> | undefined> {
  const [row] = await project.database.query(`
    select (select count(*) from pg_catalog.pg_class)::int as relations,
      (select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_catalog.pg_stat_user_tables)::int as writes,
      (select jsonb_agg(to_jsonb(u) order by id) from users u) as rows`);
  return row;
}

describe("ok", () => {
  test("when the operations lead where they should: production is only read, the shadow is gone", async () => {
    const project = await startProject(`${users} insert into users values (1, 'a')`);
    const id = await project.migration("posts", users, posts);
    const before = await countedFingerprint(project);
    const run = recordedRun();
    const result = await verify(project.workspace, {}, run);
    expect(summary(result)).toEqual({ verdict: "ok", stages: allPassed });
    expect(result).toMatchObject({ migrations: [id], declared: "what the operations predict" });
    expect(result.report).toMatchObject({ residual: [], unmodelled: 0, chain: [{ migration: id }] });
    expect(await fingerprint(project)).toEqual(before);
    expect(await throwaways(project)).toEqual([]);
    const sessions = await waitFor("every session to be closed", async () => {
      const rows = await project.database.query(
        "select 1 from pg_catalog.pg_stat_activity where application_name ~ '^zanith verify'",
      );
      return rows.length === 0;
    });
    expect(sessions).toBe(true);
    expect(
      run.events.map((event) =>
        "stage" in event ? `${event.stage} ${event.status}` : `step ${"step" in event ? event.step : ""}`,
      ),
    ).toEqual([
      "connect + reset started",
      "connect + reset finished",
      "apply on shadow started",
      "step 0",
      "step 1",
      "step 2",
      "apply on shadow finished",
      "introspect started",
      "introspect finished",
      "diff vs declared started",
      "diff vs declared finished",
    ]);
  });

  test("for a declared schema that the migrations reach", async () => {
    const project = await startProject(users);
    await project.migration("posts", users, posts);
    project.file("../schema.sql", posts);
    const declared = project.variant({ schema: join(project.workspace.cwd, "schema.sql") });
    const result = await verify(declared, {}, quietRun);
    expect({ ...summary(result), declared: result.declared }).toEqual({
      verdict: "ok",
      stages: allPassed,
      declared: join(project.workspace.cwd, "schema.sql"),
    });
  });

  test("for raw statements, whose effect is taken from the shadow", async () => {
    const project = await startProject(users);
    const id = project.rawMigration("raw", "create table a (x int)", "insert into a values (1)");
    await project.migration("posts", `${users} create table a (x int);`, `${posts} create table a (x int);`);
    editMigration(project, id, (ops) => {
      ops.push({
        kind: "addColumn",
        column: { kind: "column", schema: "public", table: "a", name: "y", type: "integer" },
      });
    });
    expect(summary(await verify(project.workspace, {}, quietRun))).toEqual({ verdict: "ok", stages: allPassed });
  });

  test("when nothing is pending: the live schema itself is compared", async () => {
    const project = await startProject(posts);
    const result = await verify(project.workspace, {}, quietRun);
    expect({ ...summary(result), migrations: result.migrations }).toEqual({
      verdict: "ok",
      stages: allPassed,
      migrations: [],
    });
    expect(existsSync(join(project.dir, ".zanith"))).toBe(false);
  });

  test("of what is left of a migration that failed half-way", async () => {
    const before = "create table users (id int primary key, age text);";
    const after = "create table notes (id int primary key); create table users (id int primary key, age int);";
    const project = await startProject(`${before} insert into users values (1, 'old')`);
    const id = await project.migration("typed", before, after);
    await toolErrorOf(up(project.workspace, {}, quietRun));
    const run = recordedRun();
    expect(summary(await verify(project.workspace, {}, run))).toEqual({ verdict: "ok", stages: allPassed });
    expect(run.events.flatMap((event) => (event.type === "shadow.step" ? [event.step] : []))).toEqual([1]);
    await project.database.query("update users set age = '7'");
    await up(project.variant({ mode: "production" }), { confirmed: true }, quietRun);
    expect(await project.applied()).toEqual([id]);
  });

  test("is kept beside the migrations and holds for this schema and these operations", async () => {
    const project = await startProject(users);
    const id = await project.migration("posts", users, posts);
    const { report } = await verify(project.workspace, {}, quietRun);
    const stored = JSON.parse(readFileSync(join(project.dir, ".zanith", "verdicts.json"), "utf8"));
    const [link] = report.chain;
    expect(stored).toEqual({
      format: 1,
      proven: [
        {
          migration: id,
          operations: expect.stringMatching(/^v1:sha256:[0-9a-f]{64}$/),
          before: link?.before,
          after: link?.after,
          at: expect.stringMatching(/Z$/),
        },
      ],
    });
  });

  test("that cannot be kept is said to be so and is still the verdict", async () => {
    const project = await startProject(users);
    await project.migration("posts", users, posts);
    project.file(".zanith", "a file where the folder should be");
    const notes: string[] = [];
    const result = await verify({ ...project.workspace, note: (text) => notes.push(text) }, {}, quietRun);
    expect(summary(result).verdict).toBe("ok");
    expect(notes).toEqual([
      expect.stringMatching(/^the verdict could not be kept, so the gate verified will not know of it: E/),
    ]);
  });

  test("keeps the shadow when it is told to", async () => {
    const project = await startProject(users);
    await project.migration("posts", users, posts);
    const { report } = await verify(project.workspace, { keep: true }, quietRun);
    expect(await throwaways(project)).toEqual([report.kept as string]);
    await project.database.query(`drop database "${report.kept}"`);
  });
});

describe("drift", () => {
  test("when the declared schema is ahead of the migrations: what remains to be done is listed", async () => {
    const project = await startProject(users);
    await project.migration("posts", users, posts);
    project.file("../schema.sql", `${posts} alter table users add column age int;`);
    const declared = project.variant({ schema: join(project.workspace.cwd, "schema.sql") });
    const result = await verify(declared, {}, quietRun);
    expect(summary(result)).toEqual({ verdict: "drift", stages: ["passed", "passed", "passed", "failed"] });
    expect(result.report.residual.map(({ kind, object }) => `${kind} ${object}`)).toEqual(["addColumn users.age"]);
    expect(existsSync(join(project.dir, ".zanith"))).toBe(false);
    const { migrations } = await plan(project.variant({ mode: "production" }), {}, quietRun);
    expect(migrations[0]?.gates.find(({ gate }) => gate === "verified")?.status).toBe("failed");
  });
});

describe("apply-failed", () => {
  test("names the migration, the step, its statement and the server's words", async () => {
    const project = await startProject(users);
    await project.migration("posts", users, posts);
    const id = project.rawMigration("bad", "select 1", "insert into nowhere values (1)");
    const result = await verify(project.workspace, {}, quietRun);
    expect(summary(result)).toEqual({
      verdict: "apply-failed",
      stages: ["passed", "failed", "not reached", "not reached"],
    });
    expect(result.report.failure).toEqual({
      migration: id,
      step: 1,
      kind: "rawSql",
      object: "insert into nowhere values (1)",
      sql: "insert into nowhere values (1)",
      error: 'ERROR 42P01: relation "nowhere" does not exist',
      sqlstate: "42P01",
    });
    expect(await throwaways(project)).toEqual([]);
    expect(existsSync(join(project.dir, ".zanith"))).toBe(false);
  });

  test("when an operation does not fit the live schema", async () => {
    const project = await startProject("create table other (x int)");
    const id = await project.migration("posts", users, posts);
    const { report } = await verify(project.workspace, {}, quietRun);
    expect(report).toMatchObject({ verdict: "apply-failed", failure: { migration: id, sqlstate: "42P01" } });
  });
});

describe("shadow-unreachable", () => {
  const nothing = ["failed", "not reached", "not reached", "not reached"];

  test("when the role may not make databases: says how to let it", async () => {
    const project = await startProject(users);
    const role = `plain_${project.database.name}`;
    await project.database.query(`create role "${role}" login password 'secret'`);
    try {
      const url = new URL(project.database.url);
      url.username = role;
      url.password = "secret";
      await project.migration("posts", users, posts);
      const result = await verify(project.variant({}, url.toString()), {}, quietRun);
      expect(summary(result)).toEqual({ verdict: "shadow-unreachable", stages: nothing });
      expect(result.report.failure).toEqual({
        error: "ERROR 42501: permission denied to create database",
        sqlstate: "42501",
        next: `alter role ${role} createdb; or give a shadow of your own with --shadow`,
      });
      project.file("../schema.sql", posts);
      const schema = join(project.workspace.cwd, "schema.sql");
      const declared = await verify(project.variant({ schema }, url.toString()), {}, quietRun);
      expect(summary(declared)).toEqual({ verdict: "shadow-unreachable", stages: nothing });
    } finally {
      await project.database.query(`drop role "${role}"`);
    }
  });

  for (const [what, shadow] of [
    ["does not answer", "postgres://nobody:hidden-word@127.0.0.1:1/nowhere"],
    ["is no address at all", "nonsense://hidden-word"],
  ] as const) {
    test(`when the server given with --shadow ${what}`, async () => {
      const project = await startProject(users);
      await project.migration("posts", users, posts);
      const result = await verify(project.variant({ shadow }), {}, quietRun);
      expect(summary(result)).toEqual({ verdict: "shadow-unreachable", stages: nothing });
      expect(result.report.failure?.error).not.toBe("");
      expect(JSON.stringify(result)).not.toContain("hidden-word");
    });
  }

  test("when the shadow's server goes away in the middle", async () => {
    await using other = await startCluster();
    const project = await startProject(users);
    project.rawMigration("long", "create table a (x int)", "select pg_catalog.pg_sleep(600)");
    let stopped: Promise<void> = Promise.resolve();
    const run = recordedRun((event) => {
      if (event.type === "shadow.step") stopped = other.stopImmediate();
    });
    const result = await verify(project.variant({ shadow: other.url }), {}, run);
    await stopped;
    expect(summary(result)).toEqual({
      verdict: "shadow-unreachable",
      stages: ["passed", "failed", "not reached", "not reached"],
    });
  });
});

test("the shadow can be on another server, where nothing of the live rows arrives", async () => {
  await using other = await startCluster();
  const project = await startProject(`${users} insert into users values (1, 'a')`);
  const id = await project.migration("posts", users, posts);
  project.rawMigration("empty", "do $$ begin assert not exists (select from users); end $$");
  expect(summary(await verify(project.variant({ shadow: other.url }), {}, quietRun)).verdict).toBe("ok");
  expect(await project.difference(users)).toEqual([]);
  expect(id).not.toBe("");
});

test("stops when it is asked to, and takes the shadow with it", async () => {
  const project = await startProject(users);
  project.rawMigration("three", "create table a (x int)", "create table b (x int)", "create table c (x int)");
  const between = recordedRun((event, { stop }) => {
    if (event.type === "shadow.step") stop();
  });
  expect((await toolErrorOf(verify(project.workspace, {}, between))).code).toBe("interrupted");
  expect(await throwaways(project)).toEqual([]);

  project.rawMigration("long", "select pg_catalog.pg_sleep(600)");
  const within = recordedRun((event, { cancelNow }) => {
    if (event.type !== "shadow.step" || event.step !== 2) return;
    waitFor("the statement to run", async () => {
      const rows = await project.database.query(
        "select 1 from pg_catalog.pg_stat_activity where state = 'active' and query ~ '^select pg_catalog.pg_sleep'",
      );
      return rows.length > 0;
    }).then(cancelNow);
  });
  expect((await toolErrorOf(verify(project.workspace, {}, within))).code).toBe("interrupted");
  expect(await throwaways(project)).toEqual([]);
});

test("a declared schema that is not valid is the user's to correct, not a verdict", async () => {
  const project = await startProject(users);
  await project.migration("posts", users, posts);
  project.file("../schema.sql", "create table (x int);");
  const declared = project.variant({ schema: join(project.workspace.cwd, "schema.sql") });
  expect((await toolErrorOf(verify(declared, {}, quietRun))).code).toBe("sql_invalid");
});
