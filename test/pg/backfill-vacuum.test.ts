// VACUUM between the batches of a backfill: what it replaced is used again, and who may not vacuum goes on without.
import { expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Project, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

async function filled(rows: number): Promise<Project> {
  const project = await projects.start({
    sql: `create table t (id int primary key, done int) with (autovacuum_enabled = off);
      insert into t select n from generate_series(1, ${rows}) n`,
  });
  const set = [{ column: "done", expression: "1" }];
  project.operations("fill", operation("backfill", { schema: "public", table: "t", set }));
  const { refused } = await up(project.workspace, {}, quietRun);
  expect(refused).toBeUndefined();
  expect(await project.database.query("select count(*)::int as n from t where done = 1")).toEqual([{ n: rows }]);
  return project;
}

const counts = "select vacuum_count::int as n from pg_stat_user_tables where relname = 't'";

test("a table is vacuumed once for every hundred thousand rows that were changed in it", async () => {
  const project = await filled(120_000);
  const found = await waitFor("the statistics of the vacuum", async () => {
    const [row] = await project.database.query(counts);
    return Number(row?.["n"]) > 0 ? Number(row?.["n"]) : undefined;
  });
  expect(found).toBe(1);
});

test("a smaller table is left to autovacuum", async () => {
  const project = await filled(5_000);
  await waitFor("the statistics of the update", async () => {
    const [row] = await project.database.query(
      "select n_tup_upd::int as n from pg_stat_user_tables where relname = 't'",
    );
    return row?.["n"] === 5_000;
  });
  expect(await project.database.query(counts)).toEqual([{ n: 0 }]);
});
