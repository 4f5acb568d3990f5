// Pairs of migrations for a rename or a rewriting change of type: between them two versions of an application write the same
// facts under two names, and neither notices the other; after them the schema is the declared one.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BackfillSettings } from "../../src/backfill/settings.ts";
import { down } from "../../src/usecase/down.ts";
import { type GenerateResult, generate } from "../../src/usecase/generate.ts";
import { up } from "../../src/usecase/up.ts";
import { verify } from "../../src/usecase/verify.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { runCli } from "../support/run-cli.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { type Project, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const small: BackfillSettings = { workers: 1, targetMs: 3, maxLagMs: 3_000, maxBatch: 100 };

/** Writes the declared schema and generates the pair for it. */
async function pair(
  project: Project,
  declared: string,
  renames: readonly string[] = [],
): Promise<Required<Pick<GenerateResult, "id" | "contract">> & GenerateResult> {
  const file = join(project.workspace.cwd, "declared.sql");
  writeFileSync(file, declared);
  const result = await generate(project.workspace, { name: "pair", to: file, renames, expandContract: true }, quietRun);
  if (result.contract === undefined) throw new Error("a pair has two migrations");
  return { ...result, contract: result.contract };
}

/** Runs statements again and again until stopped; what one of them fails with is what stopping it fails with. */
function writing(project: Project, statements: (round: number) => string): { stop(): Promise<number> } {
  let going = true;
  const rounds = (async () => {
    let round = 0;
    while (going) await project.database.query(statements(++round));
    return round;
  })();
  rounds.catch(() => {});
  return {
    stop: () => {
      going = false;
      return rounds;
    },
  };
}

async function count(project: Project, sql: string): Promise<number> {
  const [row] = await project.database.query(sql);
  return Number(row?.["n"]);
}

async function helpersLeft(project: Project): Promise<number> {
  return count(
    project,
    `select count(*)::int as n from (select proname from pg_catalog.pg_proc where proname like '%zanith%'
      union all select tgname from pg_catalog.pg_trigger where tgname like '%zanith%') x`,
  );
}

const cities = "create table cities (id int primary key); ";
const people = `${cities}create table people (
    id uuid default gen_random_uuid() primary key,
    mail text not null constraint people_mail_check check (mail <> '') constraint people_mail_key unique,
    city int not null default 1 constraint lives_in references cities,
    note text);
  create index people_lower on people (lower(mail)) where city > 0;
  create index people_both on people (city, mail);
  comment on column people.mail is 'where to write to'; comment on index people_lower is 'for logging in'`;
const renamedPeople = `${cities}create table people (
    id uuid default gen_random_uuid() primary key,
    note text,
    email text not null constraint people_mail_check check (email <> '') constraint people_email_key unique,
    town int not null default 1 constraint lives_in references cities);
  create index people_lower on people (lower(email)) where town > 0;
  create index people_both on people (town, email);
  comment on column people.email is 'where to write to'; comment on index people_lower is 'for logging in'`;
const peopleRows = `insert into cities select generate_series(1, 9);
  insert into people (mail, city) select 'm' || n, 1 + n % 9 from generate_series(1, 3000) n`;
const renames = ["people.mail=email", "people.city=town"];

describe("a rename", () => {
  test("keeps both names in step while old and new writers work, and ends as declared", async () => {
    const project = await projects.start({ sql: `${people}; ${peopleRows}` });
    const made = await pair(project, renamedPeople, renames);
    expect(made.steps.map(({ kind }) => kind)).toEqual([
      "expandColumn",
      "expandColumn",
      "alterColumnNullable",
      "addUnique",
      "addCheck",
      "setComment",
      "alterColumnNullable",
      "addIndex",
      "addIndex",
      "addForeignKey",
    ]);
    expect(made.contract.steps.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
      "contractColumn people.mail to email",
      "contractColumn people.city to town",
      "dropForeignKey lives_in_zanith_old on people",
      "archiveColumn people.city",
      "archiveColumn people.mail",
    ]);
    const old = writing(
      project,
      (n) => `insert into people (mail) values ('old' || ${n});
        insert into people (mail, city) values ('old2-' || ${n}, 2);
        update people set mail = 'changed' || ${n}, city = 3 where id in (select id from people order by id limit 1);
        delete from people where mail = 'old2-' || ${n - 3}`,
    );
    let late: ReturnType<typeof writing> | undefined;
    const run = recordedRun((event) => {
      if (event.type !== "backfill.progress" || late !== undefined) return;
      // The first column is there: from now on a new version may write it.
      late = writing(
        project,
        (n) => `insert into people (email) values ('new' || ${n});
          update people set email = 'newer' || ${n} where id in (select id from people order by id desc limit 1)`,
      );
    });
    await up(project.workspace, { to: made.id, backfill: small }, run);
    const both = writing(
      project,
      (n) => `insert into people (email, town) values ('both' || ${n}, 4);
        update people set town = 5 where id in (select id from people order by id desc limit 2)`,
    );
    const before = await count(project, "select count(*)::int as n from people");
    const rounds = await Promise.all([old.stop(), late?.stop() ?? 0, both.stop()]);
    for (const round of rounds) expect(round).toBeGreaterThan(0);
    expect(before).toBeGreaterThan(3000);
    expect(
      await count(
        project,
        "select count(*)::int as n from people where mail is distinct from email or city is distinct from town",
      ),
    ).toBe(0);
    await expect(project.database.query("insert into people (email) values ('')")).rejects.toThrow("people_mail_check");
    await expect(project.database.query("insert into people (email, town) values ('x', 99)")).rejects.toThrow(
      "foreign key",
    );
    const newest = writing(project, (n) => `insert into people (email) values ('last' || ${n})`);
    const result = await up(project.workspace, { allowDestructive: true }, quietRun);
    expect(await newest.stop()).toBeGreaterThan(0);
    expect(result.refused).toBeUndefined();
    expect(await project.difference(renamedPeople)).toEqual([]);
    expect(await helpersLeft(project)).toBe(0);
  });

  test("is undone up to its first half, which leaves every row as the old version knows it", async () => {
    const project = await projects.start({ sql: `${people}; ${peopleRows}` });
    const made = await pair(project, renamedPeople, renames);
    await up(project.workspace, { to: made.id }, quietRun);
    await project.database.query("update people set email = 'by the new one', town = 7 where mail = 'm8'");
    const result = await down(project.workspace, { allowDestructive: true, confirmed: true }, quietRun);
    expect(result.undone).toEqual([made.id]);
    expect(await project.difference(people)).toEqual([]);
    expect(await count(project, "select city as n from people where mail = 'by the new one'")).toBe(7);
    expect(await helpersLeft(project)).toBe(0);
    await up(project.workspace, { allowDestructive: true, to: made.contract.id }, quietRun);
    const after = await down(project.workspace, { allowDestructive: true, confirmed: true }, quietRun);
    expect(after.refused?.irreversible.map(({ kind, why }) => `${kind}: ${why}`)).toEqual([
      "contractColumn: what was written since is in town only, and nothing keeps the old column in step any more",
      "contractColumn: what was written since is in email only, and nothing keeps the old column in step any more",
    ]);
    expect(await project.difference(renamedPeople)).toEqual([]);
  });

  test("is applied half by half: the second run is the word that the old version is gone", async () => {
    const project = await projects.start({ sql: `${people}; ${peopleRows}` });
    const made = await pair(project, renamedPeople, renames);
    const steps = await up(project.workspace, { steps: 2 }, quietRun);
    expect({ applied: steps.applied.map(({ migration }) => migration), held: steps.plan.held }).toEqual({
      applied: [made.id],
      held: { migration: made.contract.id, expand: made.id, object: "people.mail to email" },
    });
    await project.database.query("select mail, email, city, town from people limit 1");
    const second = await up(project.workspace, { allowDestructive: true }, quietRun);
    expect({ applied: second.applied.map(({ migration }) => migration), held: second.plan.held }).toEqual({
      applied: [made.contract.id],
      held: undefined,
    });
    expect(await project.difference(renamedPeople)).toEqual([]);
  });

  test("holds back what comes after it, too, and the command says why", async () => {
    const project = await projects.start({ sql: `${people}; ${peopleRows}` });
    const made = await pair(project, renamedPeople, renames);
    project.file("20990101_000000_later.sql", "create table later (x int);");
    const args = ["migrate", "up", "--url", project.database.url, "--dir", project.dir, "--mode", "development"];
    const { exitCode, stdout } = await runCli(args);
    expect({ exitCode, end: stdout.slice(stdout.indexOf("1 migration applied")) }).toEqual({
      exitCode: 0,
      end: [
        "1 migration applied",
        `${made.contract.id} waits for a run of its own`,
        `  it ends what ${made.id} began for two versions of the application: people.mail to email`,
        "  once the old version runs nowhere any more: zanith migrate up",
        "",
      ].join("\n"),
    });
    expect(await project.applied()).toEqual([made.id]);
  });

  test("goes on where it was stopped in the middle of its batches", async () => {
    const project = await projects.start({ sql: `${people}; ${peopleRows}` });
    const made = await pair(project, renamedPeople, renames);
    let batches = 0;
    const stopping = recordedRun((event, run) => {
      if (event.type === "backfill.progress" && ++batches === 5) run.stop();
    });
    const options = { allowDestructive: true, backfill: small, to: made.contract.id };
    expect((await toolErrorOf(up(project.workspace, options, stopping))).code).toBe("interrupted");
    await project.database.query("update people set mail = 'meanwhile' where mail = 'm2999'");
    expect((await up(project.workspace, options, quietRun)).refused).toBeUndefined();
    expect(await project.difference(renamedPeople)).toEqual([]);
    expect(await count(project, "select count(*)::int as n from people where email = 'meanwhile'")).toBe(1);
  });

  test("is proven on a shadow, both halves", async () => {
    const project = await projects.start({ sql: people });
    await pair(project, renamedPeople, renames);
    const file = join(project.workspace.cwd, "declared.sql");
    const { report, migrations } = await verify(project.variant({ schema: file }), {}, quietRun);
    expect([report.verdict, migrations.length]).toEqual(["ok", 2]);
  });
});

const orders = `create table orders (id int primary key, total int not null default 7 constraint positive check (total > 0), code text,
    constraint one_each unique (code, total));
  create index orders_total on orders (total desc) include (id); create unique index big on orders (total, id) where total > 100`;
const widerOrders = `${orders.replace("total int", "total bigint")};
  create table refunds (id int primary key, amount numeric not null default 0); create index refunds_amount on refunds (amount)`;

describe("a change of type that would write the table anew", () => {
  test("is made beside the old column, and the new one takes its place", async () => {
    const project = await projects.start({
      sql: `${orders}; insert into orders select n, n, 'c' || n from generate_series(1, 3000) n`,
    });
    const made = await pair(project, widerOrders);
    expect(made.steps.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
      "createTable refunds",
      "addIndex refunds_amount on refunds",
      "expandColumn orders.total as total_zanith_new bigint",
      "alterColumnNullable orders.total_zanith_new",
      "addUnique one_each_zanith_new on orders",
      "addCheck positive_zanith_new on orders",
      "addIndex big_zanith_new on orders",
      "addIndex orders_total_zanith_new on orders",
    ]);
    const old = writing(project, (n) =>
      `insert into orders (id, code) values (100000 + ${n}, 'old');
        update orders set total = total + 1 where id in (select id from orders order by id limit 1)`.replace(
        "'old'",
        `'old${n}'`,
      ),
    );
    await up(project.workspace, { to: made.id, backfill: small }, quietRun);
    const fresh = writing(
      project,
      (n) => `insert into orders (id, total_zanith_new, code) values (200000 + ${n}, 5, 'new${n}');
        update orders set total_zanith_new = total_zanith_new + 1 where id in (select id from orders order by id desc limit 1)`,
    );
    expect(Math.min(await old.stop(), await fresh.stop())).toBeGreaterThan(0);
    expect(
      await count(project, "select count(*)::int as n from orders where total is distinct from total_zanith_new"),
    ).toBe(0);
    const sameName = writing(
      project,
      (n) => `insert into orders (id, total, code) values (300000 + ${n}, ${n}, 'same${n}')`,
    );
    const run = recordedRun();
    await up(project.workspace, { allowDestructive: true }, run);
    expect(await sameName.stop()).toBeGreaterThan(0);
    expect(await project.difference(widerOrders)).toEqual([]);
    expect(await helpersLeft(project)).toBe(0);
    await project.database.query("insert into orders (id, total, code) values (1000000, 5000000000, 'big')");
    expect(await count(project, "select count(*)::int as n from orders where total is null")).toBe(0);
  });

  test("converts there and back, and leaves what the old version wrote as it wrote it", async () => {
    const project = await projects.start({
      sql: `create table readings (id int primary key, value text, at timestamp);
        insert into readings values (1, '007', '2026-01-02 03:04'), (2, null, null)`,
    });
    const made = await pair(project, "create table readings (id int primary key, value int, at timestamptz)");
    expect(made.steps.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
      "expandColumn readings.value as value_zanith_new integer",
    ]);
    await up(project.workspace, { to: made.id }, quietRun);
    const rows = () => project.database.query("select value, value_zanith_new as new from readings order by id");
    expect(await rows()).toEqual([
      { value: "007", new: 7 },
      { value: null, new: null },
    ]);
    await project.database.query("update readings set value_zanith_new = 8 where id = 2");
    await expect(project.database.query("update readings set value = 'seven' where id = 1")).rejects.toThrow("integer");
    expect(await rows()).toEqual([
      { value: "007", new: 7 },
      { value: "8", new: 8 },
    ]);
  });
});

describe("what cannot be carried over is refused by name", () => {
  const cases: readonly (readonly [name: string, before: string, after: string, why: string])[] = [
    [
      "a primary key",
      "create table t (id int primary key)",
      "create table t (id bigint primary key)",
      "primary key public.t.t_pkey",
    ],
    [
      "a column others refer to",
      "create table t (a int unique); create table u (b int references t (a))",
      "create table t (a bigint unique); create table u (b int references t (a))",
      "foreign key public.u.u_b_fkey",
    ],
    [
      "an identity",
      "create table t (a int generated by default as identity)",
      "create table t (a bigint generated by default as identity)",
      "it has its own identity",
    ],
    [
      "a serial",
      "create table t (a serial)",
      "create sequence t_a_seq as int; create table t (a bigint not null default nextval('t_a_seq')); alter sequence t_a_seq owned by t.a",
      "sequence public.t_a_seq, which belongs to it",
    ],
    [
      "a generated column and a view on it",
      "create table t (a int, b bigint generated always as (a + 1) stored); create view v as select a from t",
      "create table t (a bigint, b bigint generated always as (a + 1) stored); create view v as select a from t",
      "column public.t.b; view public.v",
    ],
    [
      "a column of a partitioned table",
      "create table t (a int, b int) partition by range (b); create table t_1 partition of t for values from (1) to (9)",
      "create table t (a bigint, b int) partition by range (b); create table t_1 partition of t for values from (1) to (9)",
      "its table is partitioned; table public.t_1, which is one with its table",
    ],
    [
      "a policy and a trigger on it",
      `create table t (a int ); create policy own on t using (a > 0); create function f() returns trigger language plpgsql as 'begin return new; end';
        create trigger watch before update of a on t for each row execute function f()`,
      `create table t (a bigint ); create policy own on t using (a > 0); create function f() returns trigger language plpgsql as 'begin return new; end';
        create trigger watch before update of a on t for each row execute function f()`,
      "policy public.t.own; trigger public.t.watch",
    ],
  ];
  for (const [name, before, after, why] of cases) {
    test(name, async () => {
      const project = await projects.start({ sql: before });
      const error = await toolErrorOf(pair(project, after));
      expect([error.code, error.why]).toEqual(["not_supported", `what is on it cannot be carried over: ${why}`]);
      expect(error.next).toContain("zanith migrate generate --rebuild t, which copies");
    });
  }

  test("and so is a difference without anything to expand, and the rename of a table", async () => {
    const project = await projects.start({ sql: "create table t (a int)" });
    const nothing = await toolErrorOf(pair(project, "create table t (a int, b int)"));
    expect([nothing.code, nothing.what]).toEqual(["usage", "there is nothing to expand and contract"]);
    const table = await toolErrorOf(pair(project, "create table u (a int)", ["t=u"]));
    expect([table.code, table.what]).toEqual(["usage", "cannot keep both names of t in use"]);
  });
});
