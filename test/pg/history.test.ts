// What the ledger tells afterwards: history, status and the six questions, as whole values.
import { describe, expect, test } from "bun:test";
import { auditQuestions } from "../../src/audit/questions.ts";
import { audit, auditSql } from "../../src/usecase/audit.ts";
import { baseline } from "../../src/usecase/baseline.ts";
import { down } from "../../src/usecase/down.ts";
import { history } from "../../src/usecase/history.ts";
import { exportSnapshot, listSnapshots } from "../../src/usecase/snapshots.ts";
import { status } from "../../src/usecase/status.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { type Project, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const users = "create table users (id int primary key, code text);";
const posts = `${users} create table posts (id int primary key, author int references users);`;
const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
const durationMs = expect.any(Number);

/** One migration applied, one that failed at its second step and was then refused, one that nobody tried. */
async function lived(): Promise<{ project: Project; ids: [string, string, string] }> {
  const project = await projects.start({ sql: `${users} insert into users values (1, 'x')` });
  const typed = posts.replace("code text", "code int").replace(users, "");
  const ids: [string, string, string] = [
    await project.migration("posts", users, posts),
    await project.migration("typed", posts, `${typed} create table notes (id int primary key);`),
    project.rawMigration("later", "select 1"),
  ];
  await toolErrorOf(up(project.workspace, {}, quietRun));
  await up(project.workspace, { maxRisk: 20 }, quietRun);
  return { project, ids };
}

describe("history", () => {
  test("tells each migration with every attempt at its steps, oldest first", async () => {
    const { project, ids } = await lived();
    const { database, entries } = await history(project.workspace, {}, quietRun);
    expect(database).toBe(project.database.name);
    const common = { startedAt: moment, durationMs, sql: expect.stringMatching(/^-- op [0-9a-f]{16} /) };
    expect(entries).toEqual([
      {
        migration: ids[0],
        appliedAt: moment,
        worst: { level: "medium", score: 35 },
        durationMs,
        steps: [
          {
            index: 0,
            kind: "createTable",
            object: "posts",
            status: "applied",
            level: "safe",
            score: 5,
            error: null,
            ...common,
          },
          {
            index: 1,
            kind: "addForeignKey",
            object: "posts_author_fkey on posts",
            status: "applied",
            level: "medium",
            score: 35,
            error: null,
            ...common,
          },
        ],
        snapshot: { models: 2, relations: 1 },
      },
      {
        migration: ids[1],
        appliedAt: null,
        worst: { level: "high", score: 60 },
        durationMs,
        steps: [
          {
            index: 0,
            kind: "createTable",
            object: "notes",
            status: "applied",
            level: "safe",
            score: 5,
            error: null,
            ...common,
          },
          {
            index: 1,
            kind: "alterColumnType",
            object: "users.code",
            status: "failed",
            level: "high",
            score: 60,
            error: 'ERROR 22P02: invalid input syntax for type integer: "x"',
            ...common,
          },
          {
            index: 1,
            kind: "alterColumnType",
            object: "users.code",
            status: "refused",
            level: "high",
            score: 60,
            error: "refused — max risk 20",
            ...common,
          },
        ],
      },
    ]);
  });

  test("can be asked for one migration, or for what happened since a moment", async () => {
    const { project, ids } = await lived();
    const idsOf = async (input: { id?: string; since?: string }) =>
      (await history(project.workspace, input, quietRun)).entries.map(({ migration }) => migration);
    expect(await idsOf({ id: ids[1] })).toEqual([ids[1]]);
    expect(await idsOf({ id: "nothing" })).toEqual([]);
    await project.database.query("update _zanith_migrations set applied_at = applied_at - interval '8 days'");
    const weekAgo = new Date(Date.now() - 7 * 86_400_000).toISOString();
    expect(await idsOf({ since: weekAgo })).toEqual([ids[1]]);
    expect(await idsOf({ since: "2999-01-01T00:00:00Z" })).toEqual([]);
  });

  test("keeps what was undone, and does not count it as risk that was taken", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("posts", users, posts);
    await up(project.workspace, {}, quietRun);
    await down(project.workspace, { allowDestructive: true }, quietRun);
    await up(project.workspace, {}, quietRun);
    const { entries } = await history(project.workspace, { id }, quietRun);
    expect(
      entries.map(({ worst, steps }) => ({
        worst,
        steps: steps.map((step) => `${step.index} ${step.kind} ${step.status}`),
      })),
    ).toEqual([
      {
        worst: { level: "medium", score: 35 },
        steps: [
          "0 createTable applied",
          "1 addForeignKey applied",
          "1 dropForeignKey rolled_back",
          "0 dropTable rolled_back",
          "0 createTable applied",
          "1 addForeignKey applied",
        ],
      },
    ]);
  });

  test("of a database without a ledger is empty", async () => {
    const project = await projects.start({ sql: users });
    expect(await history(project.workspace, {}, quietRun)).toEqual({ database: project.database.name, entries: [] });
  });
});

describe("status", () => {
  test("tells what is applied, pending and unfinished", async () => {
    const { project, ids } = await lived();
    const hash = expect.stringMatching(/^v1:sha256:[0-9a-f]{64}$/);
    const result = await status(project.workspace, {}, quietRun);
    expect(result).toEqual({
      database: { name: project.database.name, version: expect.stringMatching(/^\d+\.\d+$/), user: "postgres" },
      mode: "development",
      applied: [{ id: ids[0], appliedAt: moment }],
      pending: [
        { id: ids[1], steps: 2, applied: 1, operations: hash },
        { id: ids[2], steps: 1, applied: 0, operations: hash },
      ],
      problems: [],
      drift: [],
      unfinished: [
        {
          migration: ids[1],
          step: 1,
          kind: "alterColumnType",
          object: "users.code",
          status: "failed",
          error: 'ERROR 22P02: invalid input syntax for type integer: "x"',
        },
      ],
      models: 3,
      relations: 1,
      unmodelled: [],
    });
  });

  test("names what the graph does not model", async () => {
    const project = await projects.start({
      sql: "create table t (x int); create conversion mine for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8",
    });
    const { unmodelled } = await status(project.workspace, {}, quietRun);
    expect(unmodelled).toEqual([{ kind: "conversion", name: "public.mine" }]);
  });
});

describe("the six questions", () => {
  async function ask(project: Project, question: string) {
    const { rows, columns } = await audit(project.workspace, { question }, quietRun);
    return { columns, rows };
  }

  test("are answered from the ledger", async () => {
    const { project, ids } = await lived();
    await project.database.query(`
      insert into _zanith_migration_artifacts
        (id, migration_id, step_index, artifact_type, source_table, physical_name, row_count, recovery_sql, status, expires_at) values
        ('a', '${ids[0]}', 0, 'archive_table', 'public.a', '_zanith_shadow.a', 7, 'select 1', 'live', null),
        ('b', '${ids[0]}', 0, 'archive_table', 'public.b', '_zanith_shadow.b', 8, 'select 1', 'live', now() - interval '1 day'),
        ('c', '${ids[0]}', 0, 'archive_table', 'public.c', '_zanith_shadow.c', 9, 'select 1', 'purged', null);
      insert into _zanith_migration_checkpoints (migration_id, step_index, processed_rows, total_rows, status) values
        ('${ids[0]}', 5, 10, 40, 'paused'), ('${ids[0]}', 6, 40, 40, 'done');
      update _zanith_migration_steps set started_at = '2020-01-01 00:00:00.5+00', finished_at = '2020-01-01 00:00:01+00'
        where operation_kind = 'addForeignKey';
      update _zanith_migration_steps set finished_at = started_at + interval '10 ms' where operation_kind = 'createTable'`);
    for (const { name, columns } of auditQuestions) {
      const rows = await project.database.query(auditSql(project.workspace, name).sql);
      expect(Object.keys(rows[0] ?? {})).toEqual([...columns]);
    }
    expect(await ask(project, "broke")).toEqual({
      columns: ["migration_id", "operation_kind", "error"],
      rows: [
        [ids[1], "alterColumnType", "refused — max risk 20"],
        [ids[1], "alterColumnType", 'ERROR 22P02: invalid input syntax for type integer: "x"'],
      ],
    });
    expect(await ask(project, "slowest")).toEqual({
      columns: ["operation_kind", "avg_ms", "runs"],
      rows: [
        ["addForeignKey", "500", "1"],
        ["createTable", "10", "2"],
      ],
    });
    expect(await ask(project, "recoverable")).toEqual({
      columns: ["id", "artifact_type", "row_count"],
      rows: [["a", "archive_table", "7"]],
    });
    expect(await ask(project, "recent")).toEqual({
      columns: ["id", "applied_at", "steps", "worst"],
      rows: [[ids[0], expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/), "2", "35"]],
    });
    expect(await ask(project, "riskiest")).toEqual({
      columns: ["migration_id", "worst", "steps", "high_or_worse", "failed", "refused"],
      rows: [
        [ids[1], "60", "2", "1", "1", "1"],
        [ids[0], "35", "2", "0", "0", "0"],
      ],
    });
    expect(await ask(project, "resumable")).toEqual({
      columns: ["migration_id", "step_index", "what", "status", "progress"],
      rows: [
        [ids[0], "5", "checkpoint", "paused", "10 of 40 rows"],
        [ids[1], "1", "alterColumnType", "failed", 'ERROR 22P02: invalid input syntax for type integer: "x"'],
      ],
    });
  });

  test("are plain SQL that anybody can paste, and have columns also where there is nothing to answer, in any schema", async () => {
    const auditSchema = `Odd "schema"`;
    const project = await projects.start({ config: { auditSchema } });
    await baseline(project.workspace, {}, quietRun);
    for (const { name, columns } of auditQuestions) {
      const { sql } = auditSql(project.workspace, name);
      expect(sql).toContain('"Odd ""schema"""._zanith_');
      expect(await ask(project, name)).toEqual({ columns: [...columns], rows: [] });
    }
  });

  test("are six, and another one is refused with their names", async () => {
    const project = await projects.start();
    expect((await toolErrorOf(audit(project.workspace, { question: "why" }, quietRun))).why).toBe(
      "they are broke, slowest, recoverable, recent, riskiest, resumable",
    );
  });
});

describe("snapshots", () => {
  test("are one baseline and one for each migration, and can be taken out as documents", async () => {
    const { project, ids } = await lived();
    const { snapshots } = await listSnapshots(project.workspace, {}, quietRun);
    expect(snapshots).toEqual([
      {
        migration: expect.stringMatching(/^\d{8}_\d{6}_baseline$/),
        phase: "baseline",
        capturedAt: moment,
        hash: expect.stringMatching(/^v1:sha256:/),
        models: 1,
        relations: 0,
      },
      {
        migration: ids[0],
        phase: "after",
        capturedAt: moment,
        hash: expect.stringMatching(/^v1:sha256:/),
        models: 2,
        relations: 1,
      },
    ]);
    const { document, migration } = await exportSnapshot(project.workspace, {}, quietRun);
    expect(migration).toBe(ids[0]);
    expect(JSON.parse(document)).toMatchObject({
      format: 1,
      migration: ids[0],
      phase: "after",
      capturedAt: snapshots[1]?.capturedAt,
      hash: snapshots[1]?.hash,
    });
  });

  test("begin with what the database was when it was taken over", async () => {
    const project = await projects.start({ sql: posts });
    const taken = await baseline(project.workspace, {}, quietRun);
    expect(taken).toEqual({
      migration: expect.stringMatching(/^\d{8}_\d{6}_baseline$/),
      models: 2,
      relations: 1,
      unmodelled: [],
    });
    expect((await status(project.workspace, {}, quietRun)).drift).toEqual([]);
    await project.database.query("drop table posts");
    expect((await status(project.workspace, {}, quietRun)).drift[0]).toBe(
      "column public.posts.author is gone, the last snapshot has it",
    );
    const again = await baseline(project.workspace, {}, quietRun);
    expect(again.models).toBe(1);
    expect((await status(project.workspace, {}, quietRun)).drift).toEqual([]);
  });
});
