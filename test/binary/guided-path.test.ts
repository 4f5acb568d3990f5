// The compiled binary on a terminal and on the demo's database, key by key as a person at a bastion host would: refused by
// a gate, verified, confirmed by name, a backfill paused and resumed, the ledger, the difference, a column brought back;
// and killed in the middle.
import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { operation } from "../../src/operation/define.ts";
import { checkpoints, counting, timesDone } from "../support/backfill.ts";
import { compiledCli } from "../support/compiled-cli.ts";
import { type Pty, type PtyOptions, spawnPty } from "../support/pty.ts";
import { waitFor } from "../support/wait-for.ts";
import { withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const binary = await compiledCli();

const demo = join(import.meta.dir, "..", "..", "fixtures", "demo");
const shop = readFileSync(join(demo, "shop.sql"), "utf8") + readFileSync(join(demo, "rows.sql"), "utf8");

/** Rows of a table take a millisecond each to change: time to press a key. */
const slowRows = (table: string): string => `
create function take_time() returns trigger language plpgsql as 'begin perform pg_sleep(0.001); return new; end';
create trigger slow before update on ${table} for each row execute function take_time();`;

async function start(sql: string, mode: string) {
  const project = await projects.start({ sql });
  writeFileSync(join(project.workspace.cwd, "zanith.config.json"), JSON.stringify({ mode, dir: "migrations" }));
  const open = (more: PtyOptions = {}): Pty =>
    spawnPty([binary], {
      columns: 110,
      rows: 32,
      cwd: project.workspace.cwd,
      ...more,
      env: { DATABASE_URL: project.database.url, ...more.env },
    });
  return { ...project, open };
}

test("from a plan that a gate refuses to the ledger of what was done, with a backfill that was paused on the way", async () => {
  const project = await start(shop + slowRows("customers"), "production");
  const { database, open, applied } = project;
  const column = { kind: "column", schema: "public", table: "customers", name: "last_login", type: "text" } as const;
  const id = project.operations(
    "last_login",
    operation("addColumn", { column }),
    operation("backfill", {
      schema: "public",
      table: "customers",
      set: [{ column: "last_login", expression: "'never'" }],
      where: "last_login is null",
      reverse: [],
    }),
    operation("archiveColumn", {
      schema: "public",
      table: "customers",
      name: "legacy_code",
      id: "0a1b2c3d",
      key: ["id"],
    }),
  );
  const codes =
    "select count(legacy_code)::int as n, md5(string_agg(legacy_code, ',' order by id)) as sum from customers";
  const codesBefore = await database.query(codes);
  await using ui = open();
  await ui.until("✗ verified");
  ui.write("a");
  await ui.until("gate verified refuses");
  expect(await applied().catch(() => [])).toEqual([]);

  ui.write("p");
  await ui.until("addColumn");
  ui.write("v");
  await ui.until("a goes on to apply");
  ui.write("a");
  await ui.until("ready to apply");
  ui.write("\r");
  await ui.until(`Apply 1 migration to ${database.name}?`);
  ui.write("yes\r");
  await ui.until("that is not it");
  ui.write("\u007f\u007f\u007f");
  ui.write(`${database.name}\r`);

  await ui.until("rows/s");
  ui.write("p");
  await ui.until("p goes on");
  expect(await checkpoints(project)).toMatchObject([{ step: 1, status: "paused" }]);
  ui.write("p");
  await ui.until("1 migration applied", 30_000);
  expect(await applied()).toEqual([id]);
  const [left] = await database.query("select count(*)::int as n from customers where last_login is null");
  expect(left?.["n"]).toBe(0);

  ui.write("5");
  await ui.until(`✓ ${id}`);
  ui.write("\r");
  await ui.until("backfill");
  ui.write("d");
  await ui.until("~ public.customers");
  await ui.until("+ last_login");
  await ui.until("− legacy_code");

  ui.write("\u001b");
  await ui.until("next tab");
  ui.write("r");
  await ui.until("customers.legacy_code");
  ui.write("\r");
  await ui.until("intact: the 4000 row(s) are what they were");
  ui.write("r");
  await ui.until("Restore customers.legacy_code, 4000 row(s)?");
  expect(ui.frame()).toContain("add column legacy_code");
  ui.write(`${database.name}\r`);
  await ui.until("customers.legacy_code is restored", 30_000);
  expect(await database.query(codes)).toEqual(codesBefore);
  ui.write("\u0003");
  expect(await ui.exited).toBe(0);
});

const counters = `
  create table counters (id bigint primary key, done integer not null default 0);
  insert into counters select g from generate_series(1, 6000) g;`;

test("a terminal that is closed in the middle of a backfill ends it after its batch, and the ledger says so", async () => {
  const project = await start(counters + slowRows("counters"), "development");
  project.operations("count", counting("counters"));
  await using ui = project.open();
  await ui.until("✓ gates");
  ui.write("a");
  await ui.until("ready to apply");
  ui.write("\r");
  await ui.until("rows/s");
  ui.hangUp();
  expect(await ui.exited).toBe(130);
  expect((await project.attempts()).map(({ status, error }) => ({ status, error }))).toEqual([
    { status: "interrupted", error: "the terminal was closed (SIGHUP)" },
  ]);
  expect(await checkpoints(project)).toMatchObject([{ step: 0, status: "paused" }]);
});

test("killed with -9 in the middle of a backfill, it goes on at the next start and does no row twice", async () => {
  const project = await start(counters + slowRows("counters"), "development");
  project.operations("count", counting("counters"));
  const ui = project.open();
  await ui.until("✓ gates");
  ui.write("a");
  await ui.until("ready to apply");
  ui.write("\r");
  await ui.until("rows/s");
  ui.kill("SIGKILL");
  await ui.exited;
  const [before] = await checkpoints(project);
  expect(Number(before?.["processed"])).toBeGreaterThan(0);
  expect(Number(before?.["processed"])).toBeLessThan(6000);
  await waitFor("the server to end the session", async () => {
    const [row] = await project.database.query(
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name like 'zanith up%'",
    );
    return row?.["n"] === 0;
  });

  // A terminal that nobody knows, without UTF-8.
  await using again = project.open({ term: "nosuchterm", env: { LANG: "C" } });
  await again.until("c continues where it stopped");
  expect(again.frame()).toMatch(/interrupted at \d+ %, \d+ of 6000 rows/);
  await again.until("+ gates");
  again.write("c");
  await again.until("1 migration applied", 30_000);
  expect(again.frame()).toMatch(/^[\n -~]*$/);
  expect(await timesDone(project, "counters")).toEqual({ "1": 6000 });
  again.write("\u0003");
  expect(await again.exited).toBe(0);
});
