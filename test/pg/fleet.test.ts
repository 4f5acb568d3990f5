// The same migrations on several real databases: a ledger each, a table of results, and a second run that goes on with what
// the first one left; tenants that share a database.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { parseNdjson, runCli } from "../support/run-cli.ts";
import { withProjects } from "../support/workspace.ts";

const projects = await withProjects();

async function appliedIn(database: TestDatabase, schema = "public"): Promise<unknown[]> {
  const rows = await database.query(`select id from "${schema}"._zanith_migrations order by id`);
  return rows.map(({ id }) => id);
}

test("canary and waves; one that fails stops what follows, and the next run finishes the rest", async () => {
  const project = await projects.start();
  const id = project.rawMigration("a", "create table a (x int)", "create table b (x int)");
  const others = await Promise.all(Array.from({ length: 3 }, () => createTestDatabase()));
  const [first, second, third] = others as [TestDatabase, TestDatabase, TestDatabase];
  try {
    await second.query("create table b (y text)");
    const list = join(project.dir, "fleet.txt");
    writeFileSync(list, [project.database, ...others].map(({ url }) => url).join("\n"));
    const args = ["migrate", "up", "--targets", list, "--dir", project.dir, "--concurrency", "2"];
    const failed = await runCli([...args, "--json"]);
    expect(failed.exitCode).toBe(4);
    const events = parseNdjson(failed.stdout) as Readonly<Record<string, unknown>>[];
    const result = events.at(-1) as { targets: { target: string; status: string; wave?: number; why?: string }[] };
    expect(result.targets.map(({ status, wave }) => `${wave ?? "-"} ${status}`)).toEqual([
      "0 applied",
      "1 applied",
      "1 failed",
      "- not begun",
    ]);
    expect(result.targets[2]?.why).toContain('relation "b" already exists');
    expect(failed.stdout).not.toContain(new URL(project.database.url).password);
    expect(await appliedIn(first)).toEqual([id]);
    expect(await appliedIn(second)).toEqual([]);

    await second.query("drop table b");
    const finished = await runCli(args);
    expect({ code: finished.exitCode, last: finished.stdout.trimEnd().split("\n").at(-1) }).toEqual({
      code: 0,
      last: "4 of 4 targets up to date",
    });
    for (const database of [project.database, ...others]) expect(await appliedIn(database)).toEqual([id]);
    const attempts = await second.query("select step_index, status from _zanith_migration_steps order by started_at");
    expect(attempts.map((row) => `${row["step_index"]} ${row["status"]}`)).toEqual([
      "0 applied",
      "1 failed",
      "1 applied",
    ]);
    expect((await third.query("select count(*)::int as n from _zanith_migration_steps"))[0]).toEqual({ n: 2 });
  } finally {
    for (const database of others) await database.drop();
  }
});

test("tenants of one database each have their schema, their ledger and no part in each other's changes", async () => {
  const project = await projects.start({
    sql: `create schema tenant_a; create schema "tenant-b"; create table tenant_a.t (id int primary key); create table "tenant-b".t (id int primary key)`,
  });
  project.file(
    "20260401_100000_first.sql",
    'alter table "{schema}".t add column age int;\ncreate index t_age on "{schema}".t (age);',
  );
  const list = join(project.dir, "fleet.txt");
  writeFileSync(list, `${project.database.url} schema=tenant_a,tenant-b`);
  const args = ["migrate", "up", "--targets", list, "--dir", project.dir];
  expect((await runCli(args)).exitCode).toBe(64);
  const run = [...args, "--audit-schema", "{schema}"];
  expect((await runCli(run)).exitCode).toBe(0);
  project.file("20260401_200000_second.sql", 'alter table "{schema}".t add column name text;');
  const second = await runCli(run);
  expect({ code: second.exitCode, stderr: second.stderr.includes("drift") }).toEqual({ code: 0, stderr: false });
  for (const schema of ["tenant_a", "tenant-b"]) {
    expect(await appliedIn(project.database, schema)).toEqual(["20260401_100000_first", "20260401_200000_second"]);
    const columns = await project.database.query(
      "select string_agg(column_name, ' ' order by ordinal_position) as names from information_schema.columns where table_schema = $1 and table_name = 't'",
      [schema],
    );
    expect(columns).toEqual([{ names: "id age name" }]);
  }
});
