// What the tool says about rewrites is what Postgres does: type by type and default by default, by the table's file number.
import { describe, expect, test } from "bun:test";
import { addColumn } from "../../src/operation/add-column.ts";
import { alterColumnType } from "../../src/operation/alter-column-type.ts";
import { isVolatileDefault, steadyFunctions } from "../../src/operation/sql/default.ts";
import { typeChange } from "../../src/sql/type-change.ts";
import { knownCasts } from "../../src/sql/using-expression.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();
const { session } = bench;

/** Old type, new type, a value that fits both, and the value afterwards where it reads otherwise. */
const changes: readonly (readonly [from: string, to: string, value: string, after?: string])[] = [
  ["character varying(10)", "character varying(20)", "abc"],
  ["character varying(10)", "character varying", "abc"],
  ["character varying(10)", "text", "abc"],
  ["character varying", "text", "abc"],
  ["text", "character varying", "abc"],
  ["text", "character varying(5)", "abc"],
  ["character varying(20)", "character varying(10)", "abc"],
  ["character varying", "character varying(10)", "abc"],
  ["character(5)", "text", "abc"],
  ["character(5)", "character(9)", "abc", "abc      "],
  ["character(5)", "character varying(5)", "abc"],
  ["text", "character(5)", "abc", "abc  "],
  ["smallint", "integer", "7"],
  ["integer", "bigint", "7"],
  ["bigint", "integer", "7"],
  ["integer", "numeric", "7"],
  ["integer", "numeric(10,2)", "7", "7.00"],
  ["numeric(10,2)", "numeric(12,2)", "7.25"],
  ["numeric(10,2)", "numeric", "7.25"],
  ["numeric(12,2)", "numeric(10,2)", "7.25"],
  ["numeric(10,2)", "numeric(12,3)", "7.25", "7.250"],
  ["numeric(10,2)", "numeric(10,1)", "7.25", "7.3"],
  ["numeric", "numeric(10,2)", "7.25"],
  ["numeric(5,2)", "integer", "7.25", "7"],
  ["real", "double precision", "1.5"],
  ["double precision", "real", "1.5"],
  ["timestamp without time zone", "timestamp with time zone", "2024-05-01 10:00:00", "2024-05-01 10:00:00+00"],
  ["timestamp with time zone", "timestamp without time zone", "2024-05-01 10:00:00+00", "2024-05-01 10:00:00"],
  ["timestamp(3) without time zone", "timestamp(6) without time zone", "2024-05-01 10:00:00.123"],
  ["timestamp(3) without time zone", "timestamp without time zone", "2024-05-01 10:00:00.123"],
  ["timestamp without time zone", "timestamp(3) without time zone", "2024-05-01 10:00:00.123"],
  [
    "timestamp(3) without time zone",
    "timestamp with time zone",
    "2024-05-01 10:00:00.123",
    "2024-05-01 10:00:00.123+00",
  ],
  [
    "timestamp without time zone",
    "timestamp(3) with time zone",
    "2024-05-01 10:00:00.123",
    "2024-05-01 10:00:00.123+00",
  ],
  ["date", "timestamp without time zone", "2024-05-01", "2024-05-01 00:00:00"],
  ["date", "timestamp with time zone", "2024-05-01", "2024-05-01 00:00:00+00"],
  ["timestamp without time zone", "date", "2024-05-01 10:00:00", "2024-05-01"],
  ["time(3) without time zone", "time without time zone", "10:00:00.123"],
  ["interval(3)", "interval", "01:00:00.123"],
  ["interval", "interval(0)", "01:00:00"],
  ["cidr", "inet", "10.0.0.0/8"],
  ["inet", "cidr", "10.0.0.0/8"],
  ["bit varying(4)", "bit varying(8)", "101"],
  ["bit varying(8)", "bit varying(4)", "101"],
  ["bit varying(8)", "bit varying", "101"],
  ["bit(3)", "bit varying(3)", "101"],
  ["bit(3)", "bit varying", "101"],
  ["integer[]", "character varying(3)[]", "{1}"],
  ["text", "integer", "7"],
  ["integer", "text", "7"],
  ["integer", "character varying(3)", "7"],
  ["text", "uuid", "00000000-0000-0000-0000-000000000001"],
  ["text", "jsonb", '{"a": 1}'],
  ["json", "jsonb", '{"a": 1}'],
  ["jsonb", "json", '{"a": 1}'],
  ["jsonb", "text", '{"a": 1}'],
  ["boolean", "text", "true"],
  ["integer", "boolean", "1", "true"],
  ["integer[]", "bigint[]", "{1,2}"],
  ["character varying(5)[]", "character varying(9)[]", "{ab}"],
  ["character varying(5)[]", "text[]", "{ab}"],
  ["text[]", "text", "{ab}"],
  ["text", "public.mood", "ok"],
  ["public.mood", "text", "ok"],
  ["public.mood", "character varying(2)", "ok"],
  ["public.mood", 'public."Other"', "ok"],
  ["public.mood[]", 'public."Other"[]', "{ok}"],
];

/** Values that are longer than what their column is turned into. */
const tooLong: Readonly<Record<string, string>> = {
  "bit varying(8)": "10101",
  jsonb: '"long"',
  "public.mood": "ok",
  "text[]": "{longer}",
  "integer[]": "{12345}",
};

describe("a change of type", () => {
  for (const [from, to, value, after = value] of changes) {
    test(`from ${from} to ${to}`, async () => {
      await prepare(`create table t (c ${from})`);
      await session.rows(`insert into public.t values ($1::text::${from})`, [value]);
      const old = await fileNumber();
      await run(alterColumnType.emit(changeOf(from, to), { server: bench.server, isFresh: () => false }));
      expect((await session.rows("select c::text from public.t order by 1"))[0]?.[0]?.padEnd(after.length)).toBe(after);
      const { rewrites, nature } = typeChange(from, to);
      expect({ rewrites }).toEqual({ rewrites: (await fileNumber()) !== old });
      if (nature === "compatible") expect(rewrites && !from.endsWith("]")).toBe(false);
    });
  }

  test("to a shorter text refuses what is too long, it never cuts", async () => {
    for (const [from, to] of [
      ["text", "character varying(3)"],
      ["character varying(10)", "character varying(3)"],
      ["text", "character(3)"],
      ["public.mood", "character varying(1)"],
      ["jsonb", "character varying(3)"],
      ["bit varying(8)", "bit varying(3)"],
      ["bit varying(8)", "bit(3)"],
      ["text[]", "character varying(3)[]"],
      ["integer[]", "character varying(3)[]"],
    ] as const) {
      await prepare(`create table t (c ${from})`);
      const value = tooLong[from] ?? "longer";
      await session.rows(`insert into public.t values ($1::text::${from})`, [value]);
      const change = run(alterColumnType.emit(changeOf(from, to), { server: bench.server, isFresh: () => false }));
      await expect(change).rejects.toThrow();
    }
  });

  test("between timestamps keeps the moment that the stated zone gives it", async () => {
    await prepare("create table t (c timestamp)");
    await session.execute("insert into public.t values ('2024-01-01 12:00')");
    const op = {
      ...changeOf("timestamp without time zone", "timestamp with time zone"),
      timeZone: "America/New_York",
    };
    await run(alterColumnType.emit(op, { server: bench.server, isFresh: () => false }));
    const rows = await session.rows("select c at time zone 'UTC' from public.t order by 1");
    expect(rows).toEqual([["2024-01-01 17:00:00"]]);
    expect(typeChange("timestamp without time zone", "timestamp with time zone", "America/New_York").rewrites).toBe(
      true,
    );
  });
});

describe("a default", () => {
  const defaults: readonly (readonly [type: string, text: string])[] = [
    ["integer", "0"],
    ["integer", "(1 + 2)"],
    ["text", "'random()'::text"],
    ["text", "'it''s (x)'::text"],
    ["text", "E'a\\\\b (c)'::text"],
    ["character varying(20)", "'x'::character varying(20)"],
    ["numeric(10,2)", "'1.5'::numeric(10,2)"],
    ["timestamp(3) with time zone", "now()"],
    ["timestamp with time zone", "CURRENT_TIMESTAMP(3)"],
    ["timestamp with time zone", "('now'::text)::timestamp(3) with time zone"],
    ["timestamp with time zone", "clock_timestamp()"],
    ["timestamp without time zone", "timezone('utc'::text, now())"],
    ["date", "CURRENT_DATE"],
    ["date", "(now() + '1 day'::interval)"],
    ["text", "CURRENT_USER"],
    ["text", "lower(CURRENT_USER)"],
    ["text", "COALESCE(current_setting('app.x'::text, true), 'none'::text)"],
    ["uuid", "gen_random_uuid()"],
    ["double precision", "random()"],
    ["text", "md5((random())::text)"],
    ["text", "md5('x'::text)"],
    ["integer", "nextval('public.numbers'::regclass)"],
    ["jsonb", "'{}'::jsonb"],
    ["jsonb", "jsonb_build_object('a', 1)"],
    ["text[]", "ARRAY[]::text[]"],
    ["text[]", "'{}'::text[]"],
    ["integer", 'public."Always New"()'],
    ["public.mood", "'ok'::public.mood"],
  ];

  for (const [type, text] of defaults) {
    test(`${text} of ${type}`, async () => {
      await prepare(`create sequence numbers; create table t (a int);
        create function public."Always New"() returns int language sql volatile as 'select (random() * 0)::int'`);
      await session.execute("insert into public.t values (1)");
      const old = await fileNumber();
      const column = { kind: "column", schema: "public", table: "t", name: "c", type, default: text };
      await run(addColumn.emit({ kind: "addColumn", column } as never, { server: bench.server, isFresh: () => false }));
      expect({ volatile: isVolatileDefault(text) }).toEqual({ volatile: (await fileNumber()) !== old });
    });
  }

  test("no function that is taken for steady has a volatile form", async () => {
    const rows = await session.rows(
      `select distinct p.proname from pg_catalog.pg_proc p
       where p.provolatile = 'v' and p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace and p.proname = any ($1::text[])
         -- told apart by what it is given
         and p.oid <> 'pg_catalog.timezone(text, timetz)'::pg_catalog.regprocedure
       order by 1`,
      [[...steadyFunctions]],
    );
    expect(rows).toEqual([]);
  });

  test("what is not known counts as volatile", () => {
    for (const text of ["my_function()", "app.now()", '"Now"()', "a OPERATOR(app.+) b", "lower (my_function ('x'))"]) {
      expect([text, isVolatileDefault(text)]).toEqual([text, true]);
    }
    expect(isVolatileDefault("pg_catalog.now()")).toBe(false);
    expect(isVolatileDefault("timezone('utc'::text, now())")).toBe(false);
    expect(isVolatileDefault("timezone('utc'::text, ('10:00'::time with time zone))")).toBe(true);
    expect(isVolatileDefault("(CURRENT_TIME AT TIME ZONE 'utc'::text)")).toBe(true);
  });
});

function changeOf(from: string, to: string) {
  return { kind: "alterColumnType", schema: "public", table: "t", name: "c", from: { type: from }, to: { type: to } };
}

async function prepare(script: string): Promise<void> {
  await bench.reset();
  await bench.run(`create type mood as enum ('ok', 'bad'); create type "Other" as enum ('ok', 'worse')`);
  await bench.run(script);
}

async function run(segments: ReturnType<typeof addColumn.emit>): Promise<void> {
  for (const { statements } of segments) {
    await session.transaction({}, async (tx) => {
      for (const { sql } of statements) await tx.execute(sql);
    });
  }
}

async function fileNumber(): Promise<string | null | undefined> {
  return (await session.rows("select pg_catalog.pg_relation_filenode('public.t'::pg_catalog.regclass)"))[0]?.[0];
}

test("every cast that is written down is one of the server's", async () => {
  const rows = await session.query<{ source: string; target: string }>(
    `select pg_catalog.format_type(c.castsource, null) as source, pg_catalog.format_type(c.casttarget, null) as target
    from pg_catalog.pg_cast c order by 1, 2`,
  );
  const held = new Set(rows.map((row) => `${row.source} to ${row.target}`));
  const written = knownCasts().map(([from, to]) => `${from} to ${to}`);
  expect(written.filter((cast) => !held.has(cast))).toEqual([]);
  expect(written.length).toBeGreaterThan(0);
});
