/** What the builder leaves to Postgres or copies from it: names nobody chose, and the names of types. */
import { expect, test } from "bun:test";
import { emptyGraph, objectsOfKind, type SchemaGraph } from "../../src/model/graph.ts";
import * as builder from "../../src/source/builder/index.ts";
import { createSchema } from "../../src/source/module-source.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const {
  bigint,
  defineEnum,
  defineModel,
  enumOf,
  foreignKey,
  graphOfModule,
  index,
  integer,
  primaryKey,
  sql,
  text,
  unique,
} = builder;
const bench = await withSchemaBench();

/** The graph of some models after Postgres has stored them. */
async function stored(models: Readonly<Record<string, unknown>>): Promise<SchemaGraph> {
  await bench.reset();
  await createSchema(bench.session, { graph: graphOfModule(models), scripts: { before: [], after: [] } }, "test");
  return bench.read();
}

/** Names of constraints and indexes, with what they are on. */
function namesIn(graph: SchemaGraph): string[] {
  const kinds = ["primaryKey", "unique", "check", "foreignKey", "index"] as const;
  return kinds.flatMap((kind) => objectsOfKind(graph, kind).map(({ table, name }) => `${kind} ${table}: ${name}`));
}

test("constraints and indexes without a name get the one Postgres chooses", async () => {
  const long = "a_table_with_quite_a_long_name_and_then_some_more_of_it_on_top";
  const wide = "ünïcödé_column_name_that_is_rather_long_as_well";
  const Long = defineModel(long, {
    fields: {
      id: integer().primaryKey(),
      first: text(wide)
        .unique()
        .check(sql`length(${builder.name(wide)}) > 1`),
      second: text("second_column_that_is_long_too").notNull(),
      other: integer(),
    },
    constraints: [unique(["first", "second"]), foreignKey(["other"], () => Long, ["id"])],
    indexes: [
      index(["first", "second", "other"]),
      index([
        sql`lower(${builder.name(wide)})`,
        sql`upper(${builder.name(wide)})`,
        sql`lower(second_column_that_is_long_too)`,
      ]),
      index([sql`other + 1`, "other"]),
      index(["other"]).include(["second"]),
      index(["other"]),
      index(["other"]),
    ],
  });
  const Pair = defineModel("Pair", {
    fields: { a: integer("A"), b: integer().check(sql`b > 0`).check(sql`b < 9`), c: bigint() },
    constraints: [primaryKey(["a", "b"]), unique(["b", "c"]), unique(["c", "b"])],
    indexes: [
      index([sql`(c)`]),
      index([sql`coalesce(c, 0)`]),
      index([sql`c::text`]),
      index([sql`lower(c::text)::text`]),
    ],
  });
  const script = `
create table ${long} (id int primary key, "${wide}" text unique check (length("${wide}") > 1),
  second_column_that_is_long_too text not null, other int references ${long});
alter table ${long} add unique ("${wide}", second_column_that_is_long_too);
create index on ${long} ("${wide}", second_column_that_is_long_too, other);
create index on ${long} (lower("${wide}"), upper("${wide}"), lower(second_column_that_is_long_too));
create index on ${long} ((other + 1), other);
create index on ${long} (other) include (second_column_that_is_long_too);
create index on ${long} (other);
create index on ${long} (other);
create table "Pair" ("A" int, b int check (b > 0) check (b < 9), c bigint, primary key ("A", b));
alter table "Pair" add unique (b, c);
alter table "Pair" add unique (c, b);
create index on "Pair" ((c));
create index on "Pair" (coalesce(c, 0));
create index on "Pair" ((c::text));
create index on "Pair" ((lower(c::text)::text));`;
  expect(namesIn(await stored({ Long, Pair }))).toEqual(namesIn(await bench.graphOf(script)));
});

test("every function for a type gives the type Postgres calls so", async () => {
  const Mood = defineEnum("mood", ["fine"]);
  const plain: readonly (readonly [field: builder.Field, type: string])[] = [
    [builder.smallint(), "smallint"],
    [builder.integer(), "integer"],
    [builder.bigint(), "bigint"],
    [builder.real(), "real"],
    [builder.doublePrecision(), "double precision"],
    [builder.numeric(), "numeric"],
    [builder.money(), "money"],
    [builder.oid(), "oid"],
    [builder.text(), "text"],
    [builder.varchar(), "character varying"],
    [builder.char(), "character(1)"],
    [builder.boolean(), "boolean"],
    [builder.uuid(), "uuid"],
    [builder.json(), "json"],
    [builder.jsonb(), "jsonb"],
    [builder.xml(), "xml"],
    [builder.bytea(), "bytea"],
    [builder.bit(), "bit(1)"],
    [builder.varbit(), "bit varying"],
    [builder.date(), "date"],
    [builder.time(), "time without time zone"],
    [builder.timetz(), "time with time zone"],
    [builder.timestamp(), "timestamp without time zone"],
    [builder.timestamptz(), "timestamp with time zone"],
    [builder.interval(), "interval"],
    [builder.inet(), "inet"],
    [builder.cidr(), "cidr"],
    [builder.macaddr(), "macaddr"],
    [builder.macaddr8(), "macaddr8"],
    [builder.tsvector(), "tsvector"],
    [builder.tsquery(), "tsquery"],
    [builder.point(), "point"],
    [builder.line(), "line"],
    [builder.lseg(), "lseg"],
    [builder.box(), "box"],
    [builder.path(), "path"],
    [builder.polygon(), "polygon"],
    [builder.circle(), "circle"],
    [builder.int4range(), "int4range"],
    [builder.int8range(), "int8range"],
    [builder.numrange(), "numrange"],
    [builder.tsrange(), "tsrange"],
    [builder.tstzrange(), "tstzrange"],
    [builder.daterange(), "daterange"],
    [builder.int4multirange(), "int4multirange"],
    [builder.int8multirange(), "int8multirange"],
    [builder.nummultirange(), "nummultirange"],
    [builder.tsmultirange(), "tsmultirange"],
    [builder.tstzmultirange(), "tstzmultirange"],
    [builder.datemultirange(), "datemultirange"],
  ];
  const fields: Record<string, builder.Field> = {
    sized_varchar: builder.varchar(12),
    named_varchar: builder.varchar("other", 12),
    sized_numeric: builder.numeric(12, 2),
    named_numeric: builder.numeric("price", 12, 2),
    sized_timestamptz: builder.timestamptz(3),
    sized_time: builder.time(0),
    sized_varbit: builder.varbit(8),
    an_enum: enumOf(Mood),
    enums: enumOf(Mood).array(),
    texts: builder.varchar(5).array(),
    other_type: builder.type("int2vector"),
  };
  for (const [at, [field]] of plain.entries()) {
    fields[`plain${at}`] = field;
    fields[`plain${at}s`] = field.array();
  }
  const graph = await stored({ Mood, T: defineModel("t", { fields }) });
  const types = Object.fromEntries(objectsOfKind(graph, "column").map(({ name, type }) => [name, type]));
  expect(types).toEqual({
    sized_varchar: "character varying(12)",
    other: "character varying(12)",
    sized_numeric: "numeric(12,2)",
    price: "numeric(12,2)",
    sized_timestamptz: "timestamp(3) with time zone",
    sized_time: "time(0) without time zone",
    sized_varbit: "bit varying(8)",
    an_enum: "public.mood",
    enums: "public.mood[]",
    texts: "character varying(5)[]",
    other_type: "int2vector",
    ...Object.fromEntries(
      plain.flatMap(([, type], at) => [
        [`plain${at}`, type],
        [`plain${at}s`, `${type}[]`],
      ]),
    ),
  });
});

test("a default given as a value is stored as the constant an SQL author would write", async () => {
  const fields = {
    a: builder.integer().default(-5),
    b: builder.bigint().default(9_007_199_254_740_993n),
    c: builder.numeric(10, 2).default("0.10"),
    d: builder.boolean().default(false),
    e: builder.text().default("it's \\ \n é"),
    f: builder.jsonb().default({ a: ["'"] }),
    g: builder.timestamptz().default(new Date(0)),
    h: builder.text().array().default(["", "NULL", 'a"b', "{,}", "\\"]),
    i: builder.integer().array().default([1, -2]),
    j: builder.bytea().default(Uint8Array.of(1, 255)),
    k: builder.real().default(Number.POSITIVE_INFINITY),
    l: builder.type("inet").default("10.0.0.1"),
    m: builder.json().default(null),
  };
  const byModule = await stored({ T: defineModel("t", { fields }) });
  const byScript = await bench.graphOf(`create table t (a int default -5, b bigint default 9007199254740993,
  c numeric(10,2) default 0.10, d boolean default false, e text default e'it''s \\\\ \\n é', f jsonb default '{"a":["''"]}',
  g timestamptz default '1970-01-01T00:00:00.000Z', h text[] default '{"","NULL","a\\"b","{,}","\\\\"}', i int[] default '{1,-2}',
  j bytea default '\\x01ff', k real default 'Infinity', l inet default '10.0.0.1', m json default 'null')`);
  expect(objectsOfKind(byModule, "column")).toEqual(objectsOfKind(byScript, "column"));
});

test("an empty schema is what an empty database has", async () => {
  await bench.reset();
  expect(await bench.read()).toEqual(emptyGraph);
});
