// What is in the way of a step is cancelled only where that was asked for, and only after the time that was given.
import { expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import { up } from "../../src/usecase/up.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { type Project, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const users = "create table users (id int)";

function notes(run: ReturnType<typeof recordedRun>): string[] {
  return run.events.flatMap((event) => (event.type === "step.noted" ? [event.message] : []));
}

async function widened(project: Project): Promise<void> {
  project.rawMigration("age", "alter table users add column age int");
}

test("a query that is in the way is cancelled, and the step goes on", async () => {
  const project = await projects.start({ sql: users });
  await widened(project);
  const reader = await project.database.session();
  const query = reader.query("select pg_sleep(60), * from (select 1 from users union all select 1) x").then(
    () => "went on",
    (error: unknown) => String((error as { code?: string }).code),
  );
  const run = recordedRun();
  await up(project.workspace, { cancelBlockersAfterMs: 300 }, run);
  expect(await query).toBe("57014");
  expect(notes(run).filter((note) => note.startsWith("cancelled"))).toEqual([
    `cancelled pid ${reader.pid} (postgres, zanith tests): it was in the way`,
  ]);
});

test("a transaction that is open and idle is ended: it has no query to cancel", async () => {
  const project = await projects.start({ sql: users });
  await widened(project);
  const idle = await project.database.session();
  await idle.query("begin; lock table users in share mode");
  const run = recordedRun();
  await up(project.workspace, { cancelBlockersAfterMs: 300 }, run);
  expect(notes(run).filter((note) => note.startsWith("ended"))).toEqual([
    `ended pid ${idle.pid} (postgres, zanith tests): its open transaction was in the way`,
  ]);
});

test("without being asked for, nobody is cancelled", async () => {
  const project = await projects.start({ sql: users });
  await widened(project);
  const idle = await project.database.session();
  await idle.query("begin; lock table users in share mode");
  const run = recordedRun(({ type }, { stop }) => {
    if (type === "step.noted") stop();
  });
  expect((await toolErrorOf(up(project.workspace, { lockTimeoutMs: 200 }, run))).code).toBe("interrupted");
  expect(await idle.query("select count(*)::int as n from users")).toEqual([{ n: 0 }]);
  await idle.query("commit");
});

test("a transaction that keeps rows from a backfill is ended after that time, and the backfill is done", async () => {
  const project = await projects.start({
    sql: "create table users (id int primary key, age int); insert into users select n from generate_series(1, 50) n",
  });
  const set = [{ column: "age", expression: "1" }];
  project.operations("fill", operation("backfill", { schema: "public", table: "users", set }));
  const idle = await project.database.session();
  await idle.query("begin; update users set age = 0 where id = 7");
  const run = recordedRun();
  await up(project.workspace, { cancelBlockersAfterMs: 300 }, run);
  expect(notes(run).filter((note) => note.startsWith("ended"))).toEqual([
    `ended pid ${idle.pid} (postgres, zanith tests): its open transaction was in the way`,
  ]);
  expect(await project.database.query("select count(*)::int as n from users where age = 1")).toEqual([{ n: 50 }]);
});

test("a backfill ends nobody without being asked to", async () => {
  const project = await projects.start({
    sql: "create table users (id int primary key, age int); insert into users select n from generate_series(1, 50) n",
  });
  const set = [{ column: "age", expression: "1" }];
  project.operations("fill", operation("backfill", { schema: "public", table: "users", set }));
  const idle = await project.database.session();
  await idle.query("begin; update users set age = 0 where id = 7");
  const run = recordedRun(({ type }, { stop }) => {
    if (type === "step.noted") stop();
  });
  expect((await toolErrorOf(up(project.workspace, {}, run))).code).toBe("interrupted");
  expect(await idle.query("select age from users where id = 7")).toEqual([{ age: 0 }]);
  await idle.query("commit");
});
