/**
 * A backfill of a million rows against one UPDATE of the whole table and against a plain loop over ranges of the primary key,
 * in turns on one server that syncs to disk; what a writer of single rows feels meanwhile; memory. Measures; asserts nothing.
 */
import { cpus } from "node:os";
import postgres from "postgres";
import { runBackfill } from "../src/backfill/runner.ts";
import { defaultBackfillSettings } from "../src/backfill/settings.ts";
import { resolveProcessConnection } from "../src/config/process-connection.ts";
import { kindOf } from "../src/operation/registry.ts";
import { connect } from "../src/pg/session.ts";
import { ledgerIn } from "../src/run/ledger.ts";
import type { BatchJob } from "../src/sql/statement.ts";
import { startCluster } from "../test/support/cluster.ts";

const rows = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 3);
const write = (text: string): boolean => process.stdout.write(`${text}\n`);

const cluster = await startCluster({
  settings: { fsync: "on", full_page_writes: "on", shared_buffers: "256MB", max_wal_size: "4GB" },
});
const sql = postgres(cluster.url, { max: 1, onnotice: () => {} });
const settings = resolveProcessConnection(cluster.url);
const [work, monitor] = await Promise.all([
  connect(settings, { applicationName: "bench" }),
  connect(settings, { applicationName: "bench" }),
]);

async function freshTable(): Promise<void> {
  await sql.unsafe(`drop table if exists t;
    create table t (id bigint primary key, a text not null, b text not null, note text, done text) with (fillfactor = 90);
    insert into t select n, md5(n::text), md5((-n)::text), repeat('x', 60), null from generate_series(1, ${rows}) n`);
  await sql.unsafe("vacuum (analyze) t");
  await sql.unsafe("checkpoint");
}

async function seconds(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return (performance.now() - started) / 1000;
}

let ran = 0;
let usualBatch = 0;
async function backfill(): Promise<void> {
  const op = { kind: "backfill", schema: "public", table: "t", set: [{ column: "done", expression: "a || '-' || b" }] };
  const [segment] = kindOf("backfill").emit(op, { server: work.server.versionNum, isFresh: () => false });
  const sizes: number[] = [];
  await runBackfill(
    {
      work,
      monitor,
      place: { schema: "public", migration: "20260401_000000_bench", step: ran++ },
      job: segment?.job as BatchJob,
      outcome: "applied",
      settings: defaultBackfillSettings,
      signal: new AbortController().signal,
      random: Math.random,
      onProgress: ({ batchRows }) => {
        sizes.push(batchRows);
        memory.push(process.memoryUsage.rss() / 2 ** 20);
      },
      note: (message) => write(`  ${message}`),
    },
    false,
  );
  usualBatch = sizes.sort((a, b) => a - b)[sizes.length >> 1] ?? 0;
}

async function handLoop(size: number): Promise<void> {
  for (let low = 0; low < rows; low += size) {
    await sql`update t set done = a || '-' || b where id > ${low} and id <= ${low + size} and done is distinct from a || '-' || b`;
  }
}

/** Writes single rows at a steady rate until told to stop; how long each write took, in milliseconds. */
async function writeWhile(going: () => boolean): Promise<number[]> {
  const own = postgres(cluster.url, { max: 1, onnotice: () => {} });
  const taken: number[] = [];
  while (going()) {
    const id = 1 + Math.floor(Math.random() * rows);
    const started = performance.now();
    await own`update t set note = ${`w${id}`} where id = ${id}`;
    taken.push(performance.now() - started);
    await Bun.sleep(2);
  }
  await own.end();
  return taken;
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
const median = (values: readonly number[]): number => percentile(values, 0.5);
const memory: number[] = [];

try {
  write(
    `${cpus()[0]?.model ?? "unknown cpu"}, ${cpus().length} cores; Postgres ${cluster.version}; Bun ${Bun.version}; ${rows} rows, medians of ${rounds} rounds\n`,
  );
  await ledgerIn("public").ensure(work);
  const single: number[] = [];
  const ours: number[] = [];
  const loop: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await freshTable();
    single.push(
      await seconds(() => sql.unsafe("update t set done = a || '-' || b where done is distinct from a || '-' || b")),
    );
    await freshTable();
    ours.push(await seconds(backfill));
    await freshTable();
    loop.push(await seconds(() => handLoop(usualBatch)));
    write(
      `round ${round + 1}: single ${single[round]?.toFixed(1)} s, backfill ${ours[round]?.toFixed(1)} s, loop of ${usualBatch} ${loop[round]?.toFixed(1)} s`,
    );
  }
  const rate = (values: readonly number[]): number => Math.round(rows / median(values));
  write(`\nbackfill ${rate(ours)} rows/s; one UPDATE ${rate(single)}; loop of the same size ${rate(loop)}`);
  write(`${(rate(ours) / rate(single)).toFixed(2)} × one UPDATE   goal 0.70`);
  write(`${(rate(ours) / rate(loop)).toFixed(2)} × the loop       goal 0.90`);
  write(
    `memory: ${Math.min(...memory).toFixed(0)} to ${Math.max(...memory).toFixed(0)} MB (${memory.length} batches)   goal ±20 MB`,
  );

  await freshTable();
  let going = true;
  const timer = setTimeout(() => {
    going = false;
  }, 10_000);
  const alone = await writeWhile(() => going);
  clearTimeout(timer);
  going = true;
  const during = writeWhile(() => going);
  await backfill();
  going = false;
  const meanwhile = await during;
  const [before, after] = [percentile(alone, 0.99), percentile(meanwhile, 0.99)];
  write(
    `p99 of a writer of single rows: ${before.toFixed(1)} ms alone (${alone.length}), ${after.toFixed(1)} ms meanwhile (${meanwhile.length}): ${(after / before).toFixed(1)} ×   goal 3`,
  );
} finally {
  await Promise.all([work.close(), monitor.close(), sql.end()]);
  await cluster.remove();
}
