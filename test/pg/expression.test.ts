// An expression that is written as it was printed is printed the same again: in checks, indexes, policies, defaults and
// generated columns. Otherwise every migration would leave a difference behind.
import { expect, test } from "bun:test";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import { planOperations } from "../../src/diff/plan-operations.ts";
import { emptyGraph } from "../../src/model/graph.ts";
import { asInput } from "../../src/sql/expression.ts";
import { applyOperations } from "../support/apply-operations.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();

const conditions = [
  "v in ('a', 'b')",
  "v not in ('a', 'it''s, (ARRAY[''x'']) \\ ok')",
  "v = any (array['a', 'b']) and c in ('x', 'y') and b in ('p', 'q') and e in ('ok', 'bad')",
  "v in ('a', upper(v)) or v in (v, 'x')",
  "v like 'a%' or v ~ '^[a-z]+$' or v similar to 'x%'",
  "v between 'a' and 'b' and i between -1 and 5",
  "(i between 1 and 2 and n > 1) or i not between 3 and 4 or (v = ') AND (' and (i, n) = (1, 2))",
  "((i, n) = (1, 2) and v = 'x' and c = 'y') is true and (i not between 1 and 2 or n = 1)",
  "case when i between 1 and 2 and n = 1 then (i between 3 and 4 and n = 2) else (n = 1 and (n = 2 and n = 3)) end",
  "i in (1, 2, 3) or n in (1, 2.5) or i = any ('{1,2}'::int[])",
  "n > 0 and n < 1e3 and i % 2 = 1 and -i < 3 and i::bigint > -9223372036854775808",
  "t > '2020-01-01' and t < now() + interval '1 day 02:00' and d is distinct from '2020-01-01'",
  "j ->> 'a' = 'x' and j @> '{\"a\": 1}' and j ? 'k'",
  "coalesce(v, c, 'x') <> '' and nullif(v, 'y') is not null and (v is null) is not true",
  "case when i > 1 then v = 'a' when i is null then true else length(v) > 2 end",
  "(i, n) > (1, 2) and row(i, n) is not null and i = greatest(1, i, 3)",
  "v collate \"C\" < 'x' and substring(v from 1 for 2) = 'ab' and position('a' in v) > 0 and trim(v) = v",
  "extract(year from t) > 2000 and t at time zone 'UTC' > '2020-01-01' and overlay(v placing 'x' from 1) <> ''",
  "tags && array['a', 'b']::text[] and tags[1] = 'x' and cardinality(tags) > 0 and vs @> array['a', 'b']::varchar[]",
];

const columns = `v varchar(20), c text, b char(3), e mood, i int, n numeric(10,2), t timestamptz, d date, j jsonb, tags text[], vs varchar(5)[]`;

for (const [index, condition] of conditions.entries()) {
  test(condition, async () => {
    // Indexes and generated columns take only what is the same at any time and in any zone.
    const steady = !/now\(\)|extract/.test(condition);
    const wanted = await bench.graphOf(`create type mood as enum ('ok', 'bad');
      create table t${index} (${columns}, check (${condition})${steady ? `, g boolean generated always as (${condition}) stored` : ""});
      create policy p on t${index} using (${condition}) with check (${condition});
      ${steady ? `create index on t${index} ((${condition})) where ${condition};` : ""}`);
    await bench.reset();
    const { operations } = planOperations(emptyGraph, wanted, { server: bench.server });
    await applyOperations(bench.session, emptyGraph, operations);
    expect(diffGraphs(await bench.read(), wanted)).toEqual([]);
  });
}

test("only what would be read otherwise is written otherwise", () => {
  const same = [
    "(a = 'x'::text)",
    "(a = ANY (ARRAY['a'::text, 'b'::text]))",
    "(a = '(ARRAY[''a''::character varying])::text[]'::text)",
    "(ARRAY[a, 'b'::character varying])::text[]",
    "(ARRAY[])::text[]",
    "((a AND b) OR c)",
    "(a AND (b AND c))",
    "((a OR b) AND c AND (d OR e))",
    "(f((a AND b)) AND c)",
    "(((a = ') AND ('::text) OR b) AND c)",
    '("(ARRAY[" = ARRAY[1])',
  ];
  for (const text of same) expect(asInput(text)).toBe(text);
  expect(asInput("(((a AND b) AND c) OR ((d OR e) OR f))")).toBe(
    "(((a AND b)::boolean AND c) OR ((d OR e)::boolean OR f))",
  );
  expect(
    asInput("((a)::text = ANY ((ARRAY['a''],'::character varying, E'\\\\'']'::character varying])::text[]))"),
  ).toBe(
    "((a)::text = ANY ((ARRAY['a''],'::character varying, E'\\\\'']'::character varying]::character varying[])::text[]))",
  );
});
