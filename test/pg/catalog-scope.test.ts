// What is left out of a graph: the server's own, temporary and extensions' objects, the tool's tables and what it has parked.
import { describe, expect, test } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import type { SchemaGraph } from "../../src/model/graph.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { connect } from "../../src/pg/session.ts";
import { createTestDatabase } from "../support/database.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();

function idsOf(graph: SchemaGraph): string[] {
  return [...graph.objects.keys()];
}

describe("objects of extensions", () => {
  test("are left alone, and what refers to them is not", async () => {
    const script = `create extension citext; create extension hstore; create table t (a citext, b hstore); create index i on t using gin (b)`;
    const graph = await bench.graphOf(script);
    expect(idsOf(graph)).toEqual([
      "column:public.t.a",
      "column:public.t.b",
      "extension:citext",
      "extension:hstore",
      "index:public.i",
      "schema:public",
      "table:public.t",
    ]);
    expect(graph.unmodelled).toEqual([]);
  });

  test("include tables, sequences, types, functions and schemas that were given to one", async () => {
    const graph = await bench.graphOf(`
      create extension citext; create schema given;
      create table given.t (id serial primary key, a int check (a > 0)); create index i on given.t (a); create policy p on given.t;
      create type given.e as enum ('a'); create function given.f() returns int language sql as 'select 1'; create view given.v as select 1 as a;
      create sequence given.s;
      alter extension citext add schema given; alter extension citext add table given.t; alter extension citext add type given.e;
      alter extension citext add function given.f(); alter extension citext add view given.v; alter extension citext add sequence given.s;
      create table mine (t_id int references given.t, e given.e, constraint c check (e = 'a'))`);
    expect(idsOf(graph)).toEqual([
      "check:public.mine.c",
      "column:public.mine.e",
      "column:public.mine.t_id",
      "extension:citext",
      "schema:public",
      "table:public.mine",
    ]);
    expect(graph.unmodelled).toEqual([
      { kind: "foreign key to a table that is not modelled", name: "public.mine.mine_t_id_fkey" },
    ]);
  });
});

test("temporary objects and information_schema are no part of a graph", async () => {
  await using database = await createTestDatabase();
  const session = await connect(resolveProcessConnection(database.url, {}), { applicationName: "zanith tests" });
  try {
    await session.execute("create temporary table here (id serial primary key, a int check (a > 0))");
    await session.execute("create temporary view there as select 1 as a");
    const graph = await readGraph(session, { auditSchema: "public" });
    expect(idsOf(graph)).toEqual(["schema:public"]);
    expect(graph.unmodelled).toEqual([]);
  } finally {
    await session.close();
  }
});

describe("the tool's own objects", () => {
  const own = `
    create schema audit; create schema _zanith_shadow;
    create table audit._zanith_migrations (id text primary key, n serial, check (n > 0)) with (fillfactor = 50);
    create index own_index on audit._zanith_migrations (n);
    alter table audit._zanith_migrations enable row level security; create policy p on audit._zanith_migrations;
    grant select on audit._zanith_migrations to public;
    create table audit._zanith_migration_steps (id text references audit._zanith_migrations);
    create table audit._zanith_schema_snapshots (id int); create table audit._zanith_migration_artifacts (id int);
    create table audit._zanith_migration_checkpoints (id int);
    create table _zanith_shadow.kept (id int primary key); create view _zanith_shadow.v as select 1 as a;
    create function _zanith_shadow.f() returns trigger language plpgsql as 'begin return new; end';
    create trigger g before insert on _zanith_shadow.kept for each row execute function _zanith_shadow.f();
    create trigger h before insert on audit._zanith_migrations for each row execute function _zanith_shadow.f();
    create table mine (id int)`;

  test("are left out with everything that hangs on them, and not even named", async () => {
    await bench.reset();
    await bench.run(own);
    const graph = await readGraph(bench.session, { auditSchema: "audit" });
    expect(idsOf(graph)).toEqual(["column:public.mine.id", "schema:public", "table:public.mine"]);
    expect(graph.unmodelled).toEqual([]);
  });

  test("are left out only in the schema that is said to hold them", async () => {
    await bench.reset();
    await bench.run("create table _zanith_migrations (id text); create table _zanith_other (id text)");
    const read = async (auditSchema: string) => idsOf(await readGraph(bench.session, { auditSchema }));
    expect(await read("public")).toEqual([
      "column:public._zanith_other.id",
      "schema:public",
      "table:public._zanith_other",
    ]);
    expect(await read("audit")).toContain("table:public._zanith_migrations");
  });

  test("leave their schema in the graph as soon as something else is in it", async () => {
    await bench.reset();
    await bench.run(`${own}; create type audit.level as enum ('low')`);
    const graph = await readGraph(bench.session, { auditSchema: "audit" });
    expect(idsOf(graph).filter((id) => id.includes("audit"))).toEqual(["enum:audit.level", "schema:audit"]);
  });

  test("are read when they are asked for", async () => {
    await bench.reset();
    await bench.run(own);
    const graph = await readGraph(bench.session, { auditSchema: "audit", includeOwn: true });
    expect(idsOf(graph)).toContain("table:audit._zanith_migrations");
    expect(idsOf(graph)).toContain("foreignKey:audit._zanith_migration_steps._zanith_migration_steps_id_fkey");
    expect(idsOf(graph)).toContain("primaryKey:_zanith_shadow.kept.kept_pkey");
    expect(idsOf(graph)).toContain("view:_zanith_shadow.v");
    expect(idsOf(graph).filter((id) => id.startsWith("grant:table audit._zanith_migrations"))).toHaveLength(1);
  });
});

describe("what a soft drop has parked", () => {
  test("a table is left out with its columns, constraints, indexes, sequences and the keys that lead to it", async () => {
    const graph = await bench.graphOf(`
      create table _zanith_dropped_t_1 (id serial primary key, a int check (a > 0)); create index i on _zanith_dropped_t_1 (a);
      create table b (id int references _zanith_dropped_t_1)`);
    expect(idsOf(graph)).toEqual(["column:public.b.id", "schema:public", "table:public.b"]);
    expect(graph.unmodelled).toEqual([]);
  });

  test("a column is left out with everything that dropping it would have dropped", async () => {
    const script = `
      create table a (x int, _zanith_dropped_y_1 serial, z int, unique (_zanith_dropped_y_1), unique (z),
        constraint both_columns check (x > _zanith_dropped_y_1), constraint one_column check (x > 0));
      create index plain on a (x, _zanith_dropped_y_1); create index expression on a ((x + _zanith_dropped_y_1));
      create index partial on a (x) where _zanith_dropped_y_1 > 0; create index stays on a (x) where z > 0;
      create table b (k int references a (_zanith_dropped_y_1), l int references a (z), _zanith_dropped_m_2 int references a (z))`;
    const graph = await bench.graphOf(script);
    expect([...graph.objects.values()].filter((o) => o.kind !== "table" && o.kind !== "schema")).toEqual([
      {
        kind: "check",
        schema: "public",
        table: "a",
        name: "one_column",
        expression: "((x > 0))",
        dependsOn: ["column:public.a.x"],
      },
      { kind: "column", schema: "public", table: "a", name: "x", position: 1, type: "integer" },
      { kind: "column", schema: "public", table: "a", name: "z", position: 2, type: "integer" },
      { kind: "column", schema: "public", table: "b", name: "k", position: 1, type: "integer" },
      { kind: "column", schema: "public", table: "b", name: "l", position: 2, type: "integer" },
      {
        kind: "foreignKey",
        schema: "public",
        table: "b",
        name: "b_l_fkey",
        columns: ["l"],
        references: { schema: "public", table: "a", columns: ["z"] },
      },
      {
        kind: "index",
        schema: "public",
        table: "a",
        name: "stays",
        definition: "btree (x) WHERE (z > 0)",
        columns: ["x"],
        dependsOn: ["column:public.a.z"],
      },
      { kind: "unique", schema: "public", table: "a", name: "a_z_key", columns: ["z"] },
    ] as never);
    expect(graph.unmodelled).toEqual([]);
  });

  test("is read when it is asked for", async () => {
    await bench.reset();
    await bench.run("create table _zanith_dropped_t_1 (a int); create table t (_zanith_dropped_b_1 int primary key)");
    const graph = await readGraph(bench.session, { auditSchema: "public", includeOwn: true });
    expect(idsOf(graph)).toEqual([
      "column:public._zanith_dropped_t_1.a",
      "column:public.t._zanith_dropped_b_1",
      "primaryKey:public.t.t_pkey",
      "schema:public",
      "table:public._zanith_dropped_t_1",
      "table:public.t",
    ]);
  });
});
