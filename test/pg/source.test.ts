/** Every kind of source read into the same graph, on a real server. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { emptyGraph } from "../../src/model/graph.ts";
import { graphHash, graphToJson } from "../../src/model/json.ts";
import { createTestDatabase } from "../support/database.ts";
import { findPgDump } from "../support/pg-dump.ts";
import { offlineDeps, readText, sourceDeps, throwawayPurpose } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { pgDumpServer } from "../support/test-server.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { withDatabase } from "../support/with-database.ts";

const schemaFolder = join(import.meta.dir, "..", "..", "fixtures", "schema");
const blogSql = await Bun.file(join(schemaFolder, "blog.sql")).text();
const db = await withDatabase({ sql: blogSql });
const deps = sourceDeps(db.url);
const live = await readText("live", "/", deps);
const [version] = await db.query("select current_setting('server_version_num') as num");

/** Throwaway databases of this file that are still there; a failed read must leave none. */
async function leftovers(): Promise<readonly unknown[]> {
  return db.query(
    `select datname from pg_catalog.pg_database
where strpos(pg_catalog.shobj_description(oid, 'pg_database'), '${throwawayPurpose}') > 0 order by datname`,
  );
}

test("the throwaway database of a source is told apart while it is there", async () => {
  expect(await deps.withThrowaway(leftovers)).toHaveLength(1);
  expect(await leftovers()).toEqual([]);
});

test("a module, its script, the live database, its URL and its export are one graph", async () => {
  const exported = tempFolder({ "blog.json": graphToJson(live), "blog.json.gz": gzipSync(graphToJson(live)) });
  const graphs = {
    module: await readText("blog.ts", schemaFolder, deps),
    script: await readText("blog.sql", schemaFolder, deps),
    url: await readText(db.url, "/", deps),
    json: await readText("blog.json", exported, offlineDeps),
    packed: await readText("blog.json.gz", exported, offlineDeps),
  };
  for (const graph of Object.values(graphs)) expect(graphToJson(graph)).toBe(graphToJson(live));
  expect(live.unmodelled).toEqual([]);
  expect(await leftovers()).toEqual([]);
});

// It has NULLS NOT DISTINCT (15).
test.skipIf(Number(version?.["num"]) < 150000)(
  "a module of several files in several schemas equals the script that says the same",
  async () => {
    const module = await readText("helpdesk/index.ts", schemaFolder, deps);
    expect(graphToJson(module)).toBe(graphToJson(await readText("helpdesk.sql", schemaFolder, deps)));
  },
);

const withStatements = `import { bigint, defineModel, defineSql, sql, text } from "zanith";
export const types = defineSql(
  sql\`create domain app.email as text check (value like '%@%')\`,
  { before: true },
);
export const Users = defineModel("users", { schema: "app", fields: { id: bigint().primaryKey(), email: text() } });
export const rest = [
  defineSql(sql\`
    alter table app.users set (fillfactor = 70);
    alter table app.users replica identity full;
    create statistics app.users_stats on id, email from app.users;
    create function app.touch() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger touched before update on app.users for each row execute function app.touch();
    create table app.hits (at date not null) partition by range (at);
    create table app.hits_2026 partition of app.hits for values from ('2026-01-01') to ('2027-01-01');
    create publication everything for table app.users;
  \`),
  defineSql(sql\`
    grant select on app.users to public;
    alter default privileges in schema app grant select on tables to public;
    -- zanith:renamed-from calls
    create table app.visits (during int4range, exclude using gist (during with &&))\`),
];
`;

test("statements of a module stand for what the builder has no words for, and are read back with its models", async () => {
  const said: unknown[] = [];
  const folder = tempFolder({ "schema.ts": withStatements });
  const graph = await readText("schema.ts", folder, { ...deps, onRenames: (renames) => said.push(...renames) });
  const kinds = new Set([...graph.objects.values()].map(({ kind }) => kind));
  for (const kind of [
    "domain",
    "statistics",
    "trigger",
    "publication",
    "grant",
    "defaultPrivileges",
    "exclusion",
    "replicaIdentity",
  ] as const) {
    expect(kinds).toContain(kind);
  }
  expect(graph.objects.get("table:app.users" as never)).toMatchObject({ options: ["fillfactor=70"] });
  expect(graph.objects.has("table:app.hits_2026" as never)).toBe(true);
  expect(said).toEqual([{ schema: "app", table: "visits", from: "calls" }]);
});

test("statements of a module that would reach further, or that Postgres refuses, are named by their export and line", async () => {
  const failure = async (text: string) => {
    const folder = tempFolder({
      "schema.ts": `import { defineSql, sql } from "zanith";\nexport const extra = defineSql(sql\`${text}\`);\n`,
    });
    const { code, what, why } = await toolErrorOf(readText("schema.ts", folder, deps));
    return [code, what, why];
  };
  expect(await failure("select 1;\ncreate role someone")).toEqual([
    "sql_invalid",
    "schema.ts (extra):2:1 cannot be loaded: create role someone",
    "CREATE ROLE would reach beyond the throwaway database a schema is loaded into",
  ]);
  expect((await failure("create table a (x int);\ncreate view v as select y from a")).slice(0, 2)).toEqual([
    "sql_invalid",
    "schema.ts (extra):2:25 cannot be loaded: create view v as select y from a",
  ]);
  expect(await leftovers()).toEqual([]);
});

test("the empty source and graphs from files open nothing", async () => {
  const folder = tempFolder({ "empty.json": graphToJson(emptyGraph) });
  expect(await readText("empty", "/", offlineDeps)).toEqual(emptyGraph);
  expect(await readText("empty.json", folder, offlineDeps)).toEqual(emptyGraph);
});

test("a graph file edited by hand is told about", async () => {
  const folder = tempFolder({ "g.json": graphToJson(emptyGraph).replace("public", "other") });
  const told: string[] = [];
  await readText("g.json", folder, { ...offlineDeps, onEdited: (shown) => told.push(shown) });
  expect(told).toEqual(["g.json"]);
});

test("the files whose code runs are told about before anything is opened", async () => {
  const told: string[] = [];
  const onCode: NonNullable<typeof deps.onCode> = (files) => told.push(...files.map(({ path }) => path));
  const read = readText("helpdesk/index.ts", schemaFolder, { ...offlineDeps, onCode });
  await expect(read).rejects.toThrow("a throwaway database was made");
  expect(told).toEqual(["index.ts", "people.ts", "tickets.ts"].map((name) => join(schemaFolder, "helpdesk", name)));
});

test("a snapshot is asked for by its id", async () => {
  const asked: string[] = [];
  const readSnapshot = async (id: string) => {
    asked.push(id);
    return live;
  };
  expect(await readText("snapshot:20260101_000000_a", "/", { ...offlineDeps, readSnapshot })).toBe(live);
  expect(asked).toEqual(["20260101_000000_a"]);
});

test("files that cannot be read are refused before any database is opened", async () => {
  const folder = tempFolder({
    "bad.sql": "create tabel x ();",
    "bad.ts": "export const a = (;",
    "bad.json": "{}",
    "sub/readme.txt": "",
  });
  const codes: Record<string, string> = {};
  for (const name of ["bad.sql", "bad.ts", "bad.json", "none.sql", "none.ts", "none.json", "sub"]) {
    codes[name] = (await toolErrorOf(readText(name, folder, offlineDeps))).code;
  }
  expect(codes).toEqual({
    "bad.sql": "sql_invalid",
    "bad.ts": "schema_module_failed",
    "bad.json": "format_invalid",
    "none.sql": "file_missing",
    "none.ts": "file_missing",
    "none.json": "file_missing",
    sub: "file_missing",
  });
});

test("the scripts of a folder run in the order of their names", async () => {
  const folder = tempFolder({
    "schema/10_b.sql": "create table b (a_id int references a);",
    "schema/09_a.sql": "create table a (id int primary key);",
    "schema/notes.txt": "not SQL at all",
    "schema/.hidden.sql": "not SQL at all",
  });
  const together = await readText("schema", folder, deps);
  const file = tempFolder({ "x.sql": "create table a (id int primary key); create table b (a_id int references a);" });
  expect(graphHash(together)).toBe(graphHash(await readText("x.sql", file, deps)));
});

test("a mistake only the server finds has file, line, column, the line and its words", async () => {
  const folder = tempFolder({
    "schema/1.sql": "create table a (id int primary key);\n",
    "schema/2.sql": "-- ü\ncreate table b (\n  id int primary key,\n  a_id emial -- 😀\n);\n",
  });
  const error = await toolErrorOf(readText("schema", folder, deps));
  expect({ ...error, code: error.code }).toMatchObject({
    code: "sql_invalid",
    what: "schema/2.sql:4:8 cannot be loaded: a_id emial -- 😀",
    why: 'ERROR 42704: type "emial" does not exist',
    state: "nothing was changed",
    next: "correct line 4 of schema/2.sql",
    details: { file: "schema/2.sql", line: 4, column: 8, text: "a_id emial -- 😀", sqlstate: "42704" },
  });
  expect(await leftovers()).toEqual([]);
});

test("a role that the server does not have is explained", async () => {
  const folder = tempFolder({ "x.sql": "create table a ();\nalter table a owner to zanith_no_such_role;" });
  const error = await toolErrorOf(readText("x.sql", folder, deps));
  expect([error.what, error.why, error.next]).toEqual([
    "x.sql:2:1 cannot be loaded: alter table a owner to zanith_no_such_role;",
    'ERROR 42704: role "zanith_no_such_role" does not exist',
    "create the role on that server, or dump with --no-owner --no-privileges",
  ]);
});

test("what a script sets for itself does not change how its result is read", async () => {
  const statements = `create schema app; create domain app.d as int; create table app.t (at timestamptz default '2020-01-02 03:04:05+00',
  every interval default '1 day 02:00', b bytea default '\\x00ff', f float8 default 0.1::float8 + 1);
create index concurrently on app.t (at); begin; alter table app.t add column g text; commit;`;
  const settings = `set search_path = app; set datestyle = 'German'; set timezone = 'Asia/Tokyo'; set intervalstyle = 'iso_8601';
set bytea_output = 'escape'; set extra_float_digits = -5; set quote_all_identifiers = on; set role pg_monitor; reset role;
set session characteristics as transaction isolation level serializable;`;
  const folder = tempFolder({ "plain.sql": statements, "noisy.sql": `${settings}\n${statements}` });
  const plain = await readText("plain.sql", folder, deps);
  expect(graphToJson(await readText("noisy.sql", folder, deps))).toBe(graphToJson(plain));
});

test("a script that ends as another role is still read", async () => {
  const folder = tempFolder({
    "x.sql": "create table a (); set session authorization pg_monitor;",
    "y.sql": "create table a ();",
  });
  expect(graphToJson(await readText("x.sql", folder, deps))).toBe(graphToJson(await readText("y.sql", folder, deps)));
});

test("unqualified names are in public, as psql would have it", async () => {
  const folder = tempFolder({
    "x.sql": "create table a (id int); create type mood as enum ('x'); create table b (m mood);",
  });
  const graph = await readText("x.sql", folder, deps);
  expect([...graph.objects.keys()].filter((id) => id.startsWith("table:") || id.startsWith("enum:"))).toEqual([
    "enum:public.mood",
    "table:public.a",
    "table:public.b",
  ]);
});

test("a refused statement of a later file leaves the server as it was", async () => {
  const folder = tempFolder({ "s/1.sql": "create table a ();", "s/2.sql": "create role zanith_test_intruder;" });
  expect((await toolErrorOf(readText("s", folder, deps))).what).toBe(
    "s/2.sql:1:1 cannot be loaded: create role zanith_test_intruder;",
  );
  expect(await db.query("select 1 from pg_catalog.pg_roles where rolname = 'zanith_test_intruder'")).toEqual([]);
  expect(await leftovers()).toEqual([]);
});

const dumpServer = await pgDumpServer();

test.skipIf(!dumpServer.available)("the output of pg_dump --schema-only loads as it is", async () => {
  if (!dumpServer.available) throw new Error(dumpServer.reason);
  const database = await createTestDatabase({ serverUrl: dumpServer.url, sql: blogSql });
  try {
    await database.query(`create schema app; create table app."odd Name" ("a;b" text default ';' not null);
      grant select on app."odd Name" to public; comment on schema app is 'it''s -- ; odd';
      create function app.f() returns int language sql begin atomic select 1; select 2; end;
      create function app.g() returns void language plpgsql as $$ begin perform 1; end $$;`);
    const run = Bun.spawnSync([findPgDump()?.path ?? "pg_dump", "--schema-only", `--dbname=${database.url}`]);
    expect(run.stderr.toString()).toBe("");
    const folder = tempFolder({ "dump.sql": run.stdout });
    const there = sourceDeps(database.url);
    expect(graphToJson(await readText("dump.sql", folder, there))).toBe(
      graphToJson(await readText("live", "/", there)),
    );
  } finally {
    await database.drop();
  }
});
