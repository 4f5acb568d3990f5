// What is granted in a database, as the graph says it: by how it differs from what a new object gives, whoever owns it.
import { expect, test } from "bun:test";
import { graphFromJson, graphHash, graphToJson } from "../../src/model/json.ts";
import { objectId } from "../../src/model/kinds.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();

async function granted(script: string): Promise<Record<string, string>> {
  const graph = await bench.graphOf(script);
  const said: Record<string, string> = {};
  for (const object of graph.objects.values()) {
    if (object.kind !== "grant" && object.kind !== "defaultPrivileges") continue;
    const { kind: _kind, on: _on, ...rest } = object;
    const standings = Object.entries(rest).filter(([name]) => !["to", "role", "in"].includes(name));
    said[objectId(object)] = standings.map(([name, held]) => `${name} ${held}`).join(", ");
  }
  return said;
}

test("what new objects have, or have again, is not said", async () => {
  const script = `create schema s; create table t (a int); create sequence q; create function f() returns int language sql return 1;
    create type e as enum ('a'); create view v as select 1 as a;
    grant select (a) on t to pg_monitor; revoke select (a) on t from pg_monitor; grant all on t to pg_monitor; revoke all on t from pg_monitor;
    revoke execute on function f() from public; grant execute on function f() to public; revoke all on q from current_user; grant all on q to current_user;
    alter default privileges grant select on tables to pg_monitor; alter default privileges revoke select on tables from pg_monitor`;
  expect(await granted(script)).toEqual({});
});

test("grants, grant options and what was taken away are said per object, column and role", async () => {
  const script = `create schema s; create table s."T" (a int, "B" int); create view v as select 1 as a; create type e as enum ('a');
    create function f(a int) returns int language sql return 1; create aggregate g(int) (sfunc = int4pl, stype = int);
    grant usage on schema s to pg_monitor; grant select on s."T" to pg_monitor with grant option; grant insert on s."T" to pg_monitor, public;
    grant select ("B"), update ("B") on s."T" to pg_monitor; grant select (a) on v to public; revoke usage on type e from public;
    revoke execute on function f(int), g(int) from public; revoke truncate on s."T" from current_user`;
  expect(await granted(script)).toEqual({
    "grant:aggregate public.g(integer) to public": "execute none",
    "grant:column public.v.a to public": "select granted",
    'grant:column s."T"."B" to pg_monitor': "select granted, update granted",
    "grant:enum public.e to public": "usage none",
    "grant:function public.f(integer) to public": "execute none",
    "grant:schema s to pg_monitor": "usage granted",
    'grant:table s."T" to its owner': "truncate none",
    'grant:table s."T" to pg_monitor': "select grantable, insert granted",
    'grant:table s."T" to public': "insert granted",
  });
});

test("the schema public is compared with what a new database has, whoever made it", async () => {
  expect(
    await granted("revoke usage on schema public from public; grant create on schema public to pg_monitor"),
  ).toEqual({
    "grant:schema public to pg_monitor": "create granted",
    "grant:schema public to public": "usage none",
  });
  expect(await granted("drop schema public; create schema public")).toEqual({
    // until 14 a new database lets everybody create in it, and a schema made by hand does not
    "grant:schema public to public": bench.server < 150000 ? "usage none, create none" : "usage none",
  });
});

test("the owner's name does not matter", async () => {
  const grants = "grant select on t to pg_monitor; revoke insert on t from";
  const mine = `create table t (a int); ${grants} current_user`;
  const given = `create table t (a int); alter table t owner to pg_read_all_data; ${grants} pg_read_all_data`;
  expect(await granted(given)).toEqual(await granted(mine));
  expect(graphHash(await bench.graphOf(given))).toBe(graphHash(await bench.graphOf(mine)));
});

test("default privileges are those of the role that migrates unless they name another one", async () => {
  const script = `create schema s; alter default privileges in schema s grant select on tables to pg_monitor;
    alter default privileges revoke execute on functions from public; alter default privileges revoke insert on tables from current_user;
    alter default privileges for role pg_read_all_data grant usage on sequences to public`;
  expect(await granted(script)).toEqual({
    "defaultPrivileges:functions to public": "execute none",
    "defaultPrivileges:sequences of pg_read_all_data to public": "usage granted",
    "defaultPrivileges:tables in s to pg_monitor": "select granted",
    "defaultPrivileges:tables to their owner": "insert none",
  });
});

test("a graph with grants is the same after it was written and read", async () => {
  const script = `create table t (a int); grant select (a) on t to pg_monitor with grant option; alter default privileges grant usage on types to pg_monitor`;
  const graph = await bench.graphOf(script);
  const { graph: again, intact } = graphFromJson(graphToJson(graph), "graph.json");
  expect(intact).toBe(true);
  expect([...again.objects]).toEqual([...graph.objects]);
});
