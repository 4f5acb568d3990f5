// Columns in two forms at once: while applications of two versions write one or the other, both tell the same.
import { expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const people = `create table people (id uuid default gen_random_uuid() primary key, name text not null);
  insert into people (name) select 'first' || n || ' last' || n from generate_series(1, 3000) n`;
const split = operation("splitColumn", {
  schema: "public",
  table: "people",
  name: "name",
  into: [
    { name: "first", type: "text", expression: "split_part(name, ' ', 1)" },
    { name: "last", type: "text", expression: "split_part(name, ' ', 2)" },
  ],
  join: "first || ' ' || last",
});
const apart = "select count(*)::int as n from people where name is distinct from first || ' ' || last";

test("a split follows old and new writers, while its batches run and after them", async () => {
  const project = await projects.start({ sql: people });
  project.operations("split", split);
  const { database } = project;
  let writing: Promise<unknown> = Promise.resolve();
  let batches = 0;
  const run = recordedRun((event) => {
    if (event.type !== "backfill.progress" || event.state !== "running") return;
    batches++;
    writing = writing.then(() =>
      database.query(`insert into people (name) values ('old writer');
        insert into people (first, last) values ('new', 'writer');
        update people set name = 'old change' where id in (select id from people order by id limit 1);
        update people set last = 'changed' where id in (select id from people order by id desc limit 1)`),
    );
  });
  await up(project.workspace, { backfill: { workers: 1, targetMs: 3, maxLagMs: 3_000, maxBatch: 100 } }, run);
  await writing;
  expect(batches).toBeGreaterThan(1);
  expect(await database.query(apart)).toEqual([{ n: 0 }]);
  await database.query(
    "insert into people (first, last) values ('still', 'there'); update people set name = 'a b' where name = 'still there'",
  );
  expect(await database.query("select first, last from people where name = 'a b'")).toEqual([
    { first: "a", last: "b" },
  ]);
});

test("the end of a split leaves the new columns alone, and the old one can go", async () => {
  const project = await projects.start({ sql: people });
  project.operations("split", split);
  project.operations(
    "finish",
    operation("stopSync", { schema: "public", table: "people", columns: ["first", "last"] }),
    operation("dropColumn", { schema: "public", table: "people", name: "name" }),
  );
  const result = await up(project.workspace, { allowDestructive: true }, quietRun);
  expect(result.refused).toBeUndefined();
  expect(
    await project.difference(
      "create table people (id uuid default gen_random_uuid() primary key, first text, last text)",
    ),
  ).toEqual([]);
  await project.database.query("insert into people (first) values ('x')");
  expect(await project.database.query("select count(*)::int as n from people where first is null")).toEqual([{ n: 0 }]);
  expect(await project.database.query("select tgname from pg_catalog.pg_trigger order by tgname")).toEqual([]);
  expect(
    await project.database.query(
      "select proname from pg_catalog.pg_proc where proname like '%zanith%' order by proname",
    ),
  ).toEqual([]);
});

test("a merge fills old rows without changing back what it came from", async () => {
  const project = await projects.start({
    sql: `create table codes (id int primary key, prefix text, number text);
      insert into codes select n, 'p', '00' || n from generate_series(1, 500) n`,
  });
  project.operations(
    "merge",
    operation("mergeColumns", {
      schema: "public",
      table: "codes",
      names: ["prefix", "number"],
      into: { name: "code", type: "text", expression: "prefix || ltrim(number, '0')" },
      split: [
        { column: "prefix", expression: "left(code, 1)" },
        { column: "number", expression: "substr(code, 2)" },
      ],
    }),
  );
  await up(project.workspace, {}, quietRun);
  const rows = (id: number) => project.database.query("select prefix, number, code from codes where id = $1", [id]);
  expect(await rows(7)).toEqual([{ prefix: "p", number: "007", code: "p7" }]);
  await project.database.query(
    "update codes set code = 'q8' where id = 7; insert into codes (id, code) values (501, 'r9'); insert into codes (id, prefix, number) values (502, 's', '010')",
  );
  expect(await rows(7)).toEqual([{ prefix: "q", number: "8", code: "q8" }]);
  expect(await rows(501)).toEqual([{ prefix: "r", number: "9", code: "r9" }]);
  expect(await rows(502)).toEqual([{ prefix: "s", number: "010", code: "s10" }]);
});
