// Several processes on one backfill, each with workers of its own: no two ever have keys in common, and when one process is
// killed in the middle of a batch another takes its range over. ZANITH_FAULTS=long takes more rows and either for the victim.
import { expect, test } from "bun:test";
import { checkpoints, counting, runAndKill, timesDone } from "../support/backfill.ts";
import { isLong, seed } from "../support/faults.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Project, withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const rows = isLong ? 40_000 : 9_000;
const limitMs = isLong ? 600_000 : 120_000;

/**
 * A row takes long enough for a process to be killed in the middle of a batch. Each range is written down as it is given out,
 * and any two that have keys in common.
 */
const before = `
create table t (id uuid default gen_random_uuid() primary key, done int default 0);
insert into t select from generate_series(1, ${rows});
create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.001); return new; end';
create trigger slow before update on t for each row execute function slow();
create schema watch;
create table watch.given (at bigint generated always as identity, range text, after_key uuid, up_to uuid, pid int);
create table watch.overlaps (what text);
create function watch.claims() returns trigger language plpgsql as $watch$
begin
  insert into watch.given (range, after_key, up_to, pid)
    select c.key, (c.value->'after'->>0)::uuid, (c.value->'upTo'->>0)::uuid, (c.value->>'pid')::int
    from jsonb_each(new.cursor->'claims') c
    where not exists (select from watch.given g where g.range = c.key);
  insert into watch.overlaps select a.key || ' and ' || b.key
    from jsonb_each(new.cursor->'claims') a join jsonb_each(new.cursor->'claims') b on a.key < b.key
    where coalesce((a.value->'after'->>0)::uuid < (b.value->'upTo'->>0)::uuid, true)
      and coalesce((b.value->'after'->>0)::uuid < (a.value->'upTo'->>0)::uuid, true);
  return null;
end $watch$;`;

const watch = `create trigger watch after insert or update on public._zanith_migration_checkpoints
  for each row execute function watch.claims();`;

const pace = ["--workers", "2", "--batch-time", "200ms"];
/** Slow enough for rows to be left when the last process has begun to work. */
const begin = ["migrate", "up", ...pace, "--max-rate", "200"];
const workAlong = ["backfill", "resume", ...pace, "--max-rate", "200"];
const finish = ["backfill", "resume", ...pace];

/** The sessions of a name that have been given a range. */
async function workersOf(project: Project, name: string): Promise<number[]> {
  const found = await project.database.query(
    `select a.pid from pg_catalog.pg_stat_activity a where a.datname = current_database() and a.application_name like $1
     and exists (select from watch.given g where g.pid = a.pid) order by a.pid`,
    [name],
  );
  return found.map(({ pid }) => Number(pid));
}

/** Resolves while one of those sessions is in the middle of a batch. */
async function inABatch(project: Project, pids: readonly number[]): Promise<void> {
  await waitFor("a batch of the one that is to be killed", async () => {
    const busy = await project.database.query(
      `select 1 from pg_catalog.pg_stat_activity a where a.pid = any($1::int[]) and a.state = 'active'
       and a.query ~ '^update public.t set' and clock_timestamp() - a.query_start < '100 ms'`,
      [`{${pids.join()}}`],
    );
    return busy.length > 0;
  });
}

for (const victim of ["the process that began", "a process that works along"] as const) {
  test.skipIf(!isLong && victim === "a process that works along")(
    `${victim} is killed in a batch, and others take its range over`,
    async () => {
      const project = await projects.start({ sql: before });
      project.rawMigration("first", "select 1");
      expect((await runAndKill(project, ["migrate", "up"])).exitCode).toBe(0);
      await project.database.query(watch);
      project.operations("count", counting("t"));
      const death = Promise.withResolvers<void>();
      const killBeginner = victim === "the process that began";

      const first = runAndKill(project, begin, killBeginner ? { when: death.promise } : undefined);
      await waitFor("two workers", async () => (await workersOf(project, "zanith up%")).length === 2);
      const beginners = await workersOf(project, "zanith up%");
      const second = runAndKill(project, workAlong, killBeginner ? undefined : { when: death.promise });
      // Whose sessions are whose only matters for the one that is killed.
      if (!killBeginner)
        await waitFor("two more", async () => (await workersOf(project, "zanith backfill%")).length === 2);
      const helpers = await workersOf(project, "zanith backfill%");
      const third = runAndKill(project, finish);
      await waitFor("two more still", async () => (await workersOf(project, "zanith backfill%")).length === 4);
      await inABatch(project, killBeginner ? beginners : helpers);
      death.resolve();

      const ends = await Promise.all([first, second, third]);
      expect({ seed, ends: ends.map(({ killed, exitCode }) => killed || exitCode) }).toEqual({
        seed,
        ends: [killBeginner || 0, !killBeginner || 0, 0],
      });
      expect(await timesDone(project, "t")).toEqual({ "1": rows });
      expect(await project.database.query("select what from watch.overlaps order by what")).toEqual([]);
      const takenOver = await project.database.query(
        `select old.pid = any($1::int[]) as from_victim, new.pid = any($1::int[]) as to_victim
         from watch.given old join watch.given new
           on new.at > old.at and new.up_to is not distinct from old.up_to order by new.at`,
        [`{${(killBeginner ? beginners : helpers).join()}}`],
      );
      expect(takenOver.length).toBeGreaterThanOrEqual(1);
      expect(takenOver.every((row) => row["from_victim"] === true && row["to_victim"] === false)).toBe(true);
      expect((await runAndKill(project, ["migrate", "up"])).exitCode).toBe(0);
      expect(await timesDone(project, "t")).toEqual({ "1": rows });
      expect(await checkpoints(project)).toEqual([{ step: 0, processed: String(rows), status: "done" }]);
    },
    limitMs,
  );
}
