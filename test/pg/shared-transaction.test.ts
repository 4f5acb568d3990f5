// Many small steps in a row commit together: what is recorded of them, and what a failure, a stop or a cut leaves.
import { describe, expect, test } from "bun:test";
import { type Operation, operation } from "../../src/operation/define.ts";
import { status } from "../../src/usecase/status.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { cutRun } from "../support/cut-run.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { type Project, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

/** Every how many messages a run is cut; ZANITH_TEST_SWEEP=1 cuts at each of them. */
const stride = Number(process.env["ZANITH_TEST_SWEEP"] ?? 17);

/** Enough steps for more than one transaction: 120 tables, one of them with a comment. */
const count = 120;

function tableOperation(at: number): Operation {
  const place = { schema: "public", table: `t${at}` };
  return operation("createTable", {
    table: { kind: "table", schema: "public", name: `t${at}`, ...(at === 3 ? { comment: "the fourth" } : {}) },
    columns: [{ kind: "column", ...place, name: "id", position: 1, type: "bigint", notNull: true }],
    constraints: [{ kind: "primaryKey", ...place, name: `t${at}_pkey`, columns: ["id"] }],
  });
}

const operations = Array.from({ length: count }, (_, at) => tableOperation(at));
const script = `${operations.map((_, at) => `create table t${at} (id bigint primary key);`).join("\n")} comment on table t3 is 'the fourth';`;

/** How many transactions the rows of the steps table were written in, by the versions of rows. */
async function transactionsOf({ database }: Project): Promise<number> {
  const [row] = await database.query("select count(distinct xmin::text)::int as n from _zanith_migration_steps");
  return Number(row?.["n"]);
}

/** `applied 0-4; failed 5` for the attempts in the order in which they began. */
async function outcomes(project: Project): Promise<string> {
  const runs: { word: string; from: number; to: number }[] = [];
  for (const { status: word, step } of await project.attempts()) {
    const last = runs.at(-1);
    if (last?.word === word && last.to === step - 1) last.to = step;
    else runs.push({ word, from: step, to: step });
  }
  return runs.map(({ word, from, to }) => `${word} ${from === to ? from : `${from}-${to}`}`).join("; ");
}

describe("a hundred and twenty tables", () => {
  test("are made in two transactions, each step with a row and events of its own", async () => {
    const project = await projects.start();
    const id = project.operations("many", ...operations);
    const run = recordedRun();
    await up(project.workspace, {}, run);
    expect(await project.difference(script)).toEqual([]);
    expect(await outcomes(project)).toBe("applied 0-119");
    expect(await transactionsOf(project)).toBe(2);
    const place = { migration: id, step: 3 };
    const step = { kind: "createTable", object: "t3", level: "safe", score: 5 };
    const durationMs = expect.any(Number);
    expect(run.events.filter((event) => "step" in event && event.step === 3)).toEqual([
      { type: "step.started", ...place, ...step },
      {
        type: "statement.sent",
        ...place,
        sql: "create table public.t3 (\n  id bigint not null,\n  constraint t3_pkey primary key (id)\n)",
      },
      { type: "statement.finished", ...place, durationMs },
      { type: "statement.sent", ...place, sql: "comment on table public.t3 is 'the fourth'" },
      { type: "statement.finished", ...place, durationMs },
      { type: "step.finished", ...place, ...step, durationMs },
    ]);
    const finished = run.events.flatMap((event) => (event.type === "step.finished" ? [event.step] : []));
    expect(finished).toEqual(operations.map((_, at) => at));
  });

  test("begin and end one after the other by the clock of the server", async () => {
    const project = await projects.start();
    project.operations("many", ...operations);
    await up(project.workspace, {}, quietRun);
    const rows = await project.database.query(
      `select count(*)::int as wrong from (
         select started_at, finished_at, lead(started_at) over (order by step_index) as next from _zanith_migration_steps
       ) s where finished_at < started_at or next < finished_at or finished_at > clock_timestamp()`,
    );
    expect(rows).toEqual([{ wrong: 0 }]);
  });

  test("of which one fails: those before it are applied and recorded, it is recorded as failed, and nothing follows", async () => {
    const project = await projects.start({ sql: "create table t57 (other text)" });
    const id = project.operations("many", ...operations);
    const run = recordedRun();
    const error = await toolErrorOf(up(project.workspace, {}, run));
    expect({ code: error.code, what: error.what, why: error.why, state: error.state }).toEqual({
      code: "step_failed",
      what: `step 57 createTable t57 of ${id} failed`,
      why: 'ERROR 42P07: relation "t57" already exists',
      state: "steps 0–56 are applied and recorded; this step's transaction was rolled back",
    });
    expect(await outcomes(project)).toBe("applied 0-56; failed 57");
    const started = run.events.flatMap((event) => (event.type === "step.started" ? [event.step] : []));
    expect(started).toEqual(operations.slice(0, 58).map((_, at) => at));
    await project.database.query("drop table t57");
    await up(project.workspace, {}, quietRun);
    expect(await outcomes(project)).toBe("applied 0-56; failed 57; applied 57-119");
    expect(await project.difference(script)).toEqual([]);
  });

  test("are stopped between two transactions, and the next run goes on", async () => {
    const project = await projects.start();
    const id = project.operations("many", ...operations);
    const run = recordedRun((event, { stop }) => {
      if (event.type === "step.finished" && event.step === 4) stop();
    });
    expect(await toolErrorOf(up(project.workspace, {}, run))).toMatchObject({
      code: "interrupted",
      what: `the run was stopped between two steps of ${id}`,
    });
    expect(await outcomes(project)).toBe("applied 0-99");
    await up(project.workspace, {}, quietRun);
    expect(await outcomes(project)).toBe("applied 0-119");
  });
});

test("a step that locks what was there before commits by itself", async () => {
  const project = await projects.start({ sql: "create table old (id int primary key)" });
  const from = "create table old (id int primary key);";
  const tables = Array.from({ length: 12 }, (_, at) => `create table n${at} (id int primary key, old int, prev int);`);
  const keys = Array.from(
    { length: 11 },
    (_, at) => `alter table n${at + 1} add foreign key (prev) references n${at};`,
  );
  const to = `${from} ${tables.join(" ")} ${keys.join(" ")} alter table n0 add foreign key (old) references old;`;
  await project.migration("both", from, to);
  await up(project.workspace, {}, quietRun);
  expect(await project.difference(to)).toEqual([]);
  const groups = await project.database.query(
    `select min(operation_kind) as kind, count(*)::int as steps, bool_or(sql ~ 'references public.old') as old
     from _zanith_migration_steps group by xmin::text order by 2 desc`,
  );
  expect(groups).toEqual([
    { kind: "createTable", steps: 12, old: false },
    { kind: "addForeignKey", steps: 11, old: false },
    { kind: "addForeignKey", steps: 1, old: true },
  ]);
});

test("types, tables, keys, indexes and policies that belong together are one transaction", async () => {
  const project = await projects.start();
  const to = `create schema shop; create type shop.state as enum ('open', 'paid');
    create table shop.buyer (id int primary key, name text);
    create table shop.purchase (id int primary key, buyer int references shop.buyer, state shop.state default 'open');
    create index on shop.purchase (buyer); create index on shop.purchase (state) where state = 'open';
    alter table shop.buyer enable row level security; alter table shop.purchase enable row level security;
    create policy own on shop.buyer using (name = current_user);
    create policy own on shop.purchase using (exists (select from shop.buyer b where b.id = buyer));
    create table shop.note (purchase int references shop.purchase, body text);`;
  const id = await project.migration("shop", "", to);
  await up(project.workspace, {}, quietRun);
  expect(await project.difference(to)).toEqual([]);
  expect(await project.applied()).toEqual([id]);
  const [row] = await project.database.query("select count(*)::int as steps from _zanith_migration_steps");
  expect(row).toEqual({ steps: 13 });
  expect(await transactionsOf(project)).toBe(1);
});

for (const mode of ["before", "after"] as const) {
  test(`a run that is cut ${mode} the server got a message is finished by the next, each step once`, async () => {
    let cuts = 0;
    for (let nth = 1; ; nth += stride) {
      const project = await projects.start();
      project.operations("many", ...operations.slice(0, 24));
      const struck = (await cutRun(project, mode, nth)) === undefined;
      if (struck) cuts++;
      await up(project.workspace, {}, quietRun);
      const { problems, drift, pending } = await status(project.workspace, {}, quietRun);
      const rows = await project.database.query(
        `select count(*) filter (where status = 'applied')::int as applied, count(distinct step_index)::int as steps,
           count(*) filter (where status = 'running')::int as running,
           (select count(*)::int from pg_catalog.pg_class where relname ~ '^t[0-9]+$') as tables
         from _zanith_migration_steps`,
      );
      expect({ nth, rows, problems, drift, pending }).toEqual({
        nth,
        rows: [{ applied: 24, steps: 24, running: 0, tables: 24 }],
        problems: [],
        drift: [],
        pending: [],
      });
      await project.database.drop();
      if (!struck) break;
    }
    expect(cuts).toBeGreaterThan(3);
  }, 600_000);
}
