// An archive is given back only as it was: whatever was changed in it is refused in so many words, whatever the session is
// set to it stays the same, and a restore that is cut off at any message ends right on the next run.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isToolError } from "../../src/base/errors.ts";
import { batchesFromRows } from "../../src/recovery/batching.ts";
import { generate } from "../../src/usecase/generate.ts";
import { inspectArtifact, listArtifacts } from "../../src/usecase/recover/artifacts.ts";
import { exportArtifact } from "../../src/usecase/recover/export.ts";
import { cleanUp, purge } from "../../src/usecase/recover/purge.ts";
import { reseed } from "../../src/usecase/recover/reseed.ts";
import { restore } from "../../src/usecase/recover/restore.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun, type Workspace } from "../../src/usecase/workspace.ts";
import { type FaultMode, startFaultProxy } from "../support/fault-proxy.ts";
import { allRows } from "../support/recovery.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Project, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

/** A project in which everything that is not in `after` was archived. */
async function archived(before: string, rows: string, after: string): Promise<Project> {
  const project = await projects.start({ sql: `${before};${rows}`, config: { auditSchema: "audit" } });
  const file = join(project.workspace.cwd, "schema.sql");
  writeFileSync(file, after);
  await generate(project.workspace, { to: file, name: "cut" }, quietRun);
  await up(project.workspace, {}, quietRun);
  return project;
}

async function physicalOf(project: Project, what: string): Promise<string> {
  return (await inspectArtifact(project.workspace, { what })).artifact.physical;
}

async function exported(workspace: Workspace, what: string, format: "csv" | "json" | "jsonl"): Promise<string> {
  let text = "";
  const write = async (piece: string): Promise<void> => {
    text += piece;
  };
  await exportArtifact(workspace, { what, format, write }, quietRun);
  return text;
}

const plain = {
  before: "create table t (id int primary key, a text, n int); create table u (id int primary key, a text, n int)",
  rows: "insert into t select g, 'a' || g, g from generate_series(1, 9) g; insert into u select * from t",
  after: "create table t (id int primary key, n int)",
} as const;

describe("a changed archive is refused", () => {
  const changes: readonly (readonly [name: string, sql: (there: string) => string])[] = [
    ["one value", (there) => `update ${there} set a = 'a99' where id = 4`],
    [
      "two values swapped",
      (there) => `update ${there} x set a = y.a from ${there} y where (x.id, y.id) in ((4, 5), (5, 4))`,
    ],
    ["a value that became NULL", (there) => `update ${there} set a = null where id = 4`],
    ["a row less", (there) => `delete from ${there} where id = 4`],
    ["a row more", (there) => `insert into ${there} (id, a) values (10, 'a10')`],
    ["a row twice for another", (there) => `update ${there} set id = id + 100 where id = 4`],
    ["another type", (there) => `alter table ${there} alter column a type varchar`],
    ["another name", (there) => `alter table ${there} rename column a to b`],
    ["no table", (there) => `alter table ${there} rename to elsewhere`],
  ];

  for (const [name, change] of changes) {
    for (const [what, wanted] of [
      ["t.a", "column"],
      ["u", "table"],
    ] as const) {
      test(`${name}, of ${what}`, async () => {
        const project = await archived(plain.before, plain.rows, plain.after);
        const before = await allRows(project.database);
        await project.database.query(change(await physicalOf(project, what)));
        const error = await toolErrorOf(restore(project.workspace, { what, wanted }, quietRun));
        expect([error.code, error.state]).toEqual(["archive_mismatch", "nothing was changed"]);
        expect(error.what).toMatch(
          /^Refusing to restore: archive checksum changed since archive time \(recorded [0-9a-f]{7}…\)$/,
        );
        expect(await allRows(project.database)).toEqual(before);
        expect((await listArtifacts(project.workspace)).map(({ status }) => status)).toEqual(["live", "live"]);
        if (name === "no table") return;
        const { verified } = await inspectArtifact(project.workspace, { what, verify: true });
        expect(verified?.intact).toBe(false);
        expect((await exported(project.workspace, what, "jsonl")).split("\n").length).toBeGreaterThan(8);
      }, 60_000);
    }
  }

  test("what is recorded about it", async () => {
    const project = await archived(plain.before, plain.rows, plain.after);
    for (const [set, expected] of [
      ["recovery_sql = replace(recovery_sql, '\"text\"', '\"text default evil()\"')", "archive_mismatch"],
      ["recovery_sql = ''", "archive_mismatch"],
      ["source_table = 'public.t; drop table t'", "name_unknown"],
    ] as const) {
      await project.database.query("create table audit.saved as select * from audit._zanith_migration_artifacts");
      await project.database.query(`update audit._zanith_migration_artifacts set ${set}`);
      const error = await toolErrorOf(restore(project.workspace, { what: "t.a", wanted: "column" }, quietRun));
      expect(error.code).toBe(expected);
      await project.database.query(
        "delete from audit._zanith_migration_artifacts; insert into audit._zanith_migration_artifacts select * from audit.saved; drop table audit.saved",
      );
    }
    expect((await restore(project.workspace, { what: "t.a", wanted: "column" }, quietRun)).status).toBe("restored");
  }, 60_000);
});

test("a checksum does not depend on what the session is set to", async () => {
  const project = await archived(
    `create table t (id int primary key, at timestamptz, d date, i interval, f double precision, b bytea, m money, x xml, r regclass)`,
    `insert into t values (1, '2026-03-29 01:30+01', '0044-03-15 BC', '1 mon -3 days 04:05:06.789', 0.1::float8 + 0.2, '\\x00ff', 1234.5, '<a b="c"/>', 'pg_class'),
       (2, '-infinity', 'infinity', '-1 year', 'NaN', '', -0.5, null, null)`,
    "create table u (id int)",
  );
  const name = project.database.url.split("/").at(-1);
  for (const setting of [
    "timezone = 'Pacific/Chatham'",
    "datestyle = 'German, DMY'",
    "intervalstyle = 'iso_8601'",
    "extra_float_digits = 0",
    "bytea_output = 'escape'",
    "lc_monetary = 'C'",
    "search_path = 'pg_catalog'",
    "xmloption = 'document'",
    "max_parallel_workers_per_gather = 4",
  ])
    await project.database.query(`alter database "${name}" set ${setting}`);
  const { verified } = await inspectArtifact(project.workspace, { what: "t", verify: true });
  expect(verified?.intact).toBe(true);
  expect((await restore(project.workspace, { what: "t", wanted: "table" }, quietRun)).status).toBe("restored");
}, 60_000);

describe("rows that changed in between", () => {
  const before = "create table t (id int primary key, a text not null default 'new', b int not null, c int)";
  const rows = "insert into t select g, 'a' || g, g, g from generate_series(1, 5) g";
  const after = "create table t (id int primary key, c int)";
  const meanwhile = "delete from t where id = 1; insert into t values (6, 6); update t set c = 20 where id = 2";

  test("new rows get the default, changed ones their own value, deleted ones stay in the archive", async () => {
    const project = await archived(before, rows, after);
    await project.database.query(meanwhile);
    expect((await restore(project.workspace, { what: "t.a", wanted: "column" }, quietRun)).status).toBe("restored");
    expect(await project.database.query("select id, a from t order by id")).toEqual(
      [2, 3, 4, 5].map((id) => ({ id, a: `a${id}` })).concat([{ id: 6, a: "new" }]),
    );
    expect(await exported(project.workspace, "t.a", "csv")).toBe('id,a\n1,"a1"\n2,"a2"\n3,"a3"\n4,"a4"\n5,"a5"\n');
  }, 60_000);

  test("a column that has to have a value is refused with the number of rows, and comes back nullable", async () => {
    const project = await archived(before, rows, after);
    await project.database.query(meanwhile);
    const error = await toolErrorOf(restore(project.workspace, { what: "t.b", wanted: "column" }, quietRun));
    expect([error.code, error.why]).toEqual([
      "step_failed",
      expect.stringContaining("1 row(s) of public.t have no value"),
    ]);
    expect((await project.database.query("select * from t limit 1"))[0]).not.toHaveProperty("b");
    const result = await restore(project.workspace, { what: "t.b", wanted: "column", nullable: true }, quietRun);
    expect(result.status).toBe("restored");
    expect(await project.database.query("select id, b from t order by id")).toEqual(
      [2, 3, 4, 5].map((id): { id: number; b: number | null } => ({ id, b: id })).concat([{ id: 6, b: null }]),
    );
  }, 60_000);

  test("a table without a key is refused when a row does not find its value again", async () => {
    const project = await archived(
      "create table t (a int, b int)",
      "insert into t values (1, 10), (2, 20)",
      "create table t (a int)",
    );
    await project.database.query("update t set a = 3 where a = 2");
    const error = await toolErrorOf(restore(project.workspace, { what: "t.b", wanted: "column" }, quietRun));
    expect(error.why).toContain("1 archived value(s) of b do not find their rows");
    await project.database.query("update t set a = 2 where a = 3");
    expect((await restore(project.workspace, { what: "t.b", wanted: "column" }, quietRun)).status).toBe("restored");
    expect(await project.database.query("select a, b from t order by a")).toEqual([
      { a: 1, b: 10 },
      { a: 2, b: 20 },
    ]);
  }, 60_000);

  test("a foreign key that rows speak against is said beforehand, and comes back NOT VALID with the rest", async () => {
    const before = `create table r (id int primary key); create table t (id int primary key, a int references r);
      create table s (id int primary key, a int references r);`;
    const rows = "insert into r values (1), (2); insert into t values (1, 1), (2, 2); insert into s select * from t";
    const project = await archived(
      before,
      rows,
      "create table r (id int primary key); create table t (id int primary key);",
    );
    await project.database.query("delete from r where id = 2");
    for (const [what, wanted] of [
      ["t.a", "column"],
      ["s", "table"],
    ] as const) {
      const refused = await restore(project.workspace, { what, wanted }, quietRun);
      expect(["lost" in refused && refused.lost.map(({ why }) => why), refused.status]).toEqual([
        [`1 row(s) of public.${what.slice(0, 1)} have no row in public.r: it holds for new rows only (NOT VALID)`],
        "refused",
      ]);
      expect((await restore(project.workspace, { what, wanted, partial: true }, quietRun)).status).toBe("restored");
    }
    expect(
      await project.database.query(
        "select conrelid::regclass::text as t, convalidated from pg_constraint where contype = 'f' order by 1",
      ),
    ).toEqual([
      { t: "s", convalidated: false },
      { t: "t", convalidated: false },
    ]);
  }, 60_000);

  test("a name that was taken since is said before anything is changed, and --as is the way out", async () => {
    const project = await archived(plain.before, plain.rows, plain.after);
    await project.database.query("create table u (other int); alter table t add column a int");
    for (const [what, wanted] of [
      ["u", "table"],
      ["t.a", "column"],
    ] as const) {
      const refused = await restore(project.workspace, { what, wanted }, quietRun);
      expect([refused.status, "blocked" in refused && refused.blocked.length]).toEqual(["refused", 1]);
      const other = await restore(project.workspace, { what, wanted, as: "Old; name" }, quietRun);
      expect(other.status).toBe("restored");
    }
    expect(await project.database.query('select a from "Old; name" order by id limit 1')).toEqual([{ a: "a1" }]);
    expect(await project.database.query('select "Old; name" from t order by id limit 1')).toEqual([
      { "Old; name": "a1" },
    ]);
  }, 60_000);
});

test("a reseed fills what is empty and leaves what is not, and counts both beforehand", async () => {
  const project = await archived(plain.before, plain.rows, plain.after);
  await project.database.query(
    "alter table t add column a text; update t set a = 'mine' where id < 3; delete from t where id = 9",
  );
  const what = "t.a";
  const counts = { archived: 9, matched: 8, missing: 1, conflicting: 2 };
  const planned = await reseed(project.workspace, { what, dryRun: true }, quietRun);
  expect([planned.status, planned.counts]).toEqual(["planned", { ...counts, filled: 6 }]);
  expect((await reseed(project.workspace, { what }, quietRun)).status).toBe("reseeded");
  expect((await reseed(project.workspace, { what }, quietRun)).status).toBe("nothing to do");
  expect(await project.database.query("select a from t order by id limit 3")).toEqual([
    { a: "mine" },
    { a: "mine" },
    { a: "a3" },
  ]);
  const all = await reseed(project.workspace, { what, all: true }, quietRun);
  expect([all.status, all.counts.filled]).toEqual(["reseeded", 2]);
  expect(await project.database.query("select a from t order by id limit 1")).toEqual([{ a: "a1" }]);
}, 60_000);

test("an owner on whom row security is forced keeps and gets back every row", async () => {
  const project = await projects.start({ config: { auditSchema: "audit" } });
  const role = `owner_${crypto.randomUUID().slice(0, 8)}`;
  const url = new URL(project.database.url);
  await project.database.query(
    `create role ${role} login createdb password 'x'; alter database "${url.pathname.slice(1)}" owner to ${role}`,
  );
  [url.username, url.password] = [role, "x"];
  const workspace = project.variant({}, url.toString());
  await project.database.query(`set role ${role}; create schema app;
    create table app.t (id int primary key, a text); insert into app.t select g, 'a' || g from generate_series(1, 9) g;
    create table app.u as select * from app.t; reset role;
    alter table app.t enable row level security; alter table app.t force row level security;
    alter table app.u enable row level security; alter table app.u force row level security;
    create policy few on app.t using (id < 3); create policy few on app.u using (id < 3)`);
  const before = await allRows(project.database);
  const file = join(project.workspace.cwd, "schema.sql");
  writeFileSync(
    file,
    `create schema app; create table app.t (id int primary key); alter table app.t enable row level security;
     alter table app.t force row level security; create policy few on app.t using (id < 3)`,
  );
  await generate(workspace, { to: file, name: "cut" }, quietRun);
  await up(workspace, {}, quietRun);
  for (const [what, wanted] of [
    ["app.t.a", "column"],
    ["app.u", "table"],
  ] as const) {
    expect((await inspectArtifact(workspace, { what, verify: true })).verified).toMatchObject({
      rows: "9",
      intact: true,
    });
    expect((await exported(workspace, what, "csv")).split("\n")).toHaveLength(11);
    expect((await restore(workspace, { what, wanted }, quietRun)).status).toBe("restored");
  }
  expect(await allRows(project.database)).toEqual(before);
  expect(
    await project.database.query(
      "select bool_and(relforcerowsecurity) as forced from pg_class where relname in ('t', 'u')",
    ),
  ).toEqual([{ forced: true }]);
  await project.database.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
}, 60_000);

const hostile = ['a"b', "x y", "é".repeat(31), "n".repeat(63), '"; drop table users; --', "a.b", "select", "\u202e$$"];
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

test("every verb takes hostile names, by the name, the artifact and the migration", async () => {
  const all = `create table ${quoted(hostile[0] as string)} (id int primary key);`;
  const before = `${all} create table users (id int primary key, ${hostile.map((name) => `${quoted(name)} text`).join(", ")});
    ${hostile
      .slice(1)
      .map((name) => `create table ${quoted(name)} (id int primary key, ${quoted(name)} text);`)
      .join(" ")}`;
  const filled = hostile.slice(1).map((name) => `insert into ${quoted(name)} values (1, 'x')`);
  const rows = `${filled.join(";")}; insert into users (id, ${hostile.map(quoted).join(", ")}) values (1, ${hostile.map((name) => `'${name}'`).join(", ")})`;
  const project = await archived(before, rows, `${all} create table users (id int primary key);`);
  const { workspace } = project;
  const artifacts = await listArtifacts(workspace);
  expect(artifacts).toHaveLength(hostile.length * 2 - 1);
  const migration = artifacts[0]?.migration ?? "";
  for (const { id, column, table } of artifacts) {
    const path = column === null ? table : `${table}.${column}`;
    expect((await inspectArtifact(workspace, { what: path, verify: true })).artifact.id).toBe(id);
    expect((await inspectArtifact(workspace, { what: id, verify: true })).verified?.intact).toBe(true);
    for (const format of ["csv", "json", "jsonl"] as const)
      expect(await exported(workspace, path, format)).not.toBe("");
    const wanted = column === null ? "table" : "column";
    expect((await restore(workspace, { what: path, wanted }, quietRun)).status).toBe("restored");
    if (column === null) continue;
    await project.database.query(`update users set ${column} = null`);
    expect((await reseed(workspace, { what: path }, quietRun)).counts.filled).toBe(1);
  }
  const [row] = await project.database.query("select * from users");
  expect(row).toEqual({ id: 1, ...Object.fromEntries(hostile.map((name) => [name, name])) });
  expect((await cleanUp(workspace, { olderThanSeconds: 0 }, quietRun)).status).toBe("planned");
  const purged = await purge(workspace, { what: migration, confirmed: true }, quietRun);
  expect([purged.status, purged.artifacts.length]).toEqual(["purged", hostile.length]);
  expect(await project.database.query("select * from users")).toHaveLength(1);
  expect(
    await project.database.query("select relname from pg_class where relnamespace = '_zanith_shadow'::regnamespace"),
  ).toEqual([]);
}, 180_000);

describe("a restore that is cut off", () => {
  const points = 20;
  const many = batchesFromRows + 5;
  const start = (): Promise<Project> =>
    archived(
      `create table r (id int primary key); create table t (id int primary key, a int not null references r, b text);
       create index t_a on t (a);`,
      `insert into r select generate_series(0, 9); insert into t select g, g % 10, 'b' from generate_series(1, ${many}) g`,
      "create table r (id int primary key); create table t (id int primary key, b text);",
    );
  const what = { what: "t.a", wanted: "column" } as const;

  /** Restores through a proxy that cuts the nth message; the number of messages when nothing was cut. */
  async function cut(project: Project, mode: FaultMode, nth: number): Promise<number> {
    const url = new URL(project.database.url);
    await using proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
    url.hostname = proxy.host;
    url.port = String(proxy.port);
    proxy.strike({ mode, nth });
    try {
      await restore(project.variant({}, url.toString()), what, quietRun);
    } catch (error) {
      if (!isToolError(error)) throw error;
    }
    await waitFor("the sessions of the restore that was cut to end", async () => {
      const left = await project.database.query(
        "select 1 from pg_catalog.pg_stat_activity where datname = pg_catalog.current_database() and application_name ~ '^zanith restore'",
      );
      return left.length === 0;
    });
    return proxy.seen;
  }

  test(`at ${points} points ends right on the next run`, async () => {
    const messages = await cut(await start(), "before", 1_000_000);
    for (let point = 1; point <= points; point++) {
      const project = await start();
      const mode = point % 2 === 0 ? "before" : "after";
      await cut(project, mode, Math.ceil((messages * point) / points));
      const again = await restore(project.workspace, what, quietRun);
      expect({ point, ended: ["restored", "nothing to do"].includes(again.status) }).toEqual({ point, ended: true });
      const [sums] = await project.database.query(
        "select count(*)::int as rows, sum(a)::int as sum, count(*) filter (where a <> id % 10)::int as wrong from t",
      );
      const parts = await project.database.query(
        "select conname as name from pg_constraint where conrelid = 't'::regclass and contype <> 'n' union select indexrelid::regclass::text from pg_index where indrelid = 't'::regclass order by 1",
      );
      const running = (await project.attempts()).filter(({ status }) => status === "running");
      expect({
        point,
        sums,
        running,
        parts: parts.map(({ name }) => name),
        twice: (await restore(project.workspace, what, quietRun)).status,
        states: (await listArtifacts(project.workspace)).map(({ status }) => status),
      }).toEqual({
        point,
        sums: {
          rows: many,
          sum: Array.from({ length: many }, (_, at) => (at + 1) % 10).reduce((a, b) => a + b, 0),
          wrong: 0,
        },
        running: [],
        parts: ["t_a", "t_a_fkey", "t_pkey"],
        twice: "nothing to do",
        states: ["restored"],
      });
    }
  }, 600_000);
});
