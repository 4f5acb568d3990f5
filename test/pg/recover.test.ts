// What is archived or renamed out of the way comes back as it was: through generate, up and the recover commands, and
// through down. pg_dump and every row are the judges.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DropMode } from "../../src/diff/keep-drops.ts";
import { down } from "../../src/usecase/down.ts";
import { generate } from "../../src/usecase/generate.ts";
import { inspectArtifact, listArtifacts } from "../../src/usecase/recover/artifacts.ts";
import { restore } from "../../src/usecase/recover/restore.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { photograph } from "../support/recovery.ts";
import { pgDumpServer } from "../support/test-server.ts";
import { type Project, withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const server = await pgDumpServer();

interface Case {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly rows?: string;
  /** what `recover list` names, in the order in which it is restored */
  readonly back: readonly { readonly what: string; readonly wanted: "table" | "column" }[];
}

const table = (what: string) => ({ what, wanted: "table" }) as const;
const column = (what: string) => ({ what, wanted: "column" }) as const;

/** Types, each with a value that is hard to keep. */
const types: readonly (readonly [type: string, value: string])[] = [
  ["smallint", "-32768"],
  ["bigint", "9223372036854775807"],
  ["numeric", "'NaN'"],
  ["numeric(40, 20)", "12345678901234567890.12345678901234567890"],
  ["real", "1.1754944e-38"],
  ["double precision", "0.1::float8 + 0.2"],
  ["double precision[]", "'{-0, NaN, Infinity, 5e-324}'"],
  ["money", "'-92233720368547758.08'"],
  ["text", String.raw`E'a\\b\n\t"'''`],
  ["varchar(5)", "'ab   '"],
  ["char(5)", "'ab'"],
  ['"char"', "'z'"],
  ["name", "'n'"],
  ["bytea", String.raw`'\x00ff27'`],
  ["boolean", "false"],
  ["date", "'4713-01-01 BC'"],
  ["date[]", "'{infinity, -infinity}'"],
  ["time", "'24:00:00'"],
  ["timetz", "'23:59:59.999999-15:59'"],
  ["timestamp", "'294276-12-31 23:59:59.999999'"],
  ["timestamptz", "'4713-01-01 00:00:00+00 BC'"],
  ["interval", "'-178000000 years 5 days -00:00:00.000001'"],
  ["uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  ["json", `'{"a":1, "a": 2}'`],
  ["jsonb", String.raw`'{"a": 1e400, "b": "\u00e9"}'`],
  ["xml", "'<a>1</a>'"],
  ["inet", "'::1/64'"],
  ["cidr", "'10.0.0.0/8'"],
  ["macaddr", "'08:00:2b:01:02:03'"],
  ["bit(3)", "B'101'"],
  ["bit varying", "B''"],
  ["tsvector", "'''a b'':1A c:2'"],
  ["tsquery", "'a & !b'"],
  ["point", "'(1e-300,-0)'"],
  ["polygon", "'((0,0),(1,1),(1,0))'"],
  ["int4range", "'(1,5]'"],
  ["tstzrange", `'[,"2026-01-01 00:00:00+00")'`],
  ["numrange[]", `'{"[1,2)", empty}'`],
  ["text[]", `'[0:1]={NULL,"NULL"}'`],
  ["int[][]", "'{{1,2},{3,null}}'"],
  ["mood", `'it''s "ok"'`],
  ["mood[]", "'{sad}'"],
  ["small", "99"],
  ["place", `row(1, 'a,"b')`],
  ["place[]", "array[row(null, '')::place]"],
  ["oid", "4294967295"],
  ["regclass", "'pg_class'"],
  ["pg_lsn", "'16/B374D848'"],
];

const ownTypes = `create type mood as enum ('sad', 'it''s "ok"'); create domain small as int check (value < 100);
      create type place as (x int, "y z" text);`;

const cases: readonly Case[] = [
  {
    name: "a plain table with keys, indexes, checks, comments and a sequence",
    before: `create table logs (id serial primary key, at timestamptz not null default now(), note text unique check (note <> ''));
      create index logs_at on logs (at desc) where note is not null; comment on table logs is 'old'; comment on column logs.note is 'n';
      create table stays (id int);`,
    rows: "insert into logs (note) select 'n' || g from generate_series(1, 50) g",
    after: "create table stays (id int);",
    back: [table("logs")],
  },
  {
    name: "a table that refers to another and is referred to",
    before: `create table a (id int primary key); create table b (id int primary key, a_id int references a on delete cascade, name text);
      create table c (id int primary key, b_id int not null references b on update cascade deferrable initially deferred);`,
    rows: "insert into a values (1), (2); insert into b values (10, 1, 'x'), (11, 2, 'y'); insert into c values (100, 10), (101, 11)",
    after: "create table a (id int primary key); create table c (id int primary key, b_id int not null);",
    back: [table("b")],
  },
  {
    name: "a column with a default, an index, a check and a multi-column unique constraint",
    before: `create table users (id int primary key, email text not null, code text not null default 'none' collate "C", unique (email, code),
      check (length(code) > 1)); create index users_code on users (lower(code)); create index email_code on users (email, code desc);
      comment on column users.code is 'legacy';`,
    rows: "insert into users select g, 'm' || g, 'c' || g from generate_series(1, 100) g",
    after: "create table users (id int primary key, email text not null);",
    back: [column("users.code")],
  },
  {
    name: "a required column that refers to another table",
    before: `create table a (id int primary key); create table b (id int primary key, a_id int not null references a);`,
    rows: "insert into a values (1), (2); insert into b values (10, 1), (11, 2)",
    after: "create table a (id int primary key); create table b (id int primary key);",
    back: [column("b.a_id")],
  },
  {
    name: "a column that others refer to",
    before: `create table a (id int primary key, code text not null unique); create table b (id int primary key, code text references a (code));`,
    rows: "insert into a values (1, 'x'), (2, 'y'); insert into b values (10, 'x'), (11, null)",
    after: "create table a (id int primary key); create table b (id int primary key, code text);",
    back: [column("a.code")],
  },
  {
    name: "a column of a composite key, with identity beside it",
    before: `create table t (a int, b text, c numeric, n int generated always as identity (start with 100 increment by 5), primary key (a, b));`,
    rows: "insert into t (a, b, c) values (1, 'x', 1.50), (1, 'y', 'NaN'), (2, 'x', null)",
    after: "create table t (a int, b text, c numeric, primary key (a, b));",
    back: [column("t.n")],
  },
  {
    name: "a serial column",
    before: "create table t (id int primary key, n serial, b int);",
    rows: "insert into t (id) values (1), (2); select nextval('t_n_seq')",
    after: "create table t (id int primary key, b int);",
    back: [column("t.n")],
  },
  {
    name: "the only primary key column",
    before: "create table t (id bigint primary key, name text not null);",
    rows: "insert into t values (1, 'x'), (2, 'y'), (3, 'x')",
    after: "create table t (name text not null);",
    back: [column("t.id")],
  },
  {
    name: "a table and a column without a primary key, with equal rows",
    before: "create table t (a int, b text, c text); create table u (a int);",
    rows: "insert into t values (1, 'x', 'p'), (1, 'x', 'q'), (1, 'x', null), (2, null, 'p'); insert into u values (1), (1), (null)",
    after: "create table t (a int, b text);",
    back: [column("t.c"), table("u")],
  },
  {
    name: "a stored generated column",
    before:
      "create table t (id int primary key, price int, doubled int generated always as (price * 2) stored); create index d on t (doubled);",
    rows: "insert into t (id, price) values (1, 10), (2, null)",
    after: "create table t (id int primary key, price int);",
    back: [column("t.doubled")],
  },
  {
    name: "row security with policies that read another table",
    before: `create table teams (id int primary key, boss text); create table t (id int primary key, team int);
      alter table t enable row level security; alter table t force row level security;
      create policy own on t for select to public using (team in (select id from teams));
      create policy low on t as restrictive for update using (id < 10) with check (id < 20);`,
    rows: "insert into teams values (1, 'a'); insert into t values (1, 1), (2, 2)",
    after: "create table teams (id int primary key, boss text);",
    back: [table("t")],
  },
  {
    name: "triggers, storage, statistics and privileges of a table",
    before: `create function touch() returns trigger language plpgsql as 'begin return new; end';
      create table t (id int primary key, a text, b text); alter table t alter column a set storage external;
      alter table t alter column b set statistics 50; create statistics st on a, b from t;
      create trigger g before update on t for each row execute function touch(); alter table t disable trigger g;
      alter table t replica identity full;`,
    rows: "insert into t values (1, 'x', 'y')",
    after: "create function touch() returns trigger language plpgsql as 'begin return new; end';",
    back: [table("t")],
  },
  {
    name: "an enum that goes with its column",
    before:
      "create type mood as enum ('sad', 'ok'); create table t (id int primary key, m mood not null default 'ok', ms mood[]);",
    rows: "insert into t values (1, 'sad', '{ok,sad}'), (2, 'ok', null)",
    after: "create table t (id int primary key);",
    back: [column("t.m"), column("t.ms")],
  },
  {
    name: "views on a table, views on those, and a materialized one with its index",
    before: `create table t (id int primary key, a text); create view v as select id, a from t where id > 1;
      create view w with (security_barrier) as select a from v; create materialized view m as select id, upper(a) as b from t;
      create unique index m_id on m (id); comment on view v is 'seen'; create table stays (id int);`,
    rows: "insert into t values (1, 'x'), (2, 'y')",
    after: "create table stays (id int);",
    back: [table("t")],
  },
  {
    name: "a column that a view shows",
    before: "create table t (id int primary key, a text not null); create view v as select id, a from t;",
    rows: "insert into t values (1, 'x'), (2, 'y')",
    after: "create table t (id int primary key);",
    back: [column("t.a")],
  },
  {
    name: "a column that a policy and a trigger look at",
    before: `create function touch() returns trigger language plpgsql as 'begin return new; end';
      create table t (id int primary key, owner text not null); alter table t enable row level security;
      create policy own on t using (owner = current_user) with check (owner = current_user);
      create trigger g before update of owner on t for each row when (old.owner is distinct from new.owner) execute function touch();`,
    rows: "insert into t values (1, 'x'), (2, 'y')",
    after: `create function touch() returns trigger language plpgsql as 'begin return new; end';
      create table t (id int primary key); alter table t enable row level security;`,
    back: [column("t.owner")],
  },
  {
    name: "a column that a generated one is computed from",
    before: `create table t (id int primary key, price numeric(10, 2) not null, tax numeric generated always as (price * 0.2) stored);
      create index t_tax on t (tax);`,
    rows: "insert into t (id, price) values (1, 10.5), (2, 0)",
    after: "create table t (id int primary key);",
    back: [column("t.price")],
  },
  {
    name: "columns with storage, statistics, options and privileges of their own",
    before: `create table t (id int primary key, b int, a text); alter table t alter column a set storage external;
      alter table t alter column a set statistics 50; alter table t alter column a set (n_distinct = 5);
      grant select (a), update (a) on t to public; create statistics st on b, a from t;`,
    rows: "insert into t values (1, 1, 'x'), (2, 2, null)",
    after: "create table t (id int primary key, b int);",
    back: [column("t.a")],
  },
  {
    name: "a partitioned table with its partitions and a foreign key to it",
    before: `create table t (id int, at date not null, note text, primary key (id, at)) partition by range (at);
      create table t_1 partition of t for values from ('2026-01-01') to ('2026-02-01');
      create table t_2 partition of t for values from ('2026-02-01') to ('2026-03-01'); create index t_note on t (note);
      create table stays (id int);`,
    rows: "insert into t values (1, '2026-01-03', 'x'), (2, '2026-02-03', 'y')",
    after: "create table stays (id int);",
    back: [table("t"), table("t_1"), table("t_2")],
  },
  {
    name: "a column of a partitioned table",
    before: `create table t (id int, at date not null, note text not null default 'n', primary key (id, at)) partition by range (at);
      create table t_1 partition of t for values from ('2026-01-01') to ('2026-02-01');
      create table t_2 partition of t for values from ('2026-02-01') to ('2026-03-01'); create index t_note on t (note);`,
    rows: "insert into t values (1, '2026-01-03', 'x'), (2, '2026-02-03', 'y')",
    after: `create table t (id int, at date not null, primary key (id, at)) partition by range (at);
      create table t_1 partition of t for values from ('2026-01-01') to ('2026-02-01');
      create table t_2 partition of t for values from ('2026-02-01') to ('2026-03-01');`,
    back: [column("t.note")],
  },
  {
    name: "columns of many types",
    before: `${ownTypes} create table t (id int primary key, ${types.map(([type], at) => `c${at} ${type}`).join(", ")});`,
    rows: `insert into t values (1, ${types.map(([, value]) => value).join(", ")}), (2${", null".repeat(types.length)})`,
    after: `${ownTypes} create table t (id int primary key);`,
    back: types.map((_, at) => column(`t.c${at}`)),
  },
  {
    name: "a table of many types",
    before: `${ownTypes} create table t (id int, ${types.map(([type], at) => `c${at} ${type}`).join(", ")});`,
    rows: `insert into t values (1, ${types.map(([, value]) => value).join(", ")}), (2${", null".repeat(types.length)})`,
    after: ownTypes,
    back: [table("t")],
  },
  {
    name: "hostile names",
    before: `create schema "My ""App"; create table "My ""App"."x""; drop table users" ("the ""id" int primary key, "a.b" text, "select" text not null);
      create table "${"é".repeat(31)}" (id int primary key, "${"n".repeat(63)}" text); create index "i""x" on "My ""App"."x""; drop table users" ("a.b");`,
    rows: `insert into "My ""App"."x""; drop table users" values (1, 'a', 'b'), (2, null, ''); insert into "${"é".repeat(31)}" values (1, 'long')`,
    after: `create schema "My ""App"; create table "My ""App"."x""; drop table users" ("the ""id" int primary key, "select" text not null);`,
    back: [column('"My ""App"."x""; drop table users"."a.b"'), table("é".repeat(31))],
  },
];

async function start({ before, rows = "" }: Pick<Case, "before" | "rows">): Promise<Project> {
  if (!server.available) throw new Error(server.reason);
  return projects.start({ serverUrl: server.url, sql: `${before};${rows}`, config: { auditSchema: "audit" } });
}

/** Generates and applies the way to a schema. */
async function applied(project: Project, after: string, drops: DropMode): Promise<string> {
  const file = join(project.workspace.cwd, "schema.sql");
  writeFileSync(file, after);
  const { id } = await generate(project.workspace, { to: file, drops, name: "cut" }, quietRun);
  await up(project.workspace, {}, quietRun);
  return id;
}

describe.skipIf(!server.available).each(["archive", "soft"] as const)("%s", (drops) => {
  for (const one of cases) {
    test(`restores ${one.name}`, async () => {
      const project = await start(one);
      const before = await photograph(project.database);
      const id = await applied(project, one.after, drops);
      expect(await project.difference(one.after)).toEqual([]);
      const artifacts = await listArtifacts(project.workspace);
      expect(artifacts.map(({ migration, status }) => [migration, status])).toEqual(artifacts.map(() => [id, "live"]));
      for (const { what, wanted } of one.back) {
        const { verified } =
          drops === "archive" ? await inspectArtifact(project.workspace, { what, verify: true }) : {};
        if (drops === "archive") expect(verified?.intact).toBe(true);
        const result = await restore(project.workspace, { what, wanted }, quietRun);
        expect({ status: result.status, lost: "lost" in result ? result.lost : [] }).toEqual({
          status: "restored",
          lost: [],
        });
      }
      expect(await photograph(project.database)).toEqual(before);
      for (const { what, wanted } of one.back)
        expect((await restore(project.workspace, { what, wanted }, quietRun)).status).toBe("nothing to do");
      expect(await photograph(project.database)).toEqual(before);
    }, 60_000);
  }

  for (const one of cases) {
    test(`down brings back ${one.name}`, async () => {
      const project = await start(one);
      const before = await photograph(project.database);
      await applied(project, one.after, drops);
      const { plan } = await down(project.workspace, { allowDestructive: true }, quietRun);
      expect(plan.migrations.flatMap(({ irreversible }) => irreversible)).toEqual([]);
      expect((await photograph(project.database)).rows).toEqual(before.rows);
      const artifacts = await listArtifacts(project.workspace);
      expect(artifacts.map(({ status }) => status)).toEqual(artifacts.map(() => "restored"));
    }, 60_000);
  }
});
