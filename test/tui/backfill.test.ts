// Apply on a real server that takes its time: a backfill that is paused and resumed, a lock others hold, an index build.
import { expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import { checkpoints, counting, timesDone } from "../support/backfill.ts";
import { waitFor } from "../support/wait-for.ts";
import { withProjects } from "../support/workspace.ts";
import { startDriver } from "./driver.ts";

const projects = await withProjects();

/** A table whose rows take a millisecond each to change. */
const slowTable = `
create table counters (id bigint primary key, done integer not null default 0);
insert into counters select g from generate_series(1, 3000) g;
create function take_time() returns trigger language plpgsql as 'begin perform pg_sleep(0.001); return new; end';
create trigger slow before update on counters for each row execute function take_time()`;

const more = operation("rawSql", { sql: "create table after_it (id bigint)" });

test("a backfill shows how far it is, stands still with p, goes on with p, and no row is done twice", async () => {
  const project = await projects.start({ sql: slowTable });
  project.operations("count", counting("counters"), more);
  const driver = startDriver({ workspace: project.workspace });
  await driver.settled();
  await driver.press("a");
  driver.terminal.input.write("\r");
  await driver.until("rows/s");
  expect(driver.frame()).toMatch(/█+░+ {2}\d+ % {3}\d+ \/ 3000/);
  expect(driver.frame()).toMatch(/batch \d+ in \d+/);
  driver.terminal.input.write("p");
  await driver.until("p goes on");
  expect(await checkpoints(project)).toMatchObject([{ step: 0, status: "paused" }]);
  expect(driver.frame()).toContain("p resume");
  driver.terminal.input.write("l");
  await driver.until("SQL that was sent");
  expect(driver.frame()).toMatch(/update public\.counters/);
  driver.terminal.input.write("lp");
  await driver.until("1 migration applied", 60_000);
  await driver.settled();
  expect(await timesDone(project, "counters")).toEqual({ "1": 3000 });
  expect((await project.attempts()).map(({ status }) => status)).toEqual(["applied", "applied"]);
});

test("n lets the step end and stops before the next one; home then continues with c", async () => {
  const project = await projects.start({ sql: slowTable });
  project.operations("count", counting("counters"), more);
  const driver = startDriver({ workspace: project.workspace });
  await driver.settled();
  await driver.press("a");
  driver.terminal.input.write("\r");
  await driver.until("rows/s");
  driver.terminal.input.write("n");
  await driver.until("stopping after this step");
  await driver.until("the run was stopped between two steps", 60_000);
  await driver.settled();
  expect(await timesDone(project, "counters")).toEqual({ "1": 3000 });
  expect((await project.attempts()).map(({ step, status }) => `${step} ${status}`)).toEqual(["0 applied"]);
  await driver.press("1");
  expect(driver.frame()).toContain("1 of 2 steps applied");
  await driver.press("c");
  await driver.until("1 migration applied", 60_000);
  expect(await project.applied()).toHaveLength(1);
});

test("a closed terminal ends a backfill after its batch, and the ledger says why", async () => {
  const project = await projects.start({ sql: slowTable });
  project.operations("count", counting("counters"));
  const driver = startDriver({ workspace: project.workspace });
  await driver.settled();
  await driver.press("a");
  driver.terminal.input.write("\r");
  await driver.until("rows/s");
  driver.app.stop("stop", 130, "the terminal was closed (SIGHUP)");
  expect(await driver.app.done).toBe(130);
  expect((await project.attempts()).map(({ status, error }) => ({ status, error }))).toEqual([
    { status: "interrupted", error: "the terminal was closed (SIGHUP)" },
  ]);
  expect(await checkpoints(project)).toMatchObject([{ step: 0, status: "paused" }]);

  const again = startDriver({ workspace: project.workspace });
  await again.settled();
  expect(again.frame()).toContain("interrupted: the terminal was closed (SIGHUP)");
  expect(again.frame()).toMatch(/paused at \d+ %/);
  again.terminal.input.write("c");
  await again.until("1 migration applied", 60_000);
  expect(await timesDone(project, "counters")).toEqual({ "1": 3000 });
});

test("b gives up the wait for a lock so that others go first, and the step is tried again", async () => {
  const project = await projects.start({ sql: "create table users (id bigint primary key)" });
  project.operations("widen", operation("rawSql", { sql: "alter table users add column a int" }));
  const blocker = await project.database.session();
  await blocker.query("begin; lock table users in access share mode");
  const driver = startDriver({ workspace: project.variant({ lockTimeoutMs: 60_000 }) });
  await driver.settled();
  await driver.press("a");
  driver.terminal.input.write("\r");
  await driver.until(`blocked by pid ${blocker.pid}`);
  expect(driver.frame()).toContain("b let them go first");
  driver.terminal.input.write("b");
  await driver.until("backed off, others go first; next try in 15 s");
  const [waiting] = await project.database.query(
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  expect(waiting?.["n"]).toBe(0);
  await blocker.query("rollback");
  driver.terminal.input.write("b");
  await driver.until("others go first already");
  await driver.until("1 migration applied", 30_000);
  expect((await project.attempts()).map(({ status }) => status)).toEqual(["applied"]);
});

/** An index build that stands still at its 1500th row for as long as the test holds a lock. */
const slowIndex = `
create table wide (id int primary key, filler text);
insert into wide select g, repeat('x', 500) from generate_series(1, 2000) g;
create function held(id int) returns int language plpgsql immutable as
  'begin if id = 1500 then perform pg_advisory_xact_lock_shared(42); end if; return id; end';
analyze wide`;

test("an index build shows its phase and how much of the table it has read", async () => {
  const project = await projects.start({ sql: slowIndex });
  project.operations("find", operation("rawSql", { sql: "create index wide_held on wide (held(id))" }));
  const holder = await project.database.session();
  await holder.query("select pg_advisory_lock(42)");
  const driver = startDriver({ workspace: project.workspace });
  await driver.settled();
  await driver.press("a");
  driver.terminal.input.write("\r");
  await driver.until("building index: scanning table");
  expect(driver.frame()).toMatch(/█+░+ {2}7\d % {3}building index: scanning table/);
  await holder.query("select pg_advisory_unlock(42)");
  await driver.until("1 migration applied", 60_000);
});

test("an index built concurrently says for how many older transactions it waits", async () => {
  const sql = "create table users (id bigint primary key, email text)";
  const project = await projects.start({ sql });
  await project.migration("find", sql, `${sql}; create index users_email on users (email)`);
  const writer = await project.database.session();
  await writer.query("begin; insert into users values (1, 'a')");
  const driver = startDriver({ workspace: project.workspace });
  await driver.settled();
  await driver.press("a");
  driver.terminal.input.write("\r");
  await driver.until("waiting for writers before build");
  expect(driver.frame()).toContain("0 of 1 transactions have ended");
  expect(driver.frame()).toContain(`pid ${writer.pid}`);
  expect(driver.frame()).toContain("reads and writes go on meanwhile");
  await writer.query("commit");
  await driver.until("1 migration applied", 60_000);
});

test("verify is stopped with x, and says that nothing was changed", async () => {
  const project = await projects.start({ sql: "create table users (id bigint primary key)" });
  project.operations("wait", operation("rawSql", { sql: "select pg_sleep(60)" }));
  const driver = startDriver({ workspace: project.workspace });
  await driver.settled();
  driver.terminal.input.write("v");
  await driver.until("↻ apply on shadow");
  await waitFor("the statement to run on the shadow", async () => {
    const rows = await project.database.query(
      "select pid from pg_stat_activity where query like 'select pg_sleep(60)%'",
    );
    return rows.length > 0;
  });
  driver.terminal.input.write("x");
  await driver.until("verifying was stopped");
  await driver.settled();
  expect(driver.app.state.verify.phase).toBe("done");
});
