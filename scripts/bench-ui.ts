/**
 * The figures of the full-screen UI: first frame, key to painted frame at two sizes, an event storm, idle CPU, and an
 * apply driven from it against the same apply without. Measures; asserts nothing. Run by bench.ts, or by itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough, Writable } from "node:stream";
import postgres from "postgres";
import { resolveProcessConnection } from "../src/config/process-connection.ts";
import { writeMigration } from "../src/migration/directory.ts";
import { makeGraph, type SchemaGraph } from "../src/model/graph.ts";
import { graphToJson } from "../src/model/json.ts";
import type { SchemaObject } from "../src/model/object.ts";
import { operation } from "../src/operation/define.ts";
import { readGraph } from "../src/pg/catalog/index.ts";
import { connect } from "../src/pg/session.ts";
import { type App, startApp } from "../src/tui/app.ts";
import { up } from "../src/usecase/up.ts";
import { quietRun, type Workspace } from "../src/usecase/workspace.ts";
import { startCluster } from "../test/support/cluster.ts";
import { spawnPty } from "../test/support/pty.ts";
import { virtualTerminal } from "../test/support/virtual-terminal.ts";
import { newDatabase } from "./bench-support.ts";
import { largeSchema, standardSize } from "./large-schema.ts";

type Report = (what: string, value: string, goal: string) => void;

const root = resolve(import.meta.dir, "..");
const ms = (value: number): string => `${value.toFixed(1)} ms`;
/** Steps of the migration that is applied with and without the UI. */
const applySteps = 60;

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** All figures; `url` names a server that databases may be made on. */
export async function benchUi(url: string, report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "zanith-bench-ui-"));
  try {
    await startFigures(url, folder, report);
    const graph = await largeGraph(url);
    for (const scale of [1, 10]) await keyFigures(graph, folder, scale, report);
    await applyFigures(url, folder, report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function workspaceOn(url: string, folder: string): Workspace {
  return {
    cwd: folder,
    config: { dir: join(folder, "migrations"), mode: "development", auditSchema: "public", lockTimeoutMs: 3_000 },
    connection: () => resolveProcessConnection(url, {}),
    connectionOf: (given) => resolveProcessConnection(given, {}),
    now: () => new Date(),
    random: Math.random,
  };
}

async function startFigures(url: string, folder: string, report: Report): Promise<void> {
  const binary = join(root, "dist", "zanith");
  const isBuilt = await Bun.file(binary).exists();
  const command = isBuilt ? [binary] : [process.execPath, join(root, "src", "main.ts")];
  const database = await newDatabase(url, "bench_start");
  const first: number[] = [];
  const loaded: number[] = [];
  let idle = Number.NaN;
  for (let run = 0; run < 8; run++) {
    const started = performance.now();
    const ui = spawnPty(command, { columns: 100, rows: 30, cwd: folder, env: { DATABASE_URL: database } });
    await ui.until("zanith");
    if (run > 0) first.push(performance.now() - started);
    await ui.until("nothing is pending");
    if (run > 0) loaded.push(performance.now() - started);
    if (run === 7) {
      // What start-up left to be collected is not idling.
      await Bun.sleep(3_000);
      idle = await cpuShare(ui.pid, 10_000);
    }
    ui.write("q");
    await ui.exited;
  }
  const how = isBuilt ? "" : " (from source)";
  report(`UI: first frame after start${how}`, ms(quantile(first, 0.5)), "goal 250 ms");
  report(`UI: home with everything read${how}`, ms(quantile(loaded, 0.5)), "");
  report("UI: CPU while nothing happens", `${idle.toFixed(2)} %`, "goal below 1 %");
}

/** Share of one core that a process uses over a while, from /proc (Linux alone). */
async function cpuShare(pid: number, overMs: number): Promise<number> {
  const ticks = (): number => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  if (process.platform !== "linux") return Number.NaN;
  const before = ticks();
  await Bun.sleep(overMs);
  return ((ticks() - before) * 10 * 100) / overMs;
}

async function largeGraph(url: string): Promise<SchemaGraph> {
  const database = await newDatabase(url, "bench_large");
  const sql = postgres(database, { max: 1, onnotice: () => {} });
  const statements = largeSchema(standardSize);
  for (let at = 0; at < statements.length; at += 200) await sql.unsafe(statements.slice(at, at + 200).join(";\n"));
  await sql.end();
  const session = await connect(resolveProcessConnection(database), { applicationName: "zanith bench" });
  try {
    return await readGraph(session, { auditSchema: "public" });
  } finally {
    await session.close();
  }
}

/** The graph several times over, each copy in schemas of its own. */
function multiplied(graph: SchemaGraph, times: number): SchemaGraph {
  if (times === 1) return graph;
  const copies = Array.from({ length: times }, (_, copy) =>
    [...graph.objects.values()].map((object): SchemaObject => {
      const named = (schema: string): string => `${schema}_${copy}`;
      if (object.kind === "schema") return { ...object, name: named(object.name) };
      if (object.kind === "foreignKey") {
        const references = { ...object.references, schema: named(object.references.schema) };
        return { ...object, schema: named(object.schema), references };
      }
      if (!("schema" in object)) return object;
      return { ...object, schema: named(object.schema) };
    }),
  );
  return makeGraph(copies.flat());
}

/** The keys of a person who browses: rows, pages, views, relations, search, the changed ones alone. */
const browsing = [
  "\u001b[B",
  "\u001b[B",
  "\u001b[B",
  "\t",
  "\u001b[6~",
  "\t",
  "\t",
  "r",
  "\u001b[B",
  "\r",
  "\u001b",
  "c",
  "c",
  "/",
  "a",
  "c",
  "\u001b",
  "\u001b[F",
  "\u001b[A",
  "\u001b[H",
];

async function keyFigures(base: SchemaGraph, folder: string, scale: number, report: Report): Promise<void> {
  const graph = multiplied(base, scale);
  let at = 0;
  const changed = makeGraph(
    [...graph.objects.values()].map((object) =>
      object.kind === "column" && at++ % 60 === 0 ? { ...object, type: "text" } : object,
    ),
  );
  const pair = { a: join(folder, `before-${scale}.json`), b: join(folder, `after-${scale}.json`) };
  writeFileSync(pair.a, graphToJson(graph));
  writeFileSync(pair.b, graphToJson(changed));
  const { app, write } = openApp(workspaceOn("postgres://nobody@localhost/none", folder), pair);
  const opened = performance.now();
  await app.idle();
  const size = `${(1_000 * scale).toLocaleString("en-US")} models`;
  report(`UI: open two exports, ${size}`, ms(performance.now() - opened), "");
  const times: number[] = [];
  for (let round = 0; round < 15; round++) {
    for (const key of browsing) {
      // Frames are at most 30 a second: a person's next key comes later than that.
      await Bun.sleep(36);
      const started = performance.now();
      await write(key);
      await app.idle();
      times.push(performance.now() - started);
    }
  }
  report(`UI: key to painted frame, ${size}, median`, ms(quantile(times, 0.5)), "goal 16 ms");
  report(`UI: key to painted frame, ${size}, p99`, ms(quantile(times, 0.99)), "goal 50 ms");
  if (scale === 1) await stormFigures(app, report);
  app.stop("stop", 0);
  await app.done;
}

function openApp(
  workspace: Workspace,
  pair: { readonly a: string; readonly b: string } | undefined,
): { readonly app: App; write(text: string): Promise<unknown> } {
  const terminal = virtualTerminal(100, 30);
  const app = startApp({
    input: terminal.input,
    output: terminal.output,
    workspace,
    theme: "dark",
    ascii: false,
    ...(pair === undefined ? {} : { pair, entries: [] }),
  });
  return {
    app,
    write(text) {
      const heard = new Promise((resolve) => terminal.input.once("data", resolve));
      terminal.input.write(text);
      return heard;
    },
  };
}

/** A terminal that costs nothing: parsing what is drawn is another process's work. */
function discardingTerminal(): Pick<Parameters<typeof startApp>[0], "input" | "output"> {
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  return { input: new PassThrough(), output: Object.assign(output, { columns: 100, rows: 30, isTTY: true }) };
}

async function stormFigures(app: App, report: Report): Promise<void> {
  const common = { migration: "storm", kind: "addColumn", object: "t.c", level: "safe", score: 5 };
  app.dispatch({ type: "go", screen: "apply" });
  const before = app.frames.count;
  const started = performance.now();
  for (let step = 0; step < 3_000; step++) {
    app.dispatch({ type: "run.event", run: "apply", event: { type: "step.started", step, ...common } });
    app.dispatch({ type: "run.event", run: "apply", event: { type: "step.finished", step, durationMs: 1, ...common } });
    const due = started + step;
    if (performance.now() < due) await Bun.sleep(due - performance.now());
  }
  await app.idle();
  const seconds = (performance.now() - started) / 1000;
  report(
    "UI: frames a second in a storm of 1,000 steps/s",
    ((app.frames.count - before) / seconds).toFixed(1),
    `at most 30; ${Math.round(3_000 / seconds)} steps/s`,
  );
}

async function applyFigures(url: string, folder: string, report: Report): Promise<void> {
  const direct: number[] = [];
  const driven: number[] = [];
  const work = join(folder, "apply");
  for (let run = 0; run < 18; run++) {
    const workspace = workspaceOn(await newDatabase(url, "bench_apply"), work);
    if (run === 0) {
      const ops = Array.from({ length: applySteps }, (_, at) =>
        operation("rawSql", { sql: `create table t${at} as select g as id from generate_series(1, 20000) g` }),
      );
      writeMigration(join(work, "migrations"), { id: "20260501_113022_bench", from: null, to: null, ops });
    }
    const isDriven = run % 2 === 1;
    let took: number;
    if (isDriven) {
      const app = startApp({ ...discardingTerminal(), workspace, theme: "dark", ascii: false });
      await app.idle();
      const started = performance.now();
      app.dispatch({ type: "apply.start" });
      await app.ended();
      took = performance.now() - started;
      app.stop("stop", 0);
      await app.done;
    } else {
      const started = performance.now();
      await up(workspace, {}, quietRun);
      took = performance.now() - started;
    }
    // The first pair warms everything up.
    if (run >= 2) (isDriven ? driven : direct).push(took);
  }
  const ratio = quantile(driven, 0.5) / quantile(direct, 0.5);
  report(
    `UI: apply of ${applySteps} steps against migrate up`,
    `${ratio.toFixed(2)} ×`,
    `goal 1.05 ×; ${ms(quantile(direct, 0.5))} without`,
  );
}

if (import.meta.main) {
  const cluster = await startCluster();
  try {
    await benchUi(cluster.url, (what, value, goal) =>
      process.stdout.write(`${what.padEnd(58)} ${value.padStart(14)}   ${goal}\n`),
    );
  } finally {
    await cluster.remove();
  }
}
