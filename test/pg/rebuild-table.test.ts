// Tables copied into new ones while applications write: nothing is lost whoever is killed when, and what hung on the table is
// on the new one.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BackfillSettings } from "../../src/backfill/settings.ts";
import { down } from "../../src/usecase/down.ts";
import { generate } from "../../src/usecase/generate.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { cliCommand, cliEnvironment } from "../support/run-cli.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Project, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const small: BackfillSettings = { workers: 1, targetMs: 3, maxLagMs: 3_000, maxBatch: 100 };
const rows = 3000;

/** Writes the declared schema and generates the migration that rebuilds the tables for it. */
async function rebuild(project: Project, declared: string, ...tables: readonly string[]) {
  const file = join(project.workspace.cwd, "declared.sql");
  writeFileSync(file, declared);
  return generate(project.workspace, { name: "rebuild", to: file, rebuild: tables, drops: "hard" }, quietRun);
}

const truth = "create table truth (id bigint primary key, code text, amount numeric)";
const lines = `create table makers (id int primary key);
  create table lines (note text, amount int default 1, id serial primary key, code text constraint each unique,
    maker int constraint of references makers, state text default 'new' constraint known check (state <> ''));
  create index lines_amount on lines (amount) include (code); comment on column lines.note is 'whatever';
  create table uses (line int constraint on_line references lines on delete cascade, n int)`;
const declaredLines = `create table makers (id int primary key);
  create sequence lines_id_seq as int;
  create table lines (id bigint not null default nextval('lines_id_seq') primary key, code text constraint each unique, amount numeric(12, 2) default 1,
    maker int constraint of references makers, state text default 'new' constraint known check (state <> ''), note text);
  alter sequence lines_id_seq owned by lines.id;
  create index lines_amount on lines (amount) include (code); comment on column lines.note is 'whatever';
  create table uses (line int constraint on_line references lines on delete cascade, n int)`;
const declared = `${declaredLines}; ${truth}`;
const seed = `${lines}; ${truth}; insert into makers values (1), (2);
  insert into lines (code, amount, maker) select 'c' || n, n, 1 + n % 2 from generate_series(1, ${rows}) n;
  insert into uses select id, 1 from lines where id % 7 = 0;
  insert into truth select id, code, amount from lines`;

/** Inserts, changes, moves and deletes rows, telling the same to a table that nobody rebuilds, until stopped. */
function bystander(project: Project): { stop(): Promise<number> } {
  let going = true;
  const work = (async () => {
    let n = 0;
    while (going) {
      n++;
      await project.database.query(`do $$
        declare made bigint; one bigint; two bigint;
        begin
          insert into lines (code, amount, maker) values ('w${n}', ${n}, 1) returning id into made;
          insert into truth values (made, 'w${n}', ${n});
          select id into one from truth where id > ${(n * 37) % rows} and id <= ${rows} order by id limit 1;
          update lines set amount = amount + 1, note = 'changed' where id = one;
          update truth set amount = amount + 1 where id = one;
          select id into two from truth where id > ${(n * 53) % rows} and id <= ${rows} and id <> one order by id limit 1;
          delete from lines where id = two;
          delete from truth where id = two;
          update lines set id = -made where id = made and ${n} % 5 = 0;
          update truth set id = -made where id = made and ${n} % 5 = 0;
        end $$`);
    }
    return n;
  })();
  work.catch(() => {});
  return {
    stop: () => {
      going = false;
      return work;
    },
  };
}

async function apart(project: Project): Promise<unknown> {
  const [row] = await project.database.query(
    `select count(*)::int as apart from lines l full join truth t on t.id = l.id
     where l.id is null or t.id is null or l.code is distinct from t.code or l.amount is distinct from t.amount`,
  );
  return row?.["apart"];
}

async function leftovers(project: Project): Promise<readonly unknown[]> {
  return project.database.query(
    `select proname::text as name from pg_catalog.pg_proc where proname like '%zanith%'
     union all select tgname from pg_catalog.pg_trigger where tgname like '%zanith%'
     union all select c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = '_zanith_shadow' and c.relkind = 'r'
     union all select 'invalid ' || c.relname from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid where not i.indisvalid
     union all select 'not validated ' || conname from pg_catalog.pg_constraint where not convalidated order by 1`,
  );
}

describe("a rebuild", () => {
  test("loses no write of a bystander and carries what is on the table", async () => {
    const project = await projects.start({ sql: seed });
    const made = await rebuild(project, declared, "lines");
    expect(made.steps.map(({ kind, object }) => `${kind} ${object}`)).toEqual(["rebuildTable lines"]);
    const writer = bystander(project);
    let batches = 0;
    const run = recordedRun((event) => {
      if (event.type === "backfill.progress" && event.state !== "done") batches++;
    });
    expect((await up(project.workspace, { backfill: small }, run)).refused).toBeUndefined();
    // How many of either there are is the machine's affair: that neither ran alone is what matters here.
    expect(await writer.stop()).toBeGreaterThan(1);
    expect(batches).toBeGreaterThan(1);
    expect(await apart(project)).toBe(0);
    expect(await project.difference(declared)).toEqual([]);
    expect(await leftovers(project)).toEqual([]);
    const order = await project.database.query(
      "select string_agg(attname, ' ' order by attnum) as columns from pg_catalog.pg_attribute where attrelid = 'lines'::regclass and attnum > 0",
    );
    expect(order).toEqual([{ columns: "id code amount maker state note" }]);
    await expect(project.database.query("insert into uses values (987654321, 1)")).rejects.toThrow("on_line");
    await project.database.query("delete from makers where id not in (select maker from lines)");
    const artifacts = await project.database.query(
      "select artifact_type, source_table, physical_name, row_count::int > 100 as counted, status, recovery_sql like '% rename to lines;%' as back from _zanith_migration_artifacts order by id",
    );
    expect(artifacts).toEqual([
      {
        artifact_type: "rebuild_table",
        source_table: "public.lines",
        physical_name: expect.stringMatching(/^public\._zanith_dropped_lines_[0-9a-f]{8}$/),
        counted: true,
        status: "live",
        back: true,
      },
    ]);
  });

  test("is undone by another one, with what was written since, and can be done again", async () => {
    const project = await projects.start({ sql: seed });
    await rebuild(project, declared, "lines");
    await up(project.workspace, {}, quietRun);
    await project.database.query(
      "insert into lines (code, amount) values ('since', 5); insert into truth select id, code, amount from lines where code = 'since'",
    );
    const undone = await down(project.workspace, { confirmed: true }, quietRun);
    expect(undone.undone).toHaveLength(1);
    expect(await project.difference(`${lines}; ${truth}`)).toEqual([]);
    expect(await apart(project)).toBe(0);
    await up(project.workspace, {}, quietRun);
    expect(await project.difference(declared)).toEqual([]);
    expect(await apart(project)).toBe(0);
    const kept = await project.database.query(
      "select count(*)::int as n from pg_catalog.pg_class where relname like '\\_zanith\\_dropped\\_lines\\_%' and relkind = 'r' and not exists (select from _zanith_migration_artifacts where physical_name = 'public.' || relname)",
    );
    expect(kept).toEqual([{ n: 0 }]);
  });

  test("repeats truncation, and serves writers that have no rights but on the table", async () => {
    const role = `zanith_rebuild_${process.pid}`;
    const grants = `grant select, insert, truncate on t to ${role}; grant update (a) on t to ${role} with grant option`;
    const project = await projects.start({
      sql: `create table t (a int, id int generated always as identity primary key);
        insert into t (a) select n from generate_series(1, 2000) n;
        do $$ begin create role ${role}; exception when duplicate_object then null; end $$; ${grants}`,
    });
    try {
      await rebuild(
        project,
        `create table t (id bigint generated always as identity primary key, a bigint); ${grants}`,
        "t",
      );
      let truncated: Promise<unknown> | undefined;
      const run = recordedRun((event) => {
        if (event.type !== "backfill.progress" || event.state === "done") return;
        truncated ??= project.database.query(
          `begin; set local role ${role}; truncate t; insert into t (a) values (1), (2); update t set a = 3 where a = 2; commit`,
        );
      });
      await up(project.workspace, { backfill: small }, run);
      await truncated;
      expect(await project.database.query("select id::int as id, a::int as a from t order by id")).toEqual([
        { id: 2001, a: 1 },
        { id: 2002, a: 3 },
      ]);
      expect(
        await project.database.query(
          `select pg_catalog.has_table_privilege('${role}', 't', 'select, insert') as rights, pg_catalog.has_table_privilege('${role}', 't', 'delete') as more,
             pg_catalog.has_column_privilege('${role}', 't', 'a', 'update with grant option') as granted`,
        ),
      ).toEqual([{ rights: true, more: false, granted: true }]);
      expect(await project.database.query("insert into t (a) values (9) returning id::int as id")).toEqual([
        { id: 2003 },
      ]);
    } finally {
      await project.database.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

/** Runs `up` in a process of its own and kills it at the nth event; whether it got that far. */
async function killedAt(project: Project, at: number): Promise<boolean> {
  const tool = Bun.spawn(
    [
      ...cliCommand(),
      "migrate",
      "up",
      "--yes",
      "--json",
      "--batch-time",
      "3ms",
      "--url",
      project.database.url,
      "--dir",
      project.dir,
    ],
    {
      cwd: project.workspace.cwd,
      env: cliEnvironment(project.workspace.cwd),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    },
  );
  let seen = 0;
  const decoder = new TextDecoder();
  for await (const chunk of tool.stdout) {
    seen += decoder.decode(chunk, { stream: true }).split("\n").length - 1;
    if (seen >= at) tool.kill("SIGKILL");
  }
  await tool.exited;
  return tool.signalCode === "SIGKILL";
}

async function lockIsFree({ database }: Project): Promise<void> {
  await waitFor("the end of the killed runner's session", async () => {
    const held = await database.query(
      `select 1 from pg_catalog.pg_locks l join pg_catalog.pg_database d on d.oid = l.database
       where l.locktype = 'advisory' and d.datname = current_database()`,
    );
    return held.length === 0;
  });
}

test("a runner killed in every phase is followed by one that finishes, and no write is lost", async () => {
  const project = await projects.start({ sql: seed });
  await rebuild(project, declared, "lines");
  const writer = bystander(project);
  let kills = 0;
  for (let at = 4; at < 400; at += at < 40 ? 9 : 3) {
    if (!(await killedAt(project, at))) break;
    kills++;
    await lockIsFree(project);
  }
  const end = await up(project.workspace, {}, quietRun);
  expect(await writer.stop()).toBeGreaterThan(10);
  expect(kills).toBeGreaterThan(5);
  expect(end.refused).toBeUndefined();
  expect(await apart(project)).toBe(0);
  expect(await project.difference(declared)).toEqual([]);
  expect(await leftovers(project)).toEqual([]);
}, 120_000);

describe("what cannot be rebuilt is refused", () => {
  const cases: readonly (readonly [name: string, before: string, after: string, why: string])[] = [
    ["a table without a key", "create table t (a int, b int)", "create table t (a bigint, b int)", "no primary key"],
    [
      "a partitioned table",
      "create table t (a int, n int) partition by range (a)",
      "create table t (a int, n bigint) partition by range (a)",
      "partitioned",
    ],
    [
      "a table that a view reads",
      "create table t (a int, id int primary key); create view v as select a from t",
      "create table t (id int primary key, a int); create view v as select a from t",
      "view public.v",
    ],
    [
      "a table that is published",
      "create table t (a int, id int primary key); create publication outside for table t",
      "create table t (id int primary key, a int); create publication outside for table t",
      "publication outside",
    ],
    [
      "one that nothing is to change in",
      "create table t (a int primary key)",
      "create table t (a int primary key, b int)",
      "the order that are wanted",
    ],
  ];
  for (const [name, before, after, why] of cases) {
    test(name, async () => {
      const project = await projects.start({ sql: before });
      expect((await toolErrorOf(rebuild(project, after, "t"))).why).toContain(why);
    });
  }

  test("a table whose columns are kept in step, before anything is begun", async () => {
    const project = await projects.start({
      sql: `create table t (a int, id int primary key);
        create function _zanith_sync_1() returns trigger language plpgsql as 'begin return new; end';
        create trigger zz_zanith_sync_1 before insert on t for each row execute function _zanith_sync_1()`,
    });
    await rebuild(project, "create table t (id int primary key, a int)", "t");
    const error = await toolErrorOf(up(project.workspace, {}, quietRun));
    expect(error.why).toContain(
      "cannot rebuild public.t: these would go on with the old table or be lost: trigger zz_zanith_sync_1, by which columns are kept in step",
    );
    expect(await project.database.query("select to_regnamespace('_zanith_shadow') as made")).toEqual([{ made: null }]);
  });
});
