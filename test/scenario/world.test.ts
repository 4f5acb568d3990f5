// Two schemas of real size, through the commands people type: what is read back is what was written, and what `migrate up`
// makes of an empty database is what psql makes of the script.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import type { SchemaGraph } from "../../src/model/graph.ts";
import { graphFromJson, graphHash, graphToJson } from "../../src/model/json.ts";
import { graphSize } from "../../src/model/lined-graph.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { connect } from "../../src/pg/session.ts";
import { catalogDump } from "../support/catalog-dump.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { findPgDump, pgDump } from "../support/pg-dump.ts";
import { type CliResult, runCli } from "../support/run-cli.ts";
import { type ScenarioServer, serversToRunOn } from "./servers.ts";

/** Some hundred steps with transactions of their own: seconds on a free machine, minutes on one that others use. */
const worldLimitMs = 300_000;

const folder = join(import.meta.dir, "..", "..", "fixtures", "world");
const worlds = readdirSync(folder).sort();

for (const server of await serversToRunOn()) {
  describe(`Postgres ${server.major}`, () => {
    for (const world of worlds) {
      const script = join(folder, world, "schema.sql");

      test(
        `${world}: script, database, graph and JSON are the same schema`,
        async () => {
          await using database = await load(server, script);
          const graph = await graphIn(database);
          expect(graphSize(graph).models).toBeGreaterThanOrEqual(20);
          expect(graph.unmodelled).toEqual([]);

          const { graph: again, hash, intact } = graphFromJson(graphToJson(graph), `${world}.json`);
          expect(diffGraphs(again, graph)).toEqual([]);
          expect({ hash, intact }).toEqual({ hash: graphHash(graph), intact: true });

          await using home = temporaryFolder();
          const file = join(home.path, "exported.json");
          await Bun.write(file, graphToJson(graph));
          expect(exitOf(await zanith(database, "diff", file, database.url, "--exit-code"))).toEqual({ exitCode: 0 });
          expect(exitOf(await zanith(database, "diff", script, database.url, "--exit-code"))).toEqual({ exitCode: 0 });
          expect(exitOf(await zanith(database, "diff", "empty", file, "--exit-code"))).toEqual({ exitCode: 2 });
        },
        worldLimitMs,
      );

      test(
        `${world}: from empty by migrate up, and by psql`,
        async () => {
          await using wanted = await load(server, script);
          await using database = await createTestDatabase({ serverUrl: server.url });
          await using home = temporaryFolder();
          const migrations = ["--dir", join(home.path, "migrations"), "--no-input"];
          const from = ["--from", "empty", "--to", script];
          expect(
            exitOf(await zanith(database, "migrate", "generate", "--name", world, ...from, ...migrations)),
          ).toEqual({
            exitCode: 0,
          });
          const up = await zanith(database, "migrate", "up", "--yes", "--mode", "development", ...migrations);
          expect(exitOf(up)).toEqual({ exitCode: 0 });

          const [made, loaded] = [await graphIn(database), await graphIn(wanted)];
          expect(diffGraphs(made, loaded)).toEqual([]);
          expect(graphHash(made)).toBe(graphHash(loaded));
          expect(await catalogOf(database)).toBe(await catalogOf(wanted));
          if (server.dumps) expect(await pgDump(database.url, withoutOwnTables)).toBe(await pgDump(wanted.url));
        },
        worldLimitMs,
      );
    }
  });
}

const withoutOwnTables = ["--exclude-table=_zanith*"];

/** A new database with the script loaded by psql, or by the test's own driver where there is no psql. */
async function load(server: ScenarioServer, script: string): Promise<TestDatabase> {
  const pgDumpPath = findPgDump()?.path;
  const psql = Bun.which("psql", { PATH: `${pgDumpPath ? dirname(pgDumpPath) : ""}:${process.env["PATH"] ?? ""}` });
  if (psql === null) return createTestDatabase({ serverUrl: server.url, sql: readFileSync(script, "utf8") });
  const database = await createTestDatabase({ serverUrl: server.url });
  const loading = Bun.spawn([psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script, database.url], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const [errors, code] = await Promise.all([new Response(loading.stderr).text(), loading.exited]);
  if (code !== 0) throw new Error(`psql could not load ${script}: ${errors}`);
  return database;
}

async function graphIn(database: TestDatabase): Promise<SchemaGraph> {
  const settings = resolveProcessConnection(database.url, {});
  const session = await connect(settings, { applicationName: "zanith worlds" });
  try {
    return await readGraph(session, { auditSchema: "public" });
  } finally {
    await session.close();
  }
}

/** The dump of the catalogs without the tool's own tables. */
async function catalogOf(database: TestDatabase): Promise<string> {
  const observer = await database.session();
  const dump = await catalogDump(observer.query, { columnOrder: true });
  await observer.close();
  return dump
    .split("\n")
    .filter((line) => !line.includes("_zanith_"))
    .join("\n");
}

function zanith(database: TestDatabase, ...args: readonly string[]): Promise<CliResult> {
  return runCli([...args, "--url", database.url], { timeoutMs: worldLimitMs });
}

/** The exit code; with what the tool said when it is not a plain answer. */
function exitOf({ exitCode, stdout, stderr }: CliResult): object {
  return exitCode === 0 || exitCode === 2 ? { exitCode } : { exitCode, stdout, stderr };
}

function temporaryFolder(): AsyncDisposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "zanith-world-"));
  return { path, [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }) };
}
