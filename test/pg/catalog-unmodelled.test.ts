// Nothing in the catalog is passed over: what the graph does not model is named, by kind, and leaves no parts behind.
import { afterAll, describe, expect, test } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { connect } from "../../src/pg/session.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";
import { withDatabase } from "../support/with-database.ts";

const bench = await withSchemaBench();
const since15 = test.skipIf(bench.server < 150000);
const since18 = test.skipIf(bench.server < 180000);

async function unmodelled(script: string): Promise<readonly string[]> {
  return (await bench.graphOf(script)).unmodelled.map(({ kind, name }) => `${kind}: ${name}`);
}

describe("kinds of relation", () => {
  test("are named, and nothing of them is in the graph", async () => {
    const script = "create type shape as (x int); create table typed of shape";
    const graph = await bench.graphOf(script);
    expect([...graph.objects.keys()]).toEqual(["compositeType:public.shape", "schema:public"]);
    expect(await unmodelled(script)).toEqual(["typed table: public.typed"]);
  });
});

test("types that cannot be made by one statement are named", async () => {
  const script =
    "create domain d as int; create type c as (a int); create type r as range (subtype = int); create type shell";
  expect(await unmodelled(script)).toEqual(["base type: public.shell"]);
});

test("objects of every other kind with a schema are named", async () => {
  const script = `
    create text search configuration tc (copy = simple); create text search dictionary td (template = simple);
    create text search parser tp (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
    create text search template tt (lexize = dsimple_lexize);
    create operator === (leftarg = int, rightarg = int, function = int4eq); create operator family fam using btree;
    create operator class oc for type int using hash as operator 1 =; create conversion conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8`;
  expect(await unmodelled(script)).toEqual([
    "conversion: public.conv",
    "operator: public.===(integer,integer)",
    "operator class: public.oc USING hash",
    "operator family: public.fam USING btree",
    "operator family: public.oc USING hash",
    "text search parser: public.tp",
    "text search template: public.tt",
  ]);
});

describe("constraints", () => {
  since18("a NOT NULL constraint that came from a parent is named when more than its name is its own", async () => {
    const script = `
      create table p (a int not null); create table c (d int) inherits (p); comment on constraint p_a_not_null on c is 'x'`;
    expect(await unmodelled(script)).toEqual(["comment on not null constraint: public.c.p_a_not_null"]);
  });
});

describe("attributes", () => {
  test("of indexes are named where their definition does not hold them", async () => {
    const script = `
      create table t (a int primary key, b int, constraint u unique (b) with (fillfactor = 50)); comment on index u is 'x';
      create index i on t ((a + 1)) with (fillfactor = 50); alter index i alter column 1 set statistics 7; create index j on t (b);
      create table v (a int primary key)`;
    expect(await unmodelled(script)).toEqual([
      "comment on index of a constraint: public.u",
      "statistics target of index column: public.i",
      "storage parameters of index: public.u",
    ]);
  });

  test("of sequences are named", async () => {
    const script = `create table t (a int generated always as identity, b int generated always as identity);
      comment on sequence t_a_seq is 'x'; alter sequence t_b_seq as bigint`;
    expect(await unmodelled(script)).toEqual([
      "comment on identity sequence: public.t.a",
      "type of identity sequence: public.t.b",
    ]);
  });

  since15("whether a sequence is logged counts where it is not as its table", async () => {
    const script = `create unlogged table t (a serial, b int generated always as identity); create unlogged sequence s;
      create table u (a serial); alter sequence u_a_seq set unlogged`;
    expect(await unmodelled(script)).toEqual([
      "persistence of sequence: public.s",
      "persistence of sequence: public.u_a_seq",
    ]);
  });
});

describe("grants and owners", () => {
  test("grants are named where somebody else than the owner gave them, and on the sequences of identity columns", async () => {
    const script = `
      create schema s; create table t (a int, b int generated always as identity); create sequence q; create type e as enum ('a');
      grant select, insert on t to pg_monitor with grant option; grant select (a) on t to public; grant usage on schema s to public;
      grant usage on schema public to pg_monitor; grant usage on q to public; grant usage on t_b_seq to public; revoke usage on type e from public;
      set role pg_monitor; grant select on t to pg_read_all_stats; reset role;
      select lo_create(77); grant select on large object 77 to pg_monitor;
      do $$ begin execute format('grant create on database %I to pg_monitor', current_database()); end $$`;
    expect(await unmodelled(script)).toEqual([
      "grants by another role than the owner: public.t",
      `grants on database: ${new URL(bench.url).pathname.slice(1)}`,
      "grants on identity sequence: public.t_b_seq",
      "grants on large object: 77",
    ]);
    await bench.run(`select lo_unlink(77);
      do $$ begin execute format('revoke create on database %I from pg_monitor', current_database()); end $$`);
  });

  test("roles other than the database's owner are named once, whatever they own", async () => {
    const script = `create table a (x serial); alter table a owner to pg_monitor; create table b (x int); alter table b owner to pg_monitor;
      create type e as enum ('a'); alter type e owner to pg_read_all_stats`;
    expect(await unmodelled(script)).toEqual([
      "objects owned by role: pg_monitor",
      "objects owned by role: pg_read_all_stats",
    ]);
  });
});

describe("objects without a schema", async () => {
  const database = await withDatabase({
    sql: `
      create type c as (a int); create extension postgres_fdw; create function handler() returns fdw_handler language c as '$libdir/postgres_fdw', 'postgres_fdw_handler';
      create function ef() returns event_trigger language plpgsql as 'begin end';
      create event trigger et on ddl_command_end execute function ef(); alter event trigger et disable;
      create subscription sub connection 'host=localhost' publication p with (connect = false, enabled = false, slot_name = none);
      create cast (c as text) with inout; create language l handler plpgsql_call_handler; create access method am type index handler bthandler;
      create table heaped (a int) using heap`,
  });
  const session = await connect(resolveProcessConnection(database.url, {}), { applicationName: "zanith tests" });
  afterAll(() => session.close());

  test("are named", async () => {
    const { unmodelled: found } = await readGraph(session, { auditSchema: "public" });
    await session.execute("drop subscription sub");
    expect(found.map(({ kind, name }) => `${kind}: ${name}`)).toEqual([
      "access method: am",
      "cast: (public.c AS pg_catalog.text)",
      "language: l",
      "subscription: sub",
    ]);
  });
});
