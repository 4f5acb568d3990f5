/**
 * Where faults are tried out: a migration, the database it is for, copied anew for each fault, and what an undisturbed run
 * makes of it. `settle` lets the next run finish what a fault left and tells all that must be as if nothing had happened.
 */
import { join } from "node:path";
import type { BackfillSettings } from "../../src/backfill/settings.ts";
import type { Config } from "../../src/config/config.ts";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import type { Operation } from "../../src/operation/define.ts";
import { status } from "../../src/usecase/status.ts";
import { type UpInput, up } from "../../src/usecase/up.ts";
import { quietRun, type Workspace } from "../../src/usecase/workspace.ts";
import { catalogDump } from "./catalog-dump.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { findPgDump, pgDump } from "./pg-dump.ts";
import { type Project, type Projects, recordedRun } from "./workspace.ts";

/** What a runner process is told; JSON. */
export interface RunnerOrder {
  readonly url: string;
  readonly dir: string;
  /** dies at the nth event, counted from 1 */
  readonly dieAtEvent?: number;
  readonly lockWaitMs?: number;
  readonly lockTimeoutMs?: number;
  readonly backfill?: Partial<BackfillSettings>;
}

/** Batches so small that a small table takes several. */
export const smallBatches: BackfillSettings = { workers: 1, targetMs: 5, maxLagMs: 3_000, maxBatch: 100 };

/** What every run is given. */
export const faultInput: UpInput = { allowDestructive: true, backfill: smallBatches };

/** A runner waits this long for the orphaned statement of one that was killed. */
const orphanLimitMs = 120_000;

/** The workspace of a runner. */
export function faultWorkspace({ url, dir, lockTimeoutMs = 3_000 }: Omit<RunnerOrder, "dieAtEvent">): Workspace {
  const config: Config = { dir, mode: "development", auditSchema: "public", lockTimeoutMs };
  return {
    cwd: dir,
    config,
    connection: () => resolveProcessConnection(url, {}),
    connectionOf: (given) => resolveProcessConnection(given, {}),
    now: () => new Date(),
    random: Math.random,
  };
}

/** What must be the same with and without a fault. */
export interface Standing {
  /** every row of the system catalogs about objects of users */
  readonly catalog: string;
  /** the schema as pg_dump writes it; empty where there is none that reads this server */
  readonly dump: string;
  /** rows and checksum by table, the tool's own left out */
  readonly rows: Readonly<Record<string, string>>;
  /** applied attempts by step, in the order of the steps; more than one would be work that was done twice */
  readonly applied: readonly number[];
  readonly migrations: readonly unknown[];
  readonly snapshots: readonly unknown[];
  readonly checkpoints: readonly unknown[];
  readonly problems: readonly unknown[];
}

export interface Settled extends Standing {
  /** attempts that ended without being applied: `step status: error` */
  readonly story: readonly string[];
  /** what the steps table says that cannot be true */
  readonly untruths: readonly string[];
  /** sessions, locks and helper functions of ours that are left */
  readonly litter: readonly string[];
  /** statements that one run more sent */
  readonly again: readonly string[];
}

export interface FaultScene {
  readonly project: Project;
  readonly reference: Standing;
  /** how many events an undisturbed run has */
  readonly events: number;
  /** a new copy of the database before the migration */
  copy(): Promise<TestDatabase>;
  order(database: TestDatabase, more?: Partial<RunnerOrder>): RunnerOrder;
  /** finishes the work and tells how things stand */
  settle(database: TestDatabase): Promise<Settled>;
}

/** What a fault that was overcome leaves: all as in the reference, and nothing to complain of. */
export function asIfNothingHappened({ reference }: FaultScene) {
  return { ...reference, untruths: [], litter: [], again: [] };
}

/** Sets the scene: a project with one migration, and its undisturbed run. */
export async function setFaultScene(
  projects: Projects,
  { sql, operations, serverUrl }: { sql: string; operations: readonly Operation[]; serverUrl?: string },
): Promise<FaultScene> {
  const project = await projects.start({ sql, ...(serverUrl === undefined ? {} : { serverUrl }) });
  project.operations("faults", ...operations);
  await project.database.query("analyze");
  await project.database.close();
  const order = (database: TestDatabase, more: Partial<RunnerOrder> = {}): RunnerOrder => ({
    url: database.url,
    dir: project.dir,
    ...more,
  });
  const copy = () =>
    createTestDatabase({ template: project.database.name, ...(serverUrl === undefined ? {} : { serverUrl }) });
  await using undisturbed = await copy();
  const run = recordedRun();
  const { refused } = await up(faultWorkspace(order(undisturbed)), faultInput, run);
  if (refused !== undefined) throw new Error(`the undisturbed run was refused: ${JSON.stringify(refused.gate)}`);
  const reference = await standingOf(undisturbed, faultWorkspace(order(undisturbed)));
  return {
    project,
    reference,
    events: run.events.length,
    copy,
    order,
    async settle(database) {
      const workspace = faultWorkspace(order(database));
      await up(workspace, { ...faultInput, lockWaitMs: orphanLimitMs }, quietRun);
      const again = recordedRun();
      await up(workspace, faultInput, again);
      return {
        ...(await standingOf(database, workspace)),
        ...(await storyOf(database)),
        litter: await litterOf(database),
        again: again.events.flatMap((event) => (event.type === "statement.sent" ? [event.sql] : [])),
      };
    },
  };
}

async function standingOf(database: TestDatabase, workspace: Workspace): Promise<Standing> {
  const session = await database.session();
  const texts = async (sql: string) => (await session.query(sql)).map((row) => Object.values(row).join(" "));
  const attempts = await session.query(
    "select step_index as step from _zanith_migration_steps where status = 'applied' order by step_index",
  );
  const { problems, drift, pending, unfinished } = await status(workspace, {}, quietRun);
  return {
    catalog: await catalogDump((sql) => session.query(sql), { columnOrder: true }),
    dump: await dumpOf(database),
    rows: await checksums(database),
    applied: attempts.map(({ step }) => Number(step)),
    migrations: await texts("select id from _zanith_migrations order by id"),
    snapshots: await texts("select phase, graph->>'hash' from _zanith_schema_snapshots order by phase, captured_at"),
    checkpoints: await texts(
      "select step_index, status, processed_rows from _zanith_migration_checkpoints order by step_index",
    ),
    problems: [...problems, ...drift, ...pending, ...unfinished],
  };
}

async function dumpOf(database: TestDatabase): Promise<string> {
  const [row] = await database.query("select current_setting('server_version_num')::int / 10000 as major");
  const found = findPgDump();
  return found === undefined || found.major < Number(row?.["major"]) ? "" : pgDump(database.url);
}

/** Rows of every table but ours: how many, and a sum of hashes that does not depend on their order. */
export async function checksums(database: TestDatabase): Promise<Record<string, string>> {
  const tables = await database.query(
    `select c.oid::regclass::text as name from pg_catalog.pg_class c
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname !~ '^_zanith' order by c.relname`,
  );
  const sums: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await database.query(
      `select count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) as sum from ${String(name)} t`,
    );
    sums[String(name)] = String(row?.["sum"]);
  }
  return sums;
}

const abandoned = /^the runner ended before it could record an outcome(; \d+ of \d+ parts are committed)?$/;

/** What the steps table tells beside success, and whether it can be true. */
async function storyOf(database: TestDatabase): Promise<Pick<Settled, "story" | "untruths">> {
  const rows = await database.query(
    `select step_index as step, status, error, finished_at is not null as ended,
       finished_at >= started_at as forward,
       exists (select from _zanith_migration_steps l where l.step_index = s.step_index and l.started_at > s.started_at) as more
     from _zanith_migration_steps s order by started_at, step_index`,
  );
  const story: string[] = [];
  const untruths: string[] = [];
  let last = -1;
  for (const { step, status: word, error, ended, forward, more } of rows) {
    const at = `${String(step)} ${String(word)}${error === null ? "" : `: ${String(error)}`}`;
    if (word !== "applied") story.push(at);
    if (ended !== true || forward !== true) untruths.push(`${at} has no end, or one before its start`);
    if (word === "applied" && more === true) untruths.push(`${at}, and was begun again`);
    if (word !== "applied" && more !== true) untruths.push(`${at}, and nothing came after it`);
    if (word === "applied" && error !== null) untruths.push(`${at}: applied with an error`);
    if (word === "interrupted" && !abandoned.test(String(error))) untruths.push(`${at} does not say why`);
    if (Number(step) < last) untruths.push(`${at} after step ${last}`);
    last = Number(step);
  }
  return { story, untruths };
}

/** What must not be left of a run. */
async function litterOf(database: TestDatabase): Promise<string[]> {
  const rows = await database.query(`
    select 'invalid index ' || indexrelid::regclass as what from pg_catalog.pg_index where not indisvalid
    union all select 'transaction ' || gid from pg_catalog.pg_prepared_xacts where database = current_database()
    union all select 'function ' || oid::regprocedure from pg_catalog.pg_proc
      where proname like '\\_zanith%' and not exists (select from pg_catalog.pg_trigger t where t.tgfoid = pg_proc.oid)
    union all select 'lock of ' || l.pid from pg_catalog.pg_locks l
      where l.locktype = 'advisory' and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
    union all select 'session ' || application_name from pg_catalog.pg_stat_activity
      where datname = current_database() and application_name like 'zanith up%' and state <> 'idle'
    order by 1`);
  return rows.map(({ what }) => String(what));
}

/** How a runner process ended. */
export interface RunnerEnd {
  readonly killed: boolean;
  readonly exitCode: number | null;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

const program = join(import.meta.dir, "fault-runner.ts");

export interface RunningRunner {
  kill(): void;
  readonly end: Promise<RunnerEnd>;
}

/** Starts a runner process. */
export function startRunner(
  order: RunnerOrder,
  onEvent: (event: Record<string, unknown>) => void = () => {},
): RunningRunner {
  const tool = Bun.spawn([process.execPath, "--no-env-file", program, JSON.stringify(order)], {
    cwd: order.dir,
    env: { PATH: process.env["PATH"] ?? "", HOME: order.dir },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  async function read(): Promise<RunnerEnd> {
    const events: Record<string, unknown>[] = [];
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of tool.stdout) {
      text += decoder.decode(chunk, { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const event = JSON.parse(line) as Record<string, unknown>;
        events.push(event);
        onEvent(event);
      }
    }
    await tool.exited;
    return { killed: tool.signalCode === "SIGKILL", exitCode: tool.exitCode, events };
  }
  return { kill: () => tool.kill("SIGKILL"), end: read() };
}
