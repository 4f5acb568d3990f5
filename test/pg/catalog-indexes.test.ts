// Indexes as they are read from the catalog: a definition is what the server itself would print, however it was got.
import { describe, expect, test } from "bun:test";
import type { SchemaObject } from "../../src/model/object.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();
const since15 = test.skipIf(bench.server < 150000);

async function indexes(script: string): Promise<SchemaObject[]> {
  return [...(await bench.graphOf(script)).objects.values()].filter(({ kind }) => kind === "index");
}

describe("indexes", () => {
  test("a plain index carries its method and its column", async () => {
    expect(await indexes("create table t (a int); create index i on t (a); create unique index u on t (a)")).toEqual([
      { kind: "index", schema: "public", table: "t", name: "i", definition: "btree (a)", columns: ["a"] },
      { kind: "index", schema: "public", table: "t", name: "u", definition: "btree (a)", columns: ["a"], unique: true },
    ]);
  });

  test("an index with everything carries it in its definition", async () => {
    const script = `create table t (a int, b text, c int); create unique index i on t using btree
      (a desc nulls last, lower(b) collate "C" text_pattern_ops, b) include (c) with (fillfactor = 70) where c > 0;
      comment on index i is 'all of it'`;
    expect(await indexes(script)).toEqual([
      {
        kind: "index",
        schema: "public",
        table: "t",
        name: "i",
        definition: `btree (a DESC NULLS LAST, lower(b) COLLATE "C" text_pattern_ops, b) INCLUDE (c) WITH (fillfactor='70') WHERE (c > 0)`,
        columns: ["a", "b", "c"],
        unique: true,
        comment: "all of it",
      },
    ]);
  });

  test("an index refers to the columns of its expressions, not to those its structure names already", async () => {
    const script = `create type mood as enum ('x'); create table t (a int, b text, c int, m mood);
      create index i on t (a, (c + a), upper(b)) where m = 'x' and a > 0`;
    expect(await indexes(script)).toEqual([
      {
        kind: "index",
        schema: "public",
        table: "t",
        name: "i",
        definition: "btree (a, ((c + a)), upper(b)) WHERE ((m = 'x'::public.mood) AND (a > 0))",
        columns: ["a"],
        dependsOn: ["column:public.t.b", "column:public.t.c", "column:public.t.m", "enum:public.mood"],
      },
    ]);
  });

  since15("an index may treat nulls as equal", async () => {
    expect(await indexes("create table t (a int); create unique index i on t (a) nulls not distinct")).toEqual([
      {
        kind: "index",
        schema: "public",
        table: "t",
        name: "i",
        definition: "btree (a) NULLS NOT DISTINCT",
        columns: ["a"],
        unique: true,
      },
    ]);
  });

  test("an index that a failed concurrent build left behind is invalid", async () => {
    await bench.reset();
    await bench.run("create table t (a int); insert into t values (1), (1)");
    const built = bench.session.execute("create unique index concurrently i on public.t (a)");
    expect(await built.then(String, (error) => error.details.sqlstate)).toBe("23505");
    expect((await bench.read()).objects.get("index:public.i")).toEqual({
      kind: "index",
      schema: "public",
      table: "t",
      name: "i",
      definition: "btree (a)",
      columns: ["a"],
      unique: true,
      invalid: true,
    });
  });

  test("indexes of constraints are part of them", async () => {
    const script =
      "create extension btree_gist; create table t (a int primary key, b int unique, exclude using gist (a with =))";
    expect(await indexes(script)).toEqual([]);
  });

  test("an index lies in the schema of its table", async () => {
    const script =
      "create schema s; create table s.t (a int); create index i on s.t (a); create index j on s.t using hash (a)";
    expect((await indexes(script)).map((o) => o.kind === "index" && [o.schema, o.name, o.definition])).toEqual([
      ["s", "i", "btree (a)"],
      ["s", "j", "hash (a)"],
    ]);
  });
});

test("every definition is the tail of what pg_get_indexdef prints", async () => {
  const script = `
    create extension citext; create type mood as enum ('x'); create domain short as varchar(5); create type pair as (a int, b int);
    create collation "own" from "C";
    create table t (
      i int, b bigint, s smallint, o oid, n numeric, f float8, t text, v varchar(9), c char(3), nm name, ci citext, m mood,
      d date, ts timestamptz, u uuid, by bytea, ia int[], ta text[], r int4range, sh short, pr pair, bo bool, ip inet, xc text collate "C",
      j jsonb, p point, tv tsvector, "Order" int, "values" int, "a ""b"" USING" int
    );
    create domain own_int as int;
    create table typed (a own_int, b own_int[]);
    create operator class int_own for type int using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint4cmp(int, int);`;
  const keys = [
    ..."i b s o n f t v c nm ci m d ts u by ia ta r sh pr bo ip xc j tv".split(" "),
    '"Order"',
    '"values"',
    '"a ""b"" USING"',
    "i desc",
    "i nulls first",
    "i desc nulls last",
    "i int_own",
    "ci text_ops",
    "v varchar_ops",
    "v text_ops",
    "t text_pattern_ops",
    "v bpchar_ops",
    't collate "C"',
    't collate "own"',
    'xc collate "default"',
    "i, b",
    "i, i",
    "(i + 1)",
    "i, (i + 1), t",
    "((t || 'x'))",
  ];
  const statements = keys.map((key, at) => `create index k${at} on t (${key})`);
  const others = [
    "create index o1 on t using hash (i)",
    "create index o2 on t using gin (j jsonb_path_ops)",
    "create index o3 on t using gin (ta)",
    "create index o4 on t using gist (p)",
    "create index o5 on t using gist (tv tsvector_ops (siglen=100))",
    "create index o6 on t using brin (ts) with (pages_per_range = 8)",
    "create index o7 on t using spgist (t)",
    "create index o8 on t (i) where i > 0",
    "create index o9 on t (i) include (b, t)",
    "create unique index o10 on t (i) with (fillfactor = 50, deduplicate_items = off)",
    "create index o11 on t (i) where t = ' USING '",
    "create index o12 on typed (a)",
    "create index o13 on typed (b)",
  ];
  await bench.reset();
  await bench.run([script, ...statements, ...others].join(";\n"));
  const printed = await bench.session.rows(
    `select c.relname, pg_catalog.pg_get_indexdef(c.oid)
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'i' and n.nspname = 'public' order by 1`,
  );
  const expected = printed.map(([name, text]) => [
    name,
    text?.slice(text.indexOf(" USING ", text.indexOf(" ON ")) + 7),
  ]);
  const found = [...(await bench.read()).objects.values()].flatMap((o) =>
    o.kind === "index" ? [[o.name, o.definition]] : [],
  );
  expect(found).toHaveLength(statements.length + others.length);
  expect(found.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))).toEqual(expected as never);
});
