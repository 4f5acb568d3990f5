// The query of a view reads the same on every version of Postgres, whatever its server prints: 14 and 15 qualify the columns
// of a query over one relation, 16 and later do not.
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { sidePool } from "../scenario/side-pool.ts";
import { expectGolden } from "../support/golden.ts";
import { pgDumpServer, testServer } from "../support/test-server.ts";

const tables = `
create table t (id int, a int, b text, at timestamptz, "Odd.Name" int);
create table "order" (id int, "order" int, "select" text);
create table public.public (id int, f int);
create type comp as (x int, y int); create table c (id int, v comp, arr int[]);
create function f(int) returns int language sql immutable as 'select $1';
create collation coll from "C";`;

const queries: readonly string[] = [
  "select a as b, b as a from t order by t.a, t.b",
  "select a as b, id from t order by (a), b",
  "select distinct on (t.b, t.a) a as b, id from t order by t.b, t.a, id desc nulls last",
  "select count(*) as a, b from t group by a, b having max(t.id) > 1 order by t.a",
  "select id from t where a in (select a from t x where x.id = t.id) and exists (select 1 from c where c.id = t.id)",
  "select (select max(id) from c where c.id > t.id) + t.a as n from t",
  "with w as (select id, a from t) select id, a from w where a > 1",
  "select id from t union select a from t order by 1",
  "select id from (select id, a from t where a > 1) s where s.a < 5",
  "select t.id, c.v from t join c on c.id = t.id",
  "select t.id, c.v from t, c where t.id = c.id",
  "select g, g.g as h from generate_series(1, 3) g",
  "select a.n, a.i from unnest(array[1,2]) with ordinality a(n, i)",
  'select "order"."order", "order"."select" as id from "order"',
  "select p.id, f(p.f) as f, 'x'::text collate coll as z, (row(1,2)::comp).x as x from public.public p",
  'select (v).x, (v).y as "Y y", arr[id] as e, c as whole from c',
  "select id, row_number() over (partition by a order by b, t.id desc) as n, string_agg(b, ',' order by b, a) as s from t group by id, a, b",
  "select id, sum(a) over w as a from t window w as (order by t.a rows between 1 preceding and current row)",
  "select * from (values (1, 'x'), (2, 'y')) as q(n, s)",
  "values (1, 2), (3, 4)",
  "select extract(year from at) as y, at at time zone 'UTC' as z, substring(b from 2 for 3) as s, a is distinct from id as d from t",
  "select ctid, tableoid::regclass as r, t.* from t tablesample bernoulli (50) repeatable (1)",
  "select id from only t limit 3 offset 1",
  "select case when a > 1 then t.b else 'x' end as k, coalesce(a, id, 0) as c, \"Odd.Name\" from t where a between 1 and 3 or b like 'x%' or b similar to 'y' fetch first 3 rows only",
  "select x.id from t x(id, a2) where x.a2 > 1",
  'select a as "group", id as "A" from t group by t.a, t.id, rollup(t.b) order by max(t.at), "group"',
  "select id, f(id) as fid from t where t.a = any (array[1,2]) and (t.id, t.a) = (select 1, 2) order by f(t.id) using <",
  "select x, y from json_to_record('{\"x\":1}') as r(x int, y text)",
  "(select id from t) except (select a from t where t.a > 1)",
  "select id from t where row(t.*) is not null and t is not null",
  "select case a when 1 then t.id when 2 then (select 1) end as b, b as id from t order by case a when 1 then t.id end, t.b, t.id",
  "select t.a as x from t order by (select t.b), t.a",
  "select t.id from t for update of t skip locked",
  "with recursive r(n) as (select 1 union all select n + 1 from r where n < 4) select n from r",
  "select b collate coll as b, max(id) filter (where t.a > 1) as m, percentile_cont(0.5) within group (order by t.a) as a from t group by b",
  "select grouping(t.a) as g, t.a from t group by grouping sets ((t.a), ())",
];

const dumpServer = await pgDumpServer();
const urls = new Set([(await testServer()).url, ...(dumpServer.available ? [dumpServer.url] : [])]);

describe.each([...urls].map((url, nth) => ({ url, nth })))("server $nth", ({ url }) => {
  const pool = sidePool(url);
  afterAll(() => pool.close());

  test("views read as they do on every other version, and so do the views made of what was read", async () => {
    const views = queries.map((query, at) => `create view "${name(at)}" as ${query};`);
    const first = await read(`${tables}\n${views.join("\n")}`);
    const again = queries.map((_, at) => `create view "${name(at)}" as ${first.get(name(at))};`);
    expect(await read(`${tables}\n${again.join("\n")}`)).toEqual(first);
    const text = queries.map((query, at) => `${query}\n=>\n${first.get(name(at))}\n`).join("\n");
    expectGolden(join(import.meta.dir, "golden", "view-text.txt"), text);
  });

  function read(sql: string): Promise<ReadonlyMap<string, string>> {
    return pool.lend(async ({ database, session }) => {
      await database.query(sql);
      const graph = await readGraph(session, { auditSchema: "public" });
      const found = [...graph.objects.values()].filter((object) => object.kind === "view");
      return new Map(found.map((view) => [view.name, view.definition]));
    });
  }
});

function name(at: number): string {
  return `v${String(at).padStart(2, "0")}`;
}
