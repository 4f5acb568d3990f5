// Backfills whose runner is killed at real instants: after batch n, some milliseconds later, with or without others at work
// and an application writing. ZANITH_FAULTS=long takes more rows and more kills; ZANITH_SEED makes a run repeatable.
import { describe, expect, test } from "bun:test";
import { checkpoints, counting, runAndKill, timesDone } from "../support/backfill.ts";
import { isLong, random, seed } from "../support/faults.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Project, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const rows = isLong ? 500_000 : 12_000;
const manyRows = isLong ? 5_000_000 : 200_000;
const kills = isLong ? 40 : 5;
const batchTime = isLong ? "40ms" : "8ms";
const limitMs = isLong ? 1_800_000 : 60_000;
const args = ["migrate", "up", "--batch-time", batchTime];

const tables: readonly (readonly [name: string, sql: string])[] = [
  [
    "uuid",
    `create table t (id uuid default gen_random_uuid() primary key, done int default 0, note text); insert into t select from generate_series(1, ${rows})`,
  ],
  [
    "composite",
    `create table t (a int, b text, done int default 0, note text, primary key (a, b)); insert into t select n % 97, 'x' || n from generate_series(1, ${rows}) n`,
  ],
];

/** Waits until the server has ended what a killed runner had begun, which holds the lock until then. */
async function lockIsFree({ database }: Project): Promise<void> {
  await waitFor("the end of the killed runner's session", async () => {
    const held = await database.query(
      `select 1 from pg_catalog.pg_locks l join pg_catalog.pg_database d on d.oid = l.database
       where l.locktype = 'advisory' and d.datname = current_database()`,
    );
    return held.length === 0;
  });
}

/** Kills runner after runner at random instants, then lets one finish. Returns how many were killed. */
async function killAndFinish(project: Project, more: readonly string[] = [], times = kills): Promise<number> {
  let killed = 0;
  for (let at = 0; at < times; at++) {
    const end = await runAndKill(project, [...args, ...more], {
      afterBatch: 1 + Math.floor(random() * 4),
      afterMs: random() * 12,
    });
    if (end.killed) killed++;
    await lockIsFree(project);
    const [checkpoint] = await checkpoints(project);
    if (checkpoint !== undefined) {
      const done = await timesDone(project, "t");
      // Rows and checkpoint commit together: at every instant they tell the same.
      expect({ seed, at, done: done["1"] ?? 0, twice: done["2"] ?? 0 }).toEqual({
        seed,
        at,
        done: Number(checkpoint["processed"]),
        twice: 0,
      });
    }
  }
  const end = await runAndKill(project, [...args, ...more]);
  expect({ seed, exitCode: end.exitCode, last: end.events.at(-1) }).toMatchObject({
    seed,
    exitCode: 0,
    last: { type: "result" },
  });
  return killed;
}

describe(`a runner that is killed ${kills} times`, () => {
  for (const [name, sql] of tables) {
    test(
      `does every row exactly once: ${name}`,
      async () => {
        const project = await projects.start({ sql });
        project.operations("count", counting("t"));
        expect(await killAndFinish(project)).toBeGreaterThan(0);
        expect(await timesDone(project, "t")).toEqual({ "1": rows });
        expect(await checkpoints(project)).toEqual([{ step: 0, processed: String(rows), status: "done" }]);
        const left = await project.database.query(
          "select proname from pg_catalog.pg_proc where proname like '%zanith%'",
        );
        expect(left).toEqual([]);
      },
      limitMs,
    );
  }

  test(
    `does each of ${manyRows} rows exactly once`,
    async () => {
      const sql = `create table t (id bigint primary key, done int not null default 0, pad text) with (fillfactor = 80);
        insert into t select n, 0, repeat('x', 40) from generate_series(1, ${manyRows}) n; analyze t`;
      const project = await projects.start({ sql });
      project.operations("count", counting("t"));
      expect(await killAndFinish(project, ["--batch-time", "250ms"], isLong ? 20 : 4)).toBeGreaterThan(0);
      expect(await timesDone(project, "t")).toEqual({ "1": manyRows });
      expect(await checkpoints(project)).toEqual([{ step: 0, processed: String(manyRows), status: "done" }]);
      await project.database.drop();
    },
    limitMs,
  );

  test(
    "does every row exactly once with three workers",
    async () => {
      const project = await projects.start({ sql: tables[0]?.[1] ?? "" });
      project.operations("count", counting("t"));
      expect(await killAndFinish(project, ["--workers", "3"])).toBeGreaterThan(0);
      expect(await timesDone(project, "t")).toEqual({ "1": rows });
    },
    limitMs,
  );

  test(
    "leaves no row undone while an application inserts, changes and deletes rows",
    async () => {
      const project = await projects.start({ sql: tables[0]?.[1] ?? "" });
      project.operations("note", {
        kind: "backfill",
        schema: "public",
        table: "t",
        set: [{ column: "note", expression: "'n' || id" }],
        meanwhile: "trigger",
      } as never);
      let writing = true;
      const writer = (async () => {
        while (writing) {
          await project.database.query(`insert into t select from generate_series(1, 3);
            update t set note = null, done = done + 1 where id in (select id from t where id > gen_random_uuid() order by id limit 2);
            delete from t where id in (select id from t where id > gen_random_uuid() order by id limit 1)`);
        }
      })();
      for (let at = 0; at < kills; at++) {
        await runAndKill(project, args, { afterBatch: 1 + Math.floor(random() * 4), afterMs: random() * 12 });
        await lockIsFree(project);
      }
      const { exitCode } = await runAndKill(project, args);
      writing = false;
      await writer;
      expect(exitCode).toBe(0);
      // What was written before the transaction that took the trigger away is covered; the rest is the application's.
      const [open] = await project.database.query(
        `select count(*)::int as n from t where note is distinct from 'n' || id and xmin::text::bigint <
          (select s.xmin::text::bigint from _zanith_migration_steps s where s.status = 'applied')`,
      );
      expect(open).toEqual({ n: 0 });
      const left = await project.database.query("select proname from pg_catalog.pg_proc where proname like '%zanith%'");
      expect(left).toEqual([]);
    },
    limitMs,
  );
});
