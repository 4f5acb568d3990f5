// Backfills on a real server: every sort of key, rows written meanwhile, pacing, stopping and going on, workers, and what
// is refused.
import { describe, expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { checkpoints, counting, timesDone } from "../support/backfill.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { editMigration, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const small = { workers: 1, targetMs: 3, maxLagMs: 3_000, maxBatch: 100 };

const keys: readonly (readonly [name: string, sql: string, rows: number])[] = [
  [
    "bigint",
    "create table t (id bigint primary key, done int default 0); insert into t select 9007199254740993 + n from generate_series(1, 1000) n",
    1000,
  ],
  [
    "composite",
    "create table t (a int, b text, done int default 0, primary key (a, b)); insert into t select n % 7, 'x' || n from generate_series(1, 1000) n",
    1000,
  ],
  [
    "uuid",
    "create table t (id uuid default gen_random_uuid() primary key, done int default 0); insert into t select from generate_series(1, 1000)",
    1000,
  ],
  [
    "timestamps of the same millisecond, with infinities",
    "create table t (at timestamptz primary key, done int default 0); insert into t select '2026-01-01 00:00:00'::timestamptz + n * interval '1 microsecond' from generate_series(1, 1000) n; insert into t values ('infinity'), ('-infinity'), ('0044-03-15 12:00:00+00 BC')",
    1003,
  ],
  [
    "text of mixed case under a language's collation",
    `create table t (name text collate "en-x-icu" primary key, done int default 0); insert into t select (array['a', 'A', 'ä', 'B', 'b', 'Z', 'z', E'\\\\', '"', ''''])[n % 10 + 1] || n from generate_series(1, 1000) n; insert into t values ('')`,
    1001,
  ],
  [
    "a domain over numeric",
    "create domain price as numeric(20, 5); create table t (p price primary key, done int default 0); insert into t select n / 7.0 from generate_series(1, 1000) n",
    1000,
  ],
  [
    "floating point",
    "create table t (f float8 primary key, done int default 0); insert into t select 1.0 / n from generate_series(1, 1000) n; insert into t values ('NaN'), ('-infinity'), ('infinity')",
    1003,
  ],
  [
    "padded characters",
    "create table t (c char(8) primary key, done int default 0); insert into t select n::text from generate_series(1, 1000) n",
    1000,
  ],
  [
    "bytes",
    "create table t (b bytea primary key, done int default 0); insert into t select decode(md5(n::text), 'hex') from generate_series(1, 1000) n",
    1000,
  ],
  [
    "an enum",
    "create type mood as enum ('z', 'a', 'm'); create table t (m mood, n int, done int default 0, primary key (m, n)); insert into t select (array['z', 'a', 'm'])[n % 3 + 1]::mood, n from generate_series(1, 1000) n",
    1000,
  ],
  [
    "a unique index over a column that is not null",
    "create table t (a int, b int not null, done int default 0); create unique index by_b on t (b); insert into t select null, -n from generate_series(1, 1000) n",
    1000,
  ],
  [
    "a partitioned table",
    "create table t (id int, at int, done int default 0, primary key (at, id)) partition by range (at); create table t1 partition of t for values from (0) to (5); create table t2 partition of t default; insert into t select n, n % 10 from generate_series(1, 1000) n",
    1000,
  ],
  [
    "a table with children of the same keys",
    "create table t (id int primary key, done int default 0); create table child (primary key (id)) inherits (t); insert into t select n from generate_series(1, 500) n; insert into child select n from generate_series(1, 500) n",
    1000,
  ],
  [
    "quoted names",
    `create table t ("Ke""y" int, "a.b" int, done int default 0, primary key ("Ke""y", "a.b")); insert into t select n, -n from generate_series(1, 1000) n`,
    1000,
  ],
];

describe("each row is done once, going by", () => {
  for (const [name, sql, rows] of keys) {
    test(name, async () => {
      const project = await projects.start({ sql });
      project.operations("count", counting("t"));
      const run = recordedRun();
      await up(project.workspace, { backfill: small }, run);
      expect(await timesDone(project, "t")).toEqual({ "1": rows });
      expect(await checkpoints(project)).toEqual([{ step: 0, processed: String(rows), status: "done" }]);
      expect(run.events.filter(({ type }) => type === "backfill.progress").length).toBeGreaterThanOrEqual(rows / 100);
    });
  }
});

describe("is refused with what would help", () => {
  const refusals: readonly (readonly [name: string, sql: string, why: string])[] = [
    [
      "a table without a key",
      "create table t (id int, done int)",
      "it has no primary key and no unique index, so nothing says where a batch ends and the next one begins",
    ],
    [
      "a unique index over a column that can be null",
      "create table t (id int unique, done int)",
      "none of its unique indexes can be gone by: t_id_key has a column that can be null: id",
    ],
    [
      "a unique index over some rows",
      "create table t (id int not null, done int); create unique index part on t (id) where id > 5",
      "none of its unique indexes can be gone by: part covers only part of the rows",
    ],
    [
      "a key that is written",
      "create table t (done int primary key)",
      "none of its unique indexes can be gone by: t_pkey has a column that is written: done",
    ],
    [
      "a collation that takes different texts for equal",
      "create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); create table t (id text collate ci primary key, done int)",
      "none of its unique indexes can be gone by: t_pkey has a collation that takes different texts for equal",
    ],
  ];
  for (const [name, sql, why] of refusals) {
    test(name, async () => {
      const project = await projects.start({ sql });
      const set = [{ column: "done", expression: "1" }];
      project.operations("fill", operation("backfill", { schema: "public", table: "t", set, meanwhile: "trigger" }));
      const error = await toolErrorOf(up(project.workspace, {}, quietRun));
      expect({ code: error.code, why: error.why }).toEqual({ code: "step_failed", why });
      const triggers = await project.database.query("select tgname from pg_catalog.pg_trigger order by tgname");
      expect(triggers).toEqual([]);
    });
  }
});

const people = `create table people (id uuid default gen_random_uuid() primary key, first text, last text, name text);
  insert into people (first, last) select 'f' || n, 'l' || n from generate_series(1, 3000) n`;
const naming = (meanwhile: string) =>
  operation("backfill", {
    schema: "public",
    table: "people",
    set: [{ column: "name", expression: "first || ' ' || last" }],
    meanwhile,
  });

async function unnamed(project: Awaited<ReturnType<typeof projects.start>>): Promise<number> {
  const rows = await project.database.query(
    "select count(*)::int as n from people where name is distinct from first || ' ' || last",
  );
  return Number(rows[0]?.["n"]);
}

for (const meanwhile of ["sweep", "trigger"]) {
  test(`rows with random keys that are written meanwhile are covered: ${meanwhile}`, async () => {
    const project = await projects.start({ sql: people });
    project.operations("name", naming(meanwhile));
    let writing: Promise<unknown> = Promise.resolve();
    let batches = 0;
    const run = recordedRun((event) => {
      if (event.type !== "backfill.progress" || event.state !== "running") return;
      const at = batches++;
      writing = writing.then(() =>
        project.database.query(
          `insert into people (first, last) values ('new', '${at}');
           update people set last = last || '!' where id in (select id from people order by id desc limit 1);
           delete from people where id in (select id from people order by id limit 1)`,
        ),
      );
    });
    await up(project.workspace, { backfill: small }, run);
    await writing;
    expect(batches).toBeGreaterThan(1);
    expect(await checkpoints(project)).toMatchObject([{ status: "done" }]);
    // What the writer still did after the last look is the application's own by then; there is none of it with a trigger.
    if (meanwhile === "trigger") expect(await unnamed(project)).toBeLessThanOrEqual(1);
    else expect(await unnamed(project)).toBeLessThanOrEqual(2);
  });
}

test("a value that its column rounds is done once, and json is compared by its text", async () => {
  const project = await projects.start({
    sql: `create table t (id int primary key, net numeric, vat numeric(10, 2), doc json);
      insert into t select n, n * 1.234567 from generate_series(1, 500) n`,
  });
  const set = [
    { column: "vat", expression: "net * 0.19" },
    { column: "doc", expression: "json_build_object('net', net)" },
  ];
  project.operations("fill", operation("backfill", { schema: "public", table: "t", set }));
  const run = recordedRun();
  await up(project.workspace, {}, run);
  expect(await checkpoints(project)).toEqual([{ step: 0, processed: "500", status: "done" }]);
  expect(run.events.filter((event) => event.type === "step.noted")).toEqual([]);
});

test("a stop is obeyed after a batch, and the next run goes on from there", async () => {
  const project = await projects.start({ sql: keys[0]?.[1] ?? "" });
  project.operations("count", counting("t"));
  const run = recordedRun((event, self) => {
    if (event.type === "backfill.progress" && event.processed >= 300) self.stop();
  });
  const error = await toolErrorOf(up(project.workspace, { backfill: small }, run));
  expect(error.code).toBe("interrupted");
  expect(await checkpoints(project)).toEqual([{ step: 0, processed: "300", status: "paused" }]);
  await up(project.workspace, { backfill: small }, quietRun);
  expect(await timesDone(project, "t")).toEqual({ "1": 1000 });
});

test("another expression or another table than the checkpoint's is refused", async () => {
  const project = await projects.start({ sql: keys[0]?.[1] ?? "" });
  const id = project.operations("count", counting("t"));
  const stopAfter = () =>
    recordedRun((event, self) => {
      if (event.type === "backfill.progress") self.stop();
    });
  await toolErrorOf(up(project.workspace, { backfill: small }, stopAfter()));
  const refused = async () => (await toolErrorOf(up(project.workspace, { backfill: small }, quietRun))).why;

  const set = (expression: string) =>
    editMigration(project, id, ([op]) => Object.assign(op ?? {}, { set: [{ column: "done", expression }] }));
  set("done + 2");
  expect(await refused()).toBe("its expressions or conditions are others");
  set("done + 1");

  // What changes the schema is found before the backfill is even asked.
  await project.database.query("alter table t alter column id type numeric");
  const result = await up(project.workspace, { backfill: small }, quietRun);
  expect(result.refused?.gate.gate).toBe("drift");
  await project.database.query("alter table t alter column id type bigint");

  await project.database.query(
    "create table u (like t including all); insert into u select * from t; drop table t; alter table u rename to t; alter index u_pkey rename to t_pkey",
  );
  expect(await refused()).toBe("the table was dropped and made again");
  expect(await timesDone(project, "t")).toEqual({ "0": 900, "1": 100 });
});

test("workers share the keys without doing one twice", async () => {
  const project = await projects.start({
    sql: "create table t (id uuid default gen_random_uuid() primary key, done int default 0); insert into t select from generate_series(1, 8000)",
  });
  project.operations("count", counting("t"));
  const run = recordedRun();
  await up(project.workspace, { backfill: { ...small, workers: 3 } }, run);
  expect(await timesDone(project, "t")).toEqual({ "1": 8000 });
  expect(await checkpoints(project)).toEqual([{ step: 0, processed: "8000", status: "done" }]);
});

test("a row that another session holds delays its batch and no other", async () => {
  const project = await projects.start({ sql: keys[0]?.[1] ?? "" });
  project.operations("count", counting("t"));
  const other = await project.database.session();
  await other.query("begin");
  await other.query("update t set done = done where id = 9007199254741293");
  const run = recordedRun();
  const going = up(project.workspace, { backfill: small }, run);
  const told = (text: string) =>
    run.events.some((event: RunEvent) => event.type === "step.noted" && event.message.includes(text));
  await waitFor("a batch that failed for the lock", () => told("lock timeout"));
  await other.query("commit");
  await other.close();
  await going;
  expect(await timesDone(project, "t")).toEqual({ "1": 1000 });
});

test("a batch in a deadlock with an application gives way, however late it got there", async () => {
  // Each row takes 10 ms: the batch has held the first for 800 ms when it comes to the eightieth.
  const project = await projects.start({
    sql: `create table t (id int primary key, done int default 0); insert into t select n from generate_series(1, 100) n;
      create function slow() returns trigger language plpgsql as 'begin if new.done > 0 then perform pg_sleep(0.01); end if; return new; end';
      create trigger slow before update on t for each row execute function slow()`,
  });
  project.operations("count", counting("t"));
  const application = await project.database.session();
  await application.query("begin");
  await application.query("update t set done = done where id = 80");
  const going = up(project.workspace, { backfill: small }, quietRun);
  await waitFor("the batch", async () => {
    const [row] = await project.database.query(
      "select count(*)::int as n from pg_catalog.pg_stat_activity where query ~ '^update public.t set' and state = 'active'",
    );
    return row?.["n"] === 1;
  });
  await application.query("update t set done = done where id = 1");
  await application.query("commit");
  await application.close();
  await going;
  expect(await timesDone(project, "t")).toEqual({ "1": 100 });
});

test("no more rows a second than allowed", async () => {
  const project = await projects.start({ sql: keys[0]?.[1] ?? "" });
  project.operations("count", counting("t"));
  const run = recordedRun();
  await up(project.workspace, { backfill: { ...small, maxRate: 2_000 } }, run);
  const reasons = new Set(run.events.flatMap((event) => (event.type === "backfill.progress" ? [event.reason] : [])));
  expect(reasons.has("at most 2000 rows a second")).toBe(true);
  expect(await timesDone(project, "t")).toEqual({ "1": 1000 });
});

test("an expression that fails ends the step, and the next run goes on when it no longer does", async () => {
  const project = await projects.start({
    sql: "create table t (id int primary key, n int, done int default 0); insert into t select n, case when n = 555 then 0 else 1 end from generate_series(1, 1000) n",
  });
  project.operations("count", counting("t", { set: [{ column: "done", expression: "done + 1 / n" }] }));
  const error = await toolErrorOf(up(project.workspace, { backfill: small }, quietRun));
  expect(error.why).toContain("division by zero");
  expect(await checkpoints(project)).toEqual([{ step: 0, processed: "500", status: "failed" }]);
  await project.database.query("update t set n = 1 where n = 0");
  await up(project.workspace, { backfill: small }, quietRun);
  expect(await timesDone(project, "t")).toEqual({ "1": 1000 });
});
