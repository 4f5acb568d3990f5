/**
 * The figures the goals are about, each against a reference in the same run: medians, the machine named, ratios first.
 * Measures; asserts nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import postgres from "postgres";
import { resolveProcessConnection } from "../src/config/process-connection.ts";
import { diffGraphs } from "../src/diff/graph-diff.ts";
import { makeGraph, type SchemaGraph } from "../src/model/graph.ts";
import { graphFromJson, graphToJson } from "../src/model/json.ts";
import { readGraph } from "../src/pg/catalog/index.ts";
import { connect } from "../src/pg/session.ts";
import { startCluster } from "../test/support/cluster.ts";
import { findPgDump, pgDumpBinarySource } from "../test/support/pg-dump.ts";
import { largeSchema, standardSize } from "./large-schema.ts";

const root = resolve(import.meta.dir, "..");
const runs = 7;

/** Medians hide the odd run that a busy machine spoils. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function timed(times: number, body: () => unknown): Promise<number> {
  const durations: number[] = [];
  for (let at = 0; at <= times; at++) {
    const started = performance.now();
    await body();
    // The first run warms caches and the compiler up.
    if (at > 0) durations.push(performance.now() - started);
  }
  return median(durations);
}

function line(what: string, value: string, goal: string): void {
  process.stdout.write(`${what.padEnd(58)} ${value.padStart(14)}   ${goal}\n`);
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

async function processRun(command: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; maxRssMb: number }> {
  const child = Bun.spawn([...command], { env: { ...process.env, ...env }, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  const code = await child.exited;
  return { code, maxRssMb: (child.resourceUsage()?.maxRSS ?? 0) / 1024 / 1024 };
}

async function loadLarge(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const statements = largeSchema(standardSize);
  for (let at = 0; at < statements.length; at += 200) await sql.unsafe(statements.slice(at, at + 200).join(";\n"));
  await sql.unsafe("analyze");
  await sql.end();
}

/** A graph in which a few hundred objects differ, spread over the whole. */
function mutated(graph: SchemaGraph): SchemaGraph {
  let at = 0;
  return makeGraph([...graph.objects.values()].map((object) => (at++ % 60 === 0 && object.kind === "column" ? { ...object, comment: "changed" } : object)));
}

const dump = findPgDump();
const folder = mkdtempSync(join(tmpdir(), "zanith-bench-"));
// pg_dump refuses servers newer than itself, so the server is of its version.
const source = dump === undefined ? undefined : pgDumpBinarySource(dump.major);
const cluster = await startCluster(source === undefined ? {} : { source });
try {
  process.stdout.write(`${cpus()[0]?.model ?? "unknown cpu"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; Postgres ${cluster.version}; Bun ${Bun.version}; medians of ${runs}\n\n`);
  await loadLarge(cluster.url);
  const session = await connect(resolveProcessConnection(cluster.url), { applicationName: "zanith bench" });
  const graph = await readGraph(session, { auditSchema: "public" });
  const read = await timed(runs, () => readGraph(session, { auditSchema: "public" }));
  await session.close();
  if (dump === undefined) line("catalog → graph, 1,000 tables and 3,967 foreign keys", ms(read), "no pg_dump here: not compared");
  else {
    const reference = await timed(runs, () => processRun([dump.path, "-s", "-d", cluster.url]));
    line("catalog → graph, 1,000 tables and 3,967 foreign keys", ms(read), `${(read / reference).toFixed(2)} × pg_dump -s (${ms(reference)}); goal 0.35`);
  }
  const other = mutated(graph);
  line("graph diff in process", ms(await timed(50, () => diffGraphs(graph, other))), "goal 10 ms");
  const text = graphToJson(graph);
  line("parse and validate one export", ms(await timed(runs, () => graphFromJson(text, "bench"))), `${(text.length / 2 ** 20).toFixed(1)} MB`);
  const before = join(folder, "before.json");
  const after = join(folder, "after.json");
  writeFileSync(before, text);
  writeFileSync(after, graphToJson(other));
  const command = (await Bun.file(join(root, "dist", "zanith")).exists()) ? [join(root, "dist", "zanith")] : [process.execPath, join(root, "src", "main.ts")];
  let memory = 0;
  const whole = await timed(runs, async () => {
    const { code, maxRssMb } = await processRun([...command, "diff", before, after, "--summary"]);
    if (code !== 0) throw new Error(`zanith diff ended with ${code}`);
    memory = Math.max(memory, maxRssMb);
  });
  line(`zanith diff of two exports, whole process${command.length > 1 ? " (from source)" : ""}`, ms(whole), "");
  line("  its peak memory", `${memory.toFixed(0)} MB`, "goal 250 MB");
} finally {
  rmSync(folder, { recursive: true, force: true });
  await cluster.remove();
}
