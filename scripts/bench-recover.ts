/**
 * Archiving a table and a column of a million rows against a plain CREATE TABLE AS of the same values, exporting against
 * psql's \copy, restoring; and what of memory that takes. One server that syncs to disk. Measures; asserts nothing.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { resolveProcessConnection } from "../src/config/process-connection.ts";
import { writeMigration } from "../src/migration/directory.ts";
import { type Operation, operation } from "../src/operation/define.ts";
import { exportArtifact } from "../src/usecase/recover/export.ts";
import { restore } from "../src/usecase/recover/restore.ts";
import { up } from "../src/usecase/up.ts";
import { quietRun, type Workspace } from "../src/usecase/workspace.ts";
import { startCluster } from "../test/support/cluster.ts";

const rows = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 3);
const write = (text: string): boolean => process.stdout.write(`${text}\n`);

/** How often memory is looked at, in milliseconds. */
const lookEveryMs = 20;

const cluster = await startCluster({
  settings: { fsync: "on", full_page_writes: "on", shared_buffers: "256MB", max_wal_size: "4GB" },
});
const folder = mkdtempSync(join(tmpdir(), "bench-recover-"));
const sql = postgres(cluster.url, { max: 1, onnotice: () => {} });
const workspace: Workspace = {
  cwd: folder,
  config: { dir: join(folder, "migrations"), mode: "development", auditSchema: "public", lockTimeoutMs: 3_000 },
  connection: () => resolveProcessConnection(cluster.url, {}),
  connectionOf: (given) => resolveProcessConnection(given, {}),
  now: () => new Date(),
  random: Math.random,
};

async function seconds(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return (performance.now() - started) / 1000;
}

/** Megabytes that a body adds to this process at most. */
async function growth(body: () => Promise<unknown>): Promise<number> {
  Bun.gc(true);
  const start = process.memoryUsage.rss();
  let most = start;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, lookEveryMs);
  await body();
  clearInterval(timer);
  return (most - start) / 2 ** 20;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

let made = 0;
/** Applies one operation; the seconds its step took by the ledger's clock. */
async function applied(op: Operation): Promise<number> {
  const id = `20260401_${100_000 + ++made}_bench`;
  writeMigration(workspace.config.dir, { id, from: null, to: null, ops: [op] });
  await up(workspace, {}, quietRun);
  const [step] = await sql<{ taken: number }[]>`
    select extract(epoch from finished_at - started_at)::float8 as taken
    from public._zanith_migration_steps where migration_id = ${id} and status = 'applied' order by started_at desc limit 1`;
  return step?.taken ?? Number.NaN;
}

async function freshTable(): Promise<void> {
  await sql.unsafe(`drop table if exists t, copied;
    create table t (id bigint primary key, a text not null, p numeric(12, 2), made timestamptz not null, ok boolean, note text);
    insert into t select n, md5(n::text), n / 7.0, '2026-01-01'::timestamptz + n * interval '1 second', n % 3 = 0, repeat('x', 20)
      from generate_series(1, ${rows}) n`);
  await sql.unsafe("vacuum (analyze) t");
  await sql.unsafe("checkpoint");
}

async function copied(columns: string): Promise<number> {
  await sql.unsafe("checkpoint");
  const taken = await seconds(() => sql.unsafe(`create table copied as select ${columns} from t`));
  await sql.unsafe("drop table copied");
  return taken;
}

async function exported(what: string, path: string): Promise<void> {
  const file = openSync(path, "w");
  const into = async (text: string): Promise<void> => {
    writeSync(file, text);
  };
  await exportArtifact(workspace, { what, format: "csv", write: into }, quietRun);
  closeSync(file);
}

const tag = (): string => (0x10000000 + made).toString(16);

try {
  write(
    `${cpus()[0]?.model ?? "unknown cpu"}, ${cpus().length} cores; Postgres ${cluster.version}; Bun ${Bun.version}; ${rows} rows, medians of ${rounds} rounds\n`,
  );
  const figures: Record<string, number[]> = {};
  const note = (name: string, value: number): void => {
    figures[name] = [...(figures[name] ?? []), value];
  };
  const psql = Bun.which("psql");
  for (let round = 0; round < rounds; round++) {
    await freshTable();
    note("copy of the column", await copied("id, a"));
    note(
      "archiveColumn",
      await applied(operation("archiveColumn", { schema: "public", table: "t", name: "a", id: tag(), key: ["id"] })),
    );
    let taken = 0;
    note(
      "restore growth",
      await growth(async () => {
        taken = await seconds(() => restore(workspace, { what: "t.a", wanted: "column" }, quietRun));
      }),
    );
    note("restore-column", taken);
    await freshTable();
    note("copy of the table", await copied("*"));
    if (psql !== null)
      note(
        "\\copy",
        await seconds(
          () =>
            Bun.spawn([psql, "-X", "-q", "-c", `\\copy t to '${join(folder, "psql.csv")}' csv`, cluster.url], {
              stdin: "ignore",
              stdout: "ignore",
            }).exited,
        ),
      );
    note(
      "archiveTable",
      await applied(operation("archiveTable", { schema: "public", name: "t", id: tag(), indexes: ["t_pkey"] })),
    );
    note(
      "export growth",
      await growth(async () => {
        taken = await seconds(() => exported("t", join(folder, "ours.csv")));
      }),
    );
    note("export", taken);
    note("restore-table", await seconds(() => restore(workspace, { what: "t", wanted: "table" }, quietRun)));
    write(
      `round ${round + 1}: ${Object.entries(figures)
        .map(([name, values]) => `${name} ${values.at(-1)?.toFixed(1)}`)
        .join(", ")}`,
    );
  }
  const of = (name: string): number => median(figures[name] ?? []);
  const ratio = (name: string, to: string): string => (of(name) / of(to)).toFixed(2);
  write(
    `\narchiveColumn ${of("archiveColumn").toFixed(2)} s, CREATE TABLE AS of key and value ${of("copy of the column").toFixed(2)} s`,
  );
  write(`${ratio("archiveColumn", "copy of the column")} × CREATE TABLE AS   goal 1.60`);
  write(`archiveTable ${of("archiveTable").toFixed(2)} s, CREATE TABLE AS ${of("copy of the table").toFixed(2)} s`);
  write(`${ratio("archiveTable", "copy of the table")} × CREATE TABLE AS   goal 1.60`);
  if (psql === null) write("export is not compared: no psql on PATH");
  else
    write(
      `${ratio("\\copy", "export")} × the speed of \\copy (${of("export").toFixed(2)} s, ${of("\\copy").toFixed(2)} s)   goal 0.50`,
    );
  write(
    `export ${Math.round(rows / of("export"))} rows/s, restore-column ${Math.round(rows / of("restore-column"))} rows/s`,
  );
  write(`restore-table ${of("restore-table").toFixed(2)} s: the check of its checksum, nothing is copied`);
  write(`memory: export +${of("export growth").toFixed(0)} MB, restore +${of("restore growth").toFixed(0)} MB   flat`);
} finally {
  await sql.end();
  await cluster.remove();
  rmSync(folder, { recursive: true, force: true });
}
