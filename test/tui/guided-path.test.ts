// The guided path on a real database, key by key: refused by gates, consent, verify, typed confirmation, apply, history.
import { expect, test } from "bun:test";
import { withProjects } from "../support/workspace.ts";
import { startDriver } from "./driver.ts";

const projects = await withProjects();
const before = "create table users (id bigint primary key, email text, legacy text)";
const after =
  "create table users (id bigint primary key, email text, last_login timestamptz); create index users_email_idx on users (email)";

async function production() {
  const project = await projects.start({ sql: before, config: { mode: "production" } });
  const id = await project.migration("add_last_login", before, after);
  return { ...project, id };
}

test("home shows the database, what is pending and what refuses it, never a password", async () => {
  const { workspace, id, database } = await production();
  const driver = startDriver({ workspace });
  await driver.settled();
  expect(driver.frame()).toContain(database.name.slice(0, 20));
  expect(driver.frame()).toContain("production ▲60");
  expect(driver.selected()).toStartWith(` ▸ ${id}   3 steps   worst destructive 80   ✗ max-risk`);
  expect(driver.frame()).not.toContain(new URL(database.url).password || "no password in the URL");
});

test("a plan that gates refuse is applied after typed consent, verify and the typed name", async () => {
  const { workspace, id, database, attempts, applied } = await production();
  const driver = startDriver({ workspace });
  await driver.settled();
  await driver.press("p", "a");
  expect(driver.frame()).toContain("gate max-risk refuses: step");
  expect(driver.app.state.screen).toBe("plan");

  await driver.press("g", "enter");
  expect(driver.frame()).toContain("type 80 and press Enter");
  await driver.press("6", "0", "enter");
  expect(driver.frame()).toContain("that is not it; nothing was done");
  await driver.press("backspace", "backspace", "8", "0", "enter");
  expect(driver.frame()).toContain("✓ max-risk");
  await driver.press("down", "enter");
  expect(driver.frame()).toContain("dropColumn  users.legacy");
  await driver.press(..."destroy", "enter");
  expect(driver.frame()).toContain("✓ allow-destructive consent given");

  await driver.press("v");
  expect(driver.frame()).toContain("✓ ok");

  await driver.press("a");
  expect(driver.frame()).toContain("ready to apply");
  driver.terminal.input.write("\r");
  await driver.until(`Apply 1 migration to ${database.name}?`);
  expect(await applied()).toEqual([]);
  expect(await attempts()).toEqual([]);
  driver.terminal.input.write(`${database.name}\r`);
  await driver.until("1 migration applied");
  await driver.settled();
  expect(await applied()).toEqual([id]);
  expect(driver.app.state.consent).toEqual({});

  await driver.press("5", "enter");
  expect(driver.frame()).toContain(`✓ ${id}`);
  expect(driver.frame()).toMatch(/✓ +\d dropColumn +users\.legacy/);
  await driver.press("d");
  expect(driver.frame()).toContain("~ public.users");
  expect(driver.frame()).toContain("− legacy");
  await driver.press("escape", "7");
  expect(driver.frame()).toContain("nothing was set aside yet");
});

test("the plan shows what a step changes and who refers to what it changes", async () => {
  const sql = `${before}; create table orders (user_id bigint references users)`;
  const project = await projects.start({ sql });
  await project.migration("alter_id", sql, sql.replace("id bigint primary", "id numeric primary"));
  const driver = startDriver({ workspace: project.workspace }, { columns: 120, rows: 40 });
  await driver.settled();
  await driver.press("p", "/", ..."altercolumntype", "enter", "down");
  expect(driver.frame()).toContain("type: bigint → numeric");
  expect(driver.frame()).toContain("foreign key public.orders.orders_user_id_fkey");
});

test("Escape at the typed name applies nothing and leaves the refusal in the ledger", async () => {
  const { workspace, applied, attempts, variant } = await production();
  const driver = startDriver({ workspace: variant({ maxRisk: 80, allowDestructive: true }) });
  await driver.settled();
  await driver.press("v", "a");
  driver.terminal.input.write("\r");
  await driver.until("and press Enter to go on");
  await driver.press("escape");
  expect(driver.frame()).toContain("refused by gate confirm");
  expect(await applied()).toEqual([]);
  expect((await attempts()).map(({ status, error }) => ({ status, error }))).toEqual([
    { status: "refused", error: "refused — not confirmed" },
  ]);
  expect(workspace.config.mode).toBe("production");
});

test("while a lock is waited for the screen says who blocks, and x cancels into an interrupted step", async () => {
  const project = await projects.start({ sql: before });
  await project.migration(
    "widen",
    before,
    "create table users (id bigint primary key, email text, legacy text, a int)",
  );
  const blocker = await project.database.session();
  await blocker.query("begin; lock table users in access share mode");
  const driver = startDriver({ workspace: project.variant({ lockTimeoutMs: 20_000 }) });
  await driver.settled();
  await driver.press("a");
  driver.terminal.input.write("\r");
  await driver.until(`blocked by pid ${blocker.pid}`);
  expect(driver.frame()).toContain("idle in transaction");
  driver.terminal.input.write("q");
  await driver.until("applying, 4 shows it");
  driver.terminal.input.write("q");
  await driver.until("a run is going on");
  driver.terminal.input.write("4");
  await driver.until("blocked by pid");
  driver.terminal.input.write("x");
  await driver.until("zanith migrate up");
  await driver.settled();
  await blocker.query("rollback");
  expect((await project.attempts()).map(({ status }) => status)).toEqual(["interrupted"]);
  await driver.press("1", "c");
  await driver.until("1 migration applied");
  expect(await project.applied()).toHaveLength(1);
});

test("a database that cannot be reached is told in the words of the command line", async () => {
  const project = await projects.start({});
  const url = new URL(project.database.url);
  url.pathname = "/zanith_no_such_database";
  const driver = startDriver({ workspace: project.variant({}, url.href) });
  await driver.settled();
  expect(driver.frame()).toContain("zanith_no_such_database");
  await driver.press("p");
  expect(driver.frame()).toContain("does not exist");
});
