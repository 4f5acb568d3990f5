// What the catalog prints of views reads the same after the view has been made from it.
import { expect, test } from "bun:test";
import { planOperations } from "../../src/diff/plan-operations.ts";
import { applyOperations } from "../support/apply-operations.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();

test("a list of VALUES converges, and a literal that looks like one is left alone", async () => {
  const wanted = await bench.graphOf(
    "create view v as select 'FROM (VALUES (1)) '::text as t, 0 as n union all values ('x', 1), ('y', 2)",
  );
  await bench.reset();
  const empty = await bench.read();
  await applyOperations(bench.session, empty, planOperations(empty, wanted).operations);
  const made = await bench.read();
  expect(planOperations(made, wanted).operations).toEqual([]);
  const rows = await bench.session.rows("select t from public.v order by n");
  expect(rows.map(([text]) => text)).toEqual(["FROM (VALUES (1)) ", "x", "y"]);
});

test("what the graph does not hold of views is named", async () => {
  const { unmodelled } = await bench.graphOf(`
    create view v as select 1 as a; alter view v alter a set default 2;
    create materialized view m with (fillfactor = 50) as select 1 as a; alter materialized view m alter a set statistics 5`);
  expect(unmodelled.map(({ kind, name }) => `${kind}: ${name}`)).toEqual([
    "column defaults of view: public.v",
    "column options of materialized view: public.m",
    "storage parameters of materialized view: public.m",
  ]);
});
