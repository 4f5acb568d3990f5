/**
 * The figures the goals are about, each against a reference in the same run: medians, the machine named, ratios first.
 * Measures; asserts nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { resolveProcessConnection } from "../src/config/process-connection.ts";
import { diffGraphs } from "../src/diff/graph-diff.ts";
import { makeGraph } from "../src/model/graph.ts";
import { graphFromJson, graphToJson } from "../src/model/json.ts";
import { readGraph } from "../src/pg/catalog/index.ts";
import { connect } from "../src/pg/session.ts";
import { ledgerIn } from "../src/run/ledger.ts";
import { startCluster } from "../test/support/cluster.ts";
import { findPgDump, pgDumpBinarySource } from "../test/support/pg-dump.ts";
import { benchLive, loadLarge } from "./bench-live.ts";
import { line, ms, newDatabase, processRun, programCommand, runs, timed } from "./bench-support.ts";
import { benchUi } from "./bench-ui.ts";
import { benchUp } from "./bench-up.ts";
import { storedLarge } from "./large-fixtures.ts";

/** Figures of the pure parts on the large fixtures, at one and at ten times their size. */
function measureGraphs(): Promise<void> {
  const { before, after } = storedLarge();
  return measurePair("1,000 models", before, after, { diff: "goal 5 ms", parse: "goal 40 ms" });
}

async function measurePair(
  size: string,
  before: string,
  after: string,
  goals: { diff: string; parse: string },
): Promise<void> {
  const [left, right] = [graphFromJson(before, "bench").graph, graphFromJson(after, "bench").graph];
  // Two documents are compared by their lines until somebody asks for their objects.
  if (left.objects.size === 0 || right.objects.size === 0) throw new Error("the fixtures are empty");
  line(`graph diff in process, ${size}`, ms(await timed(21, () => diffGraphs(left, right))), goals.diff);
  line(
    `parse and validate one export, ${size}`,
    ms(await timed(runs, () => graphFromJson(before, "bench").graph.objects.size)),
    `${goals.parse}; ${(before.length / 2 ** 20).toFixed(1)} MB`,
  );
}

/** Ten copies of a document's schemas under other names: ten times the models with the same shape. */
function tenfold(text: string): string {
  const { graph } = graphFromJson(text, "bench");
  const objects = [...graph.objects.values()].map((object) => JSON.stringify(object));
  const names = [...graph.objects.values()].flatMap((object) =>
    object.kind === "schema" && object.name !== "public" ? [object.name] : [],
  );
  const copies = Array.from({ length: 10 }, (_, at) =>
    objects
      .filter((object) => at === 0 || !object.includes('"kind":"schema","name":"public"'))
      .map((object) =>
        names.reduce(
          (copy, name) =>
            copy
              .replaceAll(`"schema":"${name}"`, `"schema":"${name}${at}"`)
              .replaceAll(`:${name}.`, `:${name}${at}.`)
              .replaceAll(`"kind":"schema","name":"${name}"`, `"kind":"schema","name":"${name}${at}"`),
          object,
        ),
      ),
  );
  return graphToJson(makeGraph(copies.flat().map((object) => JSON.parse(object))));
}

async function measureProcess(
  folder: string,
  pair: { readonly before: string; readonly after: string },
): Promise<void> {
  const { command, note } = await programCommand();
  const [before, after] = [join(folder, "before.json"), join(folder, "after.json")];
  writeFileSync(before, pair.before);
  writeFileSync(after, pair.after);
  let memory = 0;
  const whole = await timed(runs, async () => {
    const { code, maxRssMb } = await processRun([...command, "snapshot", "diff", before, after, "--summary"]);
    if (code !== 0) throw new Error(`zanith snapshot diff ended with ${code}`);
    memory = Math.max(memory, maxRssMb);
  });
  const git = await timed(runs, () => processRun(["git", "diff", "--no-index", "--stat", before, after]));
  line(
    `snapshot diff --summary, whole process${note}`,
    ms(whole),
    `${(whole / git).toFixed(1)} × git diff --stat (${ms(git)}); goal 3`,
  );
  line("  its peak memory", `${memory.toFixed(0)} MB`, "goal 200 MB");
  line("  starting it alone (--version)", ms(await timed(runs, () => processRun([...command, "--version"]))), "");
}

const dump = findPgDump();
const folder = mkdtempSync(join(tmpdir(), "zanith-bench-"));
// pg_dump refuses servers newer than itself, so the server is of its version.
const source = dump === undefined ? undefined : pgDumpBinarySource(dump.major);
const cluster = await startCluster(source === undefined ? {} : { source });
try {
  process.stdout.write(
    `${cpus()[0]?.model ?? "unknown cpu"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; Postgres ${cluster.version}; Bun ${Bun.version}; medians of ${runs}\n\n`,
  );
  await loadLarge(cluster.url);
  const session = await connect(resolveProcessConnection(cluster.url), { applicationName: "zanith bench" });
  const graph = await readGraph(session, { auditSchema: "public" });
  const read = await timed(runs, () => readGraph(session, { auditSchema: "public" }));
  await session.close();
  if (dump === undefined)
    line("catalog → graph, 1,000 tables and 3,967 foreign keys", ms(read), "no pg_dump here: not compared");
  else {
    const reference = await timed(runs, () => processRun([dump.path, "-s", "-d", cluster.url]));
    line(
      "catalog → graph, 1,000 tables and 3,967 foreign keys",
      ms(read),
      `${(read / reference).toFixed(2)} × pg_dump -s (${ms(reference)}); goal 0.35`,
    );
  }
  const dumpPath = dump?.path;
  const small = await benchLive(cluster.url, folder, { size: "1,000 models", times: runs, dump: dumpPath });
  const session2 = await connect(resolveProcessConnection(cluster.url), { applicationName: "zanith bench" });
  const ledger = ledgerIn("public");
  await ledger.ensure(session2);
  const document = graphToJson(graph);
  let at = 0;
  const write = await timed(runs, () =>
    ledger.storeSnapshot(session2, `20260101_000000_bench_${at++}`, "after", document),
  );
  await session2.close();
  line("snapshot written to Postgres", ms(write), "goal 150 ms");
  const pair = storedLarge();
  // First: a child's peak counts what its parent held when it was forked.
  await measureProcess(folder, pair);
  await measureGraphs();
  await measurePair("10,000 models", tenfold(pair.before), tenfold(pair.after), {
    diff: "at most 13 × the above",
    parse: "at most 13 × the above",
  });
  await benchUi(cluster.url, line);
  await benchUp(cluster.url, 3);
  const large = await newDatabase(cluster.url, "zanith_bench_large");
  await loadLarge(large, 10);
  await benchLive(large, folder, { size: "10,000 models", times: 3, dump: dumpPath, smaller: small });
} finally {
  rmSync(folder, { recursive: true, force: true });
  await cluster.remove();
}
