// The recover screen on a real database: inspect, restore with its preview, export, purge, and what each of them refuses.
import { expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { operation } from "../../src/operation/define.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { withProjects } from "../support/workspace.ts";
import { type Driver, startDriver } from "./driver.ts";

const projects = await withProjects();

const sql = `
create table users (id int primary key, email text, legacy_code text);
insert into users select g, 'm' || g, 'c' || g from generate_series(1, 200) g;
create table sessions (id int primary key, token text);
insert into sessions select g, 't' || g from generate_series(1, 50) g`;

const column = { schema: "public", table: "users", name: "legacy_code", id: "0a1b2c3d", key: ["id"] };
const table = { schema: "public", name: "sessions", id: "1a2b3c4d", indexes: ["sessions_pkey"] };

async function archived() {
  const project = await projects.start({ sql });
  const id = project.operations("cut", operation("archiveColumn", column), operation("archiveTable", table));
  await up(project.workspace, {}, quietRun);
  const driver = startDriver({ workspace: project.workspace, screen: "recover" }, { columns: 120, rows: 36 });
  await driver.settled();
  return { ...project, id, driver };
}

/** The cursor on the artifact of that name. */
async function choose(driver: Driver, name: string): Promise<void> {
  await driver.press("home");
  for (let row = 0; row < 5 && !driver.selected().includes(name); row++) await driver.press("down");
  expect(driver.selected()).toContain(name);
}

test("an archived column is inspected, shown as what would be run, and restored once the database's name is typed", async () => {
  const { driver, database } = await archived();
  await choose(driver, "users.legacy_code");
  expect(driver.selected()).toMatch(/archive_column +users\.legacy_code +200 .* live/);
  await driver.press("enter");
  expect(driver.frame()).toContain("intact: the 200 row(s) are what they were");
  expect(driver.frame()).toContain("what brings it back");
  await driver.press("r");
  expect(driver.frame()).toContain("Restore users.legacy_code, 200 row(s)?");
  expect(driver.frame()).toContain("alter table public.users add column legacy_code text");
  await driver.press("y", "e", "s", "enter");
  expect(driver.frame()).toContain("that is not it; nothing was done");
  await driver.press("backspace", "backspace", "backspace", ...database.name, "enter");
  await driver.until("users.legacy_code is restored");
  await driver.settled();
  expect(driver.selected()).toContain("restored");
  const [row] = await database.query("select count(*)::int as n from users where legacy_code = 'c' || id");
  expect(row?.["n"]).toBe(200);
  await driver.press("r");
  expect(driver.frame()).toContain("users.legacy_code is restored already");
});

test("an archive that was changed is not restored, and what it holds can still be exported", async () => {
  const { driver, database, workspace } = await archived();
  await choose(driver, "users.legacy_code");
  const [at] = await database.query(
    "select physical_name from _zanith_migration_artifacts where source_column is not null",
  );
  await database.query(`update ${String(at?.["physical_name"])} set legacy_code = 'forged' where id = 7`);
  await driver.press("enter");
  expect(driver.frame()).toContain("changed since it was set aside");
  await driver.press("r");
  await driver.until("Refusing to restore");
  expect(driver.app.state.dialog).toBeUndefined();
  await driver.press("e");
  expect(driver.frame()).toContain("200 row(s) written to users.legacy_code.csv");
  const file = join(workspace.cwd, "users.legacy_code.csv");
  expect(readFileSync(file, "utf8").split("\n")).toContain('7,"forged"');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("purge asks for the name of what it takes away, and Escape takes nothing", async () => {
  const { driver, database } = await archived();
  await choose(driver, "sessions");
  await driver.press("x");
  expect(driver.frame()).toContain("what it holds is removed for good");
  await driver.press("escape");
  expect(driver.selected()).toContain("live");
  await driver.press("x", ..."sessions", "enter");
  await driver.until("sessions is purged");
  await driver.settled();
  expect(driver.selected()).toContain("purged");
  await driver.press("r");
  expect(driver.frame()).toContain("it was purged: its rows are gone for good");
  const left = await database.query("select relname from pg_class where relname like 'sessions%' and relkind = 'r'");
  expect(left).toEqual([]);
});

test("what stands where it came from is named instead of asked about", async () => {
  const { driver, database } = await archived();
  await database.query("create table sessions (other int)");
  await driver.press("ctrl-r");
  await choose(driver, "sessions");
  await driver.press("r");
  expect(driver.frame()).toContain("sessions cannot be restored: it cannot come back");
  expect(driver.frame()).toContain("in the way:");
});

test("nothing is agreed to in a window too small to show it", async () => {
  const { driver, database } = await archived();
  await choose(driver, "users.legacy_code");
  await driver.press("r");
  await driver.resize(60, 12);
  await driver.press(...database.name, "enter");
  await driver.resize(100, 30);
  expect(driver.frame()).toContain("Restore users.legacy_code, 200 row(s)?");
  await driver.press("enter");
  expect(driver.frame()).toContain("that is not it; nothing was done");
  await driver.resize(60, 12);
  await driver.press("q");
  expect(await driver.app.done).toBe(0);
});

test("what is in the way is left alone when a table comes back under another name", async () => {
  const { driver, database } = await archived();
  await database.query("create table sessions (other int)");
  await driver.press("ctrl-r");
  await choose(driver, "sessions");
  await driver.press("a");
  expect(driver.frame()).toContain("Restore sessions under another name");
  await driver.press("enter");
  expect(driver.frame()).toContain("a name has 1 to 63 bytes; nothing was done");
  await driver.press(..."Old Sessions", "enter");
  await driver.until("Restore sessions as Old Sessions, 50 row(s)?");
  await driver.press(...database.name, "enter");
  await driver.until("sessions is restored as Old Sessions");
  const [row] = await database.query('select count(*)::int as n from "Old Sessions"');
  expect(row?.["n"]).toBe(50);
  expect(await database.query("select * from sessions")).toEqual([]);
});

test("a column that is there again is filled from its archive once the counts were shown and the database's name is typed", async () => {
  const { driver, database } = await archived();
  await choose(driver, "sessions");
  await driver.press("s");
  expect(driver.frame()).toContain("only an archived column can fill a column again");
  await choose(driver, "users.legacy_code");
  await driver.press("s");
  await driver.until("there is no column public.users.legacy_code");
  await database.query(
    "alter table users add legacy_code text; update users set legacy_code = 'new' where id <= 3; delete from users where id = 200",
  );
  await driver.press("ctrl-r", "s");
  await driver.until("Fill 196 rows of users.legacy_code again?");
  expect(driver.frame()).toContain("200 archived value(s): 199 matched, 1 missing, 3 conflicting");
  expect(driver.frame()).toContain("--all");
  await driver.press(...database.name, "enter");
  await driver.until("users.legacy_code: 196 rows filled from its archive");
  const kept = await database.query("select count(*)::int as n from users where legacy_code = 'new'");
  expect(kept).toEqual([{ n: 3 }]);
  await driver.settled();
  await driver.press("s");
  await driver.until("no row of users.legacy_code is to be filled");
});

test("cleanup lists what would go, takes no age that is none, and removes nothing that was not listed", async () => {
  const { driver, database } = await archived();
  await driver.press("c", "enter");
  await driver.until("there is nothing to clean up");
  await driver.press("enter", "c", ..."soon", "enter");
  expect(driver.frame()).toContain("that is no such time; nothing was done");
  await driver.press("escape");
  await database.query(
    "update _zanith_migration_artifacts set created_at = now() - interval '40 days' where source_column is null",
  );
  await driver.press("c", ..."30d", "enter");
  await driver.until("Remove 1 artifact for good?");
  expect(driver.frame()).toMatch(/sessions +archive_table, 50 row\(s\), live/);
  // What gets old while the question is open was not consented to.
  await database.query("update _zanith_migration_artifacts set created_at = now() - interval '40 days'");
  await driver.press(...database.name, "enter");
  await driver.until("1 artifact removed for good");
  const left = await database.query(
    "select source_table, status from _zanith_migration_artifacts order by source_table",
  );
  expect(left.map(({ status }) => status).sort()).toEqual(["live", "purged"]);
});

test("history leads to what a migration set aside", async () => {
  const { driver, id } = await archived();
  await driver.press("5", "r");
  expect(driver.app.state.screen).toBe("recover");
  expect(driver.frame()).toContain(`/ ${id}`);
  expect(driver.frame()).toContain("users.legacy_code");
});
