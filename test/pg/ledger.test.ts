// The five tables: exactly their columns, made once and only by commands that write, in any schema, and what a row of them says.
import { describe, expect, test } from "bun:test";
import { audit } from "../../src/usecase/audit.ts";
import { baseline } from "../../src/usecase/baseline.ts";
import { drift } from "../../src/usecase/drift.ts";
import { history } from "../../src/usecase/history.ts";
import { plan } from "../../src/usecase/plan.ts";
import { listSnapshots } from "../../src/usecase/snapshots.ts";
import { status } from "../../src/usecase/status.ts";
import { up } from "../../src/usecase/up.ts";
import { verify } from "../../src/usecase/verify.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { type Project, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const users = "create table users (id int primary key);";
const withEmail = "create table users (id int primary key, email text);";

const columns = {
  _zanith_migrations: ["id text not null", "applied_at timestamp with time zone not null default now()"],
  _zanith_migration_steps: [
    "migration_id text not null",
    "step_index integer not null",
    "operation_kind text not null",
    "status text not null",
    "sql text not null",
    "risk_level text not null",
    "risk_score integer not null",
    "error text",
    "started_at timestamp with time zone not null default clock_timestamp()",
    "finished_at timestamp with time zone",
  ],
  _zanith_schema_snapshots: [
    "migration_id text not null",
    "phase text not null",
    "graph jsonb not null",
    "captured_at timestamp with time zone not null default clock_timestamp()",
  ],
  _zanith_migration_artifacts: [
    "id text not null",
    "migration_id text not null",
    "step_index integer not null",
    "artifact_type text not null",
    "source_table text not null",
    "source_column text",
    "physical_name text not null",
    "row_count bigint",
    "checksum text",
    "recovery_sql text not null",
    "status text not null default 'live'::text",
    "created_at timestamp with time zone not null default clock_timestamp()",
    "expires_at timestamp with time zone",
  ],
  _zanith_migration_checkpoints: [
    "migration_id text not null",
    "step_index integer not null",
    "cursor jsonb",
    "processed_rows bigint not null default 0",
    "total_rows bigint",
    "status text not null",
    "updated_at timestamp with time zone not null default clock_timestamp()",
  ],
};

/** Tables of the tool in a database, by schema and name, with their columns as they would be written. */
async function ownTables(project: Project): Promise<Record<string, string[]>> {
  const rows = await project.database.query(`
    select n.nspname as schema, c.relname as table, a.attname as column, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
      a.attnotnull as required, pg_catalog.pg_get_expr(d.adbin, d.adrelid) as preset
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind = 'r' and c.relname like '\\_zanith%' order by n.nspname, c.oid, a.attnum`);
  const tables: Record<string, string[]> = {};
  for (const { schema, table, column, type, required, preset } of rows) {
    const name = schema === "public" ? String(table) : `${schema}.${table}`;
    tables[name] ??= [];
    tables[name]?.push(`${column} ${type}${required ? " not null" : ""}${preset === null ? "" : ` default ${preset}`}`);
  }
  return tables;
}

async function objectCount(project: Project): Promise<unknown> {
  const [row] = await project.database.query(
    `select (select count(*) from pg_catalog.pg_class) as relations, (select count(*) from pg_catalog.pg_namespace) as schemas`,
  );
  return row;
}

describe("the five tables", () => {
  test("have 2, 10, 4, 13 and 7 columns and no more", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("email", users, withEmail);
    await up(project.workspace, {}, quietRun);
    expect(await ownTables(project)).toEqual(columns);
  });

  test("are made once: a second run finds them and changes nothing", async () => {
    const project = await projects.start({ sql: users });
    await baseline(project.workspace, {}, quietRun);
    const before = await objectCount(project);
    await project.migration("nothing", users, users);
    await up(project.workspace, {}, quietRun);
    expect(await objectCount(project)).toEqual(before);
  });

  test("are completed when one of them is missing", async () => {
    const project = await projects.start({ sql: users });
    await baseline(project.workspace, {}, quietRun);
    await project.database.query("drop table _zanith_migration_checkpoints");
    await project.migration("email", users, withEmail);
    await up(project.workspace, {}, quietRun);
    expect(await ownTables(project)).toEqual(columns);
  });

  test("are not made by a command that only reads", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("email", users, withEmail);
    const before = await objectCount(project);
    const { workspace } = project;
    await plan(workspace, {}, quietRun);
    await verify(workspace, {}, quietRun);
    await status(workspace, {}, quietRun);
    await history(workspace, {}, quietRun);
    await listSnapshots(workspace, {}, quietRun);
    await audit(workspace, { question: "broke" }, quietRun);
    await up(workspace, { dryRun: true }, quietRun);
    expect((await toolErrorOf(drift(workspace, {}, quietRun))).code).toBe("name_unknown");
    expect(await objectCount(project)).toEqual(before);
  });

  test("live in another schema where the configuration says so, whatever its name", async () => {
    const auditSchema = `a "b"; drop table users; --\n$1 é`;
    const project = await projects.start({ sql: users, config: { auditSchema } });
    const id = await project.migration("email", users, withEmail);
    await up(project.workspace, {}, quietRun);
    expect(await ownTables(project)).toEqual(
      Object.fromEntries(Object.entries(columns).map(([name, list]) => [`${auditSchema}.${name}`, list])),
    );
    expect(await project.applied()).toEqual([id]);
    expect(await project.difference(withEmail)).toEqual([]);
    const { applied, drift: drifted, problems } = await status(project.workspace, {}, quietRun);
    expect({ applied: applied.map((one) => one.id), drifted, problems }).toEqual({
      applied: [id],
      drifted: [],
      problems: [],
    });
  });

  test("are made in a schema that is there already by a role that may not make schemas", async () => {
    const project = await projects.start({ sql: users, config: { auditSchema: "audit" } });
    const role = `keeper_${project.database.name}`;
    await project.database.query(`create role "${role}" login password 'secret'; create schema audit authorization "${role}";
      alter table users owner to "${role}"; grant create on schema public to "${role}"`);
    try {
      const url = new URL(project.database.url);
      url.username = role;
      url.password = "secret";
      const id = await project.migration("email", users, withEmail);
      await up(project.variant({}, url.toString()), {}, quietRun);
      expect(await project.applied()).toEqual([id]);
    } finally {
      await project.database.query(`drop owned by "${role}" cascade; drop role "${role}"`);
    }
  });
});

describe("a row of the ledger", () => {
  test("holds the statements below a line that names the operation and the object", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("email", users, withEmail);
    await up(project.workspace, {}, quietRun);
    const [row] = await project.database.query("select sql, risk_level, risk_score from _zanith_migration_steps");
    expect(row).toEqual({
      sql: expect.stringMatching(/^-- op [0-9a-f]{16} users\.email\nalter table public\.users add column email text;$/),
      risk_level: "safe",
      risk_score: 5,
    });
  });

  test("keeps an object's name on the first line even when it has line breaks in it", async () => {
    const before = `create table "two\nlines" (id int);`;
    const project = await projects.start({ sql: before });
    const id = await project.migration("more", before, `create table "two\nlines" (id int, "x\ny" text);`);
    await up(project.workspace, {}, quietRun);
    const { entries } = await history(project.workspace, { id }, quietRun);
    expect(entries.map(({ steps }) => steps.map(({ object }) => object))).toEqual([[`"two lines"."x y"`]]);
    expect((await status(project.workspace, {}, quietRun)).problems).toEqual([]);
  });

  test("has times in UTC to the microsecond, whatever the time zone and date style of the role", async () => {
    const project = await projects.start({ sql: users });
    await project.database.query(`do $$ begin
      execute pg_catalog.format('alter database %I set timezone to %L', pg_catalog.current_database(), 'Asia/Kathmandu');
      execute pg_catalog.format('alter database %I set datestyle to %L', pg_catalog.current_database(), 'German, DMY');
    end $$`);
    await project.migration("email", users, withEmail);
    await up(project.workspace, {}, quietRun);
    const [stored] = await project.database.query(`
      select to_char(m.applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as applied,
        to_char(s.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as started,
        now() - m.applied_at < interval '1 minute' as recent
      from _zanith_migrations m join _zanith_migration_steps s on s.migration_id = m.id`);
    const { entries } = await history(project.workspace, {}, quietRun);
    expect({ applied: entries[0]?.appliedAt, started: entries[0]?.steps[0]?.startedAt, recent: true }).toEqual(
      stored as never,
    );
    expect(entries[0]?.appliedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  test("says nothing of the password the run was connected with", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("email", users, withEmail);
    await project.rawMigration("fails", "select 1 / 0");
    const run = recordedRun();
    const { message } = await toolErrorOf(up(project.workspace, {}, run));
    const rows = await project.database.query(
      `select (select jsonb_agg(to_jsonb(s)) from _zanith_migration_steps s)::text ||
         (select jsonb_agg(to_jsonb(s)) from _zanith_schema_snapshots s)::text as everything`,
    );
    const { password } = new URL(project.database.url);
    expect(password.length).toBeGreaterThan(8);
    const everything = `${message} ${JSON.stringify(run.events)} ${JSON.stringify(rows)}`;
    expect(everything.includes(password) || everything.includes(decodeURIComponent(password))).toBe(false);
  });
});
