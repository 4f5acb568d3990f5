// Every kind of object as it is read from the catalog, as whole values: optional members are absent when they hold the default.
import { describe, expect, test } from "bun:test";
import { graphFromJson, graphToJson } from "../../src/model/json.ts";
import { type ObjectId, objectId } from "../../src/model/kinds.ts";
import type { ObjectKind, SchemaObject } from "../../src/model/object.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();
const since15 = test.skipIf(bench.server < 150000);
const since18 = test.skipIf(bench.server < 180000);

/** The objects of some kinds that a script makes, in id order; the graph is one that a document can carry. */
async function read(script: string, ...kinds: readonly ObjectKind[]): Promise<SchemaObject[]> {
  const graph = await bench.graphOf(script);
  expect(graphFromJson(graphToJson(graph), "the graph").graph).toEqual(graph);
  return [...graph.objects.values()].filter(({ kind }) => kinds.includes(kind));
}

/** One object of a script, by its id. */
async function readOne(script: string, id: ObjectId): Promise<SchemaObject | undefined> {
  return (await bench.graphOf(script)).objects.get(id);
}

describe("schemas, extensions, enums", () => {
  test("an empty database holds the schema public and nothing else", async () => {
    const graph = await bench.graphOf("");
    expect([...graph.objects]).toEqual([["schema:public", { kind: "schema", name: "public" }]]);
    expect(graph.unmodelled).toEqual([]);
  });

  test("a schema carries its comment; the comment that public comes with does not count", async () => {
    const script = `
      create schema sales; comment on schema sales is 'where money is made';
      comment on schema public is 'standard public schema'`;
    expect(await read(script, "schema")).toEqual([
      { kind: "schema", name: "public" },
      { kind: "schema", name: "sales", comment: "where money is made" },
    ]);
    expect(await readOne("comment on schema public is 'ours'", "schema:public")).toEqual({
      kind: "schema",
      name: "public",
      comment: "ours",
    });
  });

  test("a database without the schema public has none in its graph", async () => {
    expect(await read("drop schema public", "schema")).toEqual([]);
  });

  test("an extension carries only a comment that is not its control file's", async () => {
    const script = `
      create schema tools; create extension citext; create extension pgcrypto schema tools;
      comment on extension pgcrypto is 'for tokens'`;
    expect(await read(script, "extension", "enum", "table", "column")).toEqual([
      { kind: "extension", name: "citext", schema: "public" },
      { kind: "extension", name: "pgcrypto", schema: "tools", comment: "for tokens" },
    ]);
  });

  test("an enum's values are in their order, whatever the order of their making", async () => {
    const script = `
      create type mood as enum ('sad', 'happy'); alter type mood add value 'so, "so"' before 'happy';
      alter type mood add value 'O''Brien' before 'sad'; create type nothing as enum (); comment on type mood is 'how one feels'`;
    expect(await read(script, "enum")).toEqual([
      {
        kind: "enum",
        schema: "public",
        name: "mood",
        values: ["O'Brien", "sad", 'so, "so"', "happy"],
        comment: "how one feels",
      },
      { kind: "enum", schema: "public", name: "nothing", values: [] },
    ]);
  });
});

describe("sequences", () => {
  test("options are absent when they are the type's own, upwards and downwards", async () => {
    const script = `
      create sequence a; create sequence b as smallint; create sequence c as integer increment by -1;
      create sequence d increment by -2; comment on sequence d is 'down'`;
    expect(await read(script, "sequence")).toEqual([
      { kind: "sequence", schema: "public", name: "a" },
      { kind: "sequence", schema: "public", name: "b", type: "smallint" },
      { kind: "sequence", schema: "public", name: "c", type: "integer", increment: "-1" },
      { kind: "sequence", schema: "public", name: "d", increment: "-2", comment: "down" },
    ]);
  });

  test("every option that is not the default is there", async () => {
    const script = `
      create sequence up as integer increment by 5 minvalue 10 maxvalue 1000 start 15 cache 20 cycle;
      create sequence down increment by -1 minvalue -50 maxvalue -2 start -3`;
    expect(await read(script, "sequence")).toEqual([
      { kind: "sequence", schema: "public", name: "down", start: "-3", increment: "-1", min: "-50", max: "-2" },
      {
        kind: "sequence",
        schema: "public",
        name: "up",
        type: "integer",
        start: "15",
        increment: "5",
        min: "10",
        max: "1000",
        cache: "20",
        cycle: true,
      },
    ]);
  });

  test("a serial column refers to its sequence, which belongs to the column", async () => {
    expect(await read("create table t (id serial, n int)", "sequence", "column")).toEqual([
      {
        kind: "column",
        schema: "public",
        table: "t",
        name: "id",
        position: 1,
        type: "integer",
        notNull: true,
        default: "nextval('public.t_id_seq'::regclass)",
        dependsOn: ["sequence:public.t_id_seq"],
      },
      { kind: "column", schema: "public", table: "t", name: "n", position: 2, type: "integer" },
      {
        kind: "sequence",
        schema: "public",
        name: "t_id_seq",
        type: "integer",
        ownedBy: { table: "t", column: "id" },
      },
    ]);
  });

  test("a column may draw from a sequence that is free or another column's", async () => {
    const script = `
      create sequence numbers; create table a (id bigserial, n bigint default nextval('numbers'));
      create table b (id bigint default nextval('a_id_seq'))`;
    expect(await readOne(script, "column:public.a.n")).toMatchObject({ dependsOn: ["sequence:public.numbers"] });
    expect(await readOne(script, "column:public.b.id")).toMatchObject({ dependsOn: ["sequence:public.a_id_seq"] });
  });
});

describe("tables and columns", () => {
  test("a table carries its comment and whether it is unlogged; it may have no columns", async () => {
    const script = "create table a (); create unlogged table b (x int); comment on table b is 'may be lost'";
    expect(await read(script, "table", "column")).toEqual([
      { kind: "column", schema: "public", table: "b", name: "x", position: 1, type: "integer" },
      { kind: "table", schema: "public", name: "a" },
      { kind: "table", schema: "public", name: "b", unlogged: true, comment: "may be lost" },
    ]);
  });

  test("types are printed in full, with modifiers, dimensions and schemas", async () => {
    const script = `
      create schema s; create type s."Level" as enum ('a'); create domain s.positive as int check (value > 0);
      create type pair as (a int, b int);
      create table t (
        c1 varchar(20), c2 char(3), c3 numeric(10,2)[], c4 timestamp(3) with time zone, c5 interval day to second(2),
        c6 s."Level", c7 s."Level"[], c8 s.positive, c9 pair, c10 bit varying(4), c11 double precision, c12 "char"
      )`;
    const types = (await read(script, "column")).map(
      (column) => column.kind === "column" && [column.position, column.type],
    );
    expect(types.sort((a, b) => Number((a as unknown[])[0]) - Number((b as unknown[])[0]))).toEqual([
      [1, "character varying(20)"],
      [2, "character(3)"],
      [3, "numeric(10,2)[]"],
      [4, "timestamp(3) with time zone"],
      [5, "interval day to second(2)"],
      [6, 's."Level"'],
      [7, 's."Level"[]'],
      [8, "s.positive"],
      [9, "public.pair"],
      [10, "bit varying(4)"],
      [11, "double precision"],
      [12, '"char"'],
    ]);
  });

  test("a column refers to the enum or the table that its type is made from", async () => {
    const script =
      "create type mood as enum ('x'); create table a (n int); create table b (m mood, ms mood[], r a, rs a[])";
    expect((await read(script, "column")).slice(1)).toEqual([
      {
        kind: "column",
        schema: "public",
        table: "b",
        name: "m",
        position: 1,
        type: "public.mood",
        dependsOn: ["enum:public.mood"],
      },
      {
        kind: "column",
        schema: "public",
        table: "b",
        name: "ms",
        position: 2,
        type: "public.mood[]",
        dependsOn: ["enum:public.mood"],
      },
      {
        kind: "column",
        schema: "public",
        table: "b",
        name: "r",
        position: 3,
        type: "public.a",
        dependsOn: ["table:public.a"],
      },
      {
        kind: "column",
        schema: "public",
        table: "b",
        name: "rs",
        position: 4,
        type: "public.a[]",
        dependsOn: ["table:public.a"],
      },
    ]);
  });

  test("positions count the columns that are left", async () => {
    const script =
      "create table t (a int, b int, c int, d int); alter table t drop column a, drop column c, add column e int";
    expect((await read(script, "column")).map((o) => o.kind === "column" && [o.name, o.position])).toEqual([
      ["b", 1],
      ["d", 2],
      ["e", 3],
    ]);
  });

  test("a default is printed the same whatever the session's settings are", async () => {
    const script = `create table t (
      a timestamptz default '2024-05-01 12:00+02', b interval default '1 day 02:00', c date default '2024-12-31',
      d float8 default 0.1, e bytea default '\\x00ff', f text default 'a\\b', g text default 'it''s' || chr(10), h int default 1 + 1,
      i text default null
    )`;
    const expected = [
      ["a", "'2024-05-01 10:00:00+00'::timestamp with time zone"],
      ["b", "'1 day 02:00:00'::interval"],
      ["c", "'2024-12-31'::date"],
      ["d", "0.1"],
      ["e", "'\\x00ff'::bytea"],
      ["f", "'a\\b'::text"],
      ["g", "('it''s'::text || chr(10))"],
      ["h", "(1 + 1)"],
      ["i", undefined],
    ];
    const defaults = (graph: readonly SchemaObject[]) => graph.map((o) => o.kind === "column" && [o.name, o.default]);
    expect(defaults(await read(script, "column"))).toEqual(expected as never);
    for (const setting of [
      "datestyle to 'SQL, DMY'",
      "timezone to 'Asia/Tokyo'",
      "intervalstyle to 'iso_8601'",
      "bytea_output to 'escape'",
      "extra_float_digits to -15",
      "standard_conforming_strings to off",
      "quote_all_identifiers to on",
      "search_path to public",
    ]) {
      await bench.session.execute(`set ${setting}`);
    }
    const again: SchemaObject[] = [...(await bench.read()).objects.values()].filter((o) => o.kind === "column");
    expect(again).toEqual(await read(script, "column"));
    await bench.session.execute("reset all");
    await bench.session.execute("set search_path to ''");
  });

  test("a collation is there only when it is not the type's own", async () => {
    const script = `create collation "My Collation" from "C"; create table t (
      a text, b text collate "C", c varchar(3) collate "POSIX", d text collate "My Collation", e text collate "default", f name, g name collate "default")`;
    expect((await read(script, "column")).map((o) => o.kind === "column" && [o.name, o.collation])).toEqual([
      ["a", undefined],
      ["b", 'pg_catalog."C"'],
      ["c", 'pg_catalog."POSIX"'],
      ["d", 'public."My Collation"'],
      ["e", undefined],
      ["f", undefined],
      ["g", 'pg_catalog."default"'],
    ]);
  });

  test("an identity column carries what of its sequence is not the default", async () => {
    const script = `
      create table t (a bigint generated always as identity, b int generated by default as identity (start 5 increment by 10 cache 3),
        c smallint generated always as identity (sequence name own_name minvalue 0 maxvalue 100 cycle));
      create table before (id int generated always as identity); alter table before rename to after`;
    expect(
      (await read(script, "column", "sequence")).map(
        (o) => o.kind === "column" && [o.table, o.name, o.notNull, o.identity],
      ),
    ).toEqual([
      ["after", "id", true, { generation: "always", sequence: "before_id_seq" }],
      ["t", "a", true, { generation: "always" }],
      ["t", "b", true, { generation: "by default", start: "5", increment: "10", cache: "3" }],
      // the server starts a sequence at its minimum
      ["t", "c", true, { generation: "always", sequence: "own_name", min: "0", max: "100", cycle: true }],
    ] as never);
  });

  test("a generated column carries its expression and refers to the columns in it", async () => {
    const script = `create type mood as enum ('x'); create table t (a int, b int generated always as (a * 2) stored, m mood,
      c bool generated always as (m = 'x') stored)`;
    expect(await readOne(script, "column:public.t.b")).toEqual({
      kind: "column",
      schema: "public",
      table: "t",
      name: "b",
      position: 2,
      type: "integer",
      generated: { expression: "(a * 2)", storage: "stored" },
      dependsOn: ["column:public.t.a"],
    });
    expect(await readOne(script, "column:public.t.c")).toMatchObject({
      generated: { expression: "(m = 'x'::public.mood)", storage: "stored" },
      dependsOn: ["column:public.t.m", "enum:public.mood"],
    });
  });

  since18("a generated column may be virtual", async () => {
    const script = "create table t (a int, b int generated always as (a * 2))";
    expect(await readOne(script, "column:public.t.b")).toMatchObject({
      generated: { expression: "(a * 2)", storage: "virtual" },
      dependsOn: ["column:public.t.a"],
    });
  });

  test("columns carry comments, whatever their place", async () => {
    const script = `create table t (gone int, a int, b text not null default ''); alter table t drop column gone;
      comment on column t.b is 'never null'`;
    expect(await read(script, "column")).toEqual([
      { kind: "column", schema: "public", table: "t", name: "a", position: 1, type: "integer" },
      {
        kind: "column",
        schema: "public",
        table: "t",
        name: "b",
        position: 2,
        type: "text",
        notNull: true,
        default: "''::text",
        comment: "never null",
      },
    ]);
  });
});

describe("constraints", () => {
  const two = "create table a (x int primary key, y int, z int, unique (y, z)); create table b (p int, q int, r int);";

  test("a primary key makes its columns not null and keeps their order", async () => {
    const script = `create table t (a int, b int, c int, constraint "the key" primary key (c, a) include (b));
      comment on constraint "the key" on t is 'by c, then a'`;
    expect((await read(script, "primaryKey", "column", "index")).map(({ kind, ...rest }) => [kind, rest])).toEqual([
      ["column", { schema: "public", table: "t", name: "a", position: 1, type: "integer", notNull: true }],
      ["column", { schema: "public", table: "t", name: "b", position: 2, type: "integer" }],
      ["column", { schema: "public", table: "t", name: "c", position: 3, type: "integer", notNull: true }],
      [
        "primaryKey",
        { schema: "public", table: "t", name: "the key", columns: ["c", "a"], include: ["b"], comment: "by c, then a" },
      ],
    ] as never);
  });

  test("keys may be deferrable and initially deferred", async () => {
    const script = `create table t (a int, b int, c int, constraint p primary key (a) deferrable,
      constraint u unique (b) deferrable initially deferred, constraint v unique (c, b))`;
    expect(await read(script, "primaryKey", "unique")).toEqual([
      { kind: "primaryKey", schema: "public", table: "t", name: "p", columns: ["a"], deferrable: true },
      {
        kind: "unique",
        schema: "public",
        table: "t",
        name: "u",
        columns: ["b"],
        deferrable: true,
        initiallyDeferred: true,
      },
      { kind: "unique", schema: "public", table: "t", name: "v", columns: ["c", "b"] },
    ]);
  });

  since15("a unique constraint may treat nulls as equal", async () => {
    const script = "create table t (a int, constraint u unique nulls not distinct (a))";
    expect(await readOne(script, "unique:public.t.u")).toEqual({
      kind: "unique",
      schema: "public",
      table: "t",
      name: "u",
      columns: ["a"],
      nullsNotDistinct: true,
    });
  });

  test("a plain foreign key carries its columns and nothing more", async () => {
    expect(await read(`${two} alter table b add constraint k foreign key (p) references a`, "foreignKey")).toEqual([
      {
        kind: "foreignKey",
        schema: "public",
        table: "b",
        name: "k",
        columns: ["p"],
        references: { schema: "public", table: "a", columns: ["x"] },
      },
    ]);
  });

  test("a foreign key carries everything that was said about it", async () => {
    const script = `${two} alter table b add constraint k foreign key (q, p) references a (y, z) match full
      on update cascade on delete set null deferrable initially deferred not valid; comment on constraint k on b is 'both'`;
    expect(await read(script, "foreignKey")).toEqual([
      {
        kind: "foreignKey",
        schema: "public",
        table: "b",
        name: "k",
        columns: ["q", "p"],
        references: { schema: "public", table: "a", columns: ["y", "z"] },
        match: "full",
        onUpdate: "cascade",
        onDelete: "set null",
        deferrable: true,
        initiallyDeferred: true,
        notValid: true,
        comment: "both",
      },
    ]);
  });

  test("every action of a foreign key has its word", async () => {
    const actions = ["restrict", "cascade", "set null", "set default", "no action"];
    const script = actions.map(
      (one, at) => `alter table b add constraint k${at} foreign key (p) references a on delete ${one} on update ${one}`,
    );
    expect(
      (await read(`${two} ${script.join(";")}`, "foreignKey")).map(
        (o) => o.kind === "foreignKey" && [o.onDelete, o.onUpdate],
      ),
    ).toEqual([
      ["restrict", "restrict"],
      ["cascade", "cascade"],
      ["set null", "set null"],
      ["set default", "set default"],
      [undefined, undefined],
    ]);
  });

  since15("a foreign key may set only some of its columns", async () => {
    const script = `${two} alter table b add constraint k foreign key (p, q) references a (y, z) on delete set default (q)`;
    expect(await readOne(script, "foreignKey:public.b.k")).toMatchObject({
      onDelete: "set default",
      onDeleteColumns: ["q"],
    });
  });

  test("a foreign key may lead to its own table and to another schema", async () => {
    const script = `create schema s; create table s.a (id int primary key, up int references s.a); create table b (id int references s.a)`;
    expect(
      (await read(script, "foreignKey")).map((o) => o.kind === "foreignKey" && [o.schema, o.table, o.references]),
    ).toEqual([
      ["public", "b", { schema: "s", table: "a", columns: ["id"] }],
      ["s", "a", { schema: "s", table: "a", columns: ["id"] }],
    ]);
  });

  test("a check reads as pg_get_constraintdef prints it after CHECK", async () => {
    const script = `create type mood as enum ('x', 'y'); create table t (a int, b text, m mood,
      constraint c1 check (a > 0 and a < 10), constraint c2 check (b ~ '^[a-z]+$' or b is null) no inherit, constraint c3 check (true),
      constraint c4 check (m <> 'x'), constraint c5 check (length(b) between 1 and a));
      alter table t add constraint c6 check (a <> 5) not valid; comment on constraint c6 on t is 'not yet'`;
    const checks = await read(script, "check");
    expect(checks).toEqual([
      {
        kind: "check",
        schema: "public",
        table: "t",
        name: "c1",
        expression: "(((a > 0) AND (a < 10)))",
        dependsOn: ["column:public.t.a"],
      },
      {
        kind: "check",
        schema: "public",
        table: "t",
        name: "c2",
        expression: "(((b ~ '^[a-z]+$'::text) OR (b IS NULL)))",
        noInherit: true,
        dependsOn: ["column:public.t.b"],
      },
      { kind: "check", schema: "public", table: "t", name: "c3", expression: "(true)" },
      {
        kind: "check",
        schema: "public",
        table: "t",
        name: "c4",
        expression: "((m <> 'x'::public.mood))",
        dependsOn: ["column:public.t.m", "enum:public.mood"],
      },
      {
        kind: "check",
        schema: "public",
        table: "t",
        name: "c5",
        expression: "(((length(b) >= 1) AND (length(b) <= a)))",
        dependsOn: ["column:public.t.a", "column:public.t.b"],
      },
      {
        kind: "check",
        schema: "public",
        table: "t",
        name: "c6",
        expression: "((a <> 5))",
        notValid: true,
        comment: "not yet",
        dependsOn: ["column:public.t.a"],
      },
    ]);
    await bench.reset();
    await bench.run(script);
    const printed = await bench.session.rows(
      "select pg_catalog.pg_get_constraintdef(k.oid) from pg_catalog.pg_constraint k where k.contype = 'c' and k.conrelid = 'public.t'::regclass order by k.conname",
    );
    expect(printed.map(([text]) => text)).toEqual(
      checks.map(
        (o) =>
          o.kind === "check" &&
          `CHECK ${o.expression}${o.noInherit ? " NO INHERIT" : ""}${o.notValid ? " NOT VALID" : ""}`,
      ) as never,
    );
  });
});

describe("row level security", () => {
  test("it is an object only where it is switched on or forced", async () => {
    const script = `create table a (x int); create table b (x int); alter table b enable row level security;
      create table c (x int); alter table c enable row level security; alter table c force row level security;
      create table d (x int); alter table d force row level security`;
    expect(await read(script, "rowSecurity")).toEqual([
      { kind: "rowSecurity", schema: "public", table: "b", enabled: true },
      { kind: "rowSecurity", schema: "public", table: "c", enabled: true, forced: true },
      { kind: "rowSecurity", schema: "public", table: "d", forced: true },
    ]);
  });

  test("a policy carries command, roles, expressions and what they refer to", async () => {
    const script = `create table member (id int, name text); create table t (owner int, open bool);
      create policy everything on t;
      create policy reading on t for select to pg_monitor, pg_read_all_data using (open);
      create policy writing on t as restrictive for insert to public with check (owner in (select id from member where name = current_user));
      create policy changing on t for update using (owner = 1) with check (true);
      create policy removing on t for delete using (false); comment on policy removing on t is 'nobody'`;
    expect(await read(script, "policy")).toEqual([
      {
        kind: "policy",
        schema: "public",
        table: "t",
        name: "changing",
        command: "update",
        using: "(owner = 1)",
        check: "true",
        dependsOn: ["column:public.t.owner"],
      },
      { kind: "policy", schema: "public", table: "t", name: "everything" },
      {
        kind: "policy",
        schema: "public",
        table: "t",
        name: "reading",
        command: "select",
        roles: ["pg_monitor", "pg_read_all_data"],
        using: "open",
        dependsOn: ["column:public.t.open"],
      },
      {
        kind: "policy",
        schema: "public",
        table: "t",
        name: "removing",
        command: "delete",
        using: "false",
        comment: "nobody",
      },
      {
        kind: "policy",
        schema: "public",
        table: "t",
        name: "writing",
        command: "insert",
        restrictive: true,
        check: "(owner IN ( SELECT member.id\n   FROM public.member\n  WHERE (member.name = CURRENT_USER)))",
        dependsOn: ["column:public.member.id", "column:public.member.name", "column:public.t.owner"],
      },
    ]);
  });
});

test("the key of every object is its id", async () => {
  const script = `create type e as enum ('a'); create table t (id serial primary key, m e, check (id > 0)); create index i on t (m);
    alter table t enable row level security; create policy p on t; create extension citext`;
  const graph = await bench.graphOf(script);
  expect([...graph.objects.keys()]).toEqual([...graph.objects.values()].map(objectId));
});
