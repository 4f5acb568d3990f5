/** The test server itself: isolation of databases, the life of a cluster, what is left after a kill, the runner. */
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Cluster, databaseUrl, startCluster } from "../support/cluster.ts";
import { createTestDatabase } from "../support/database.ts";
import { pgDump } from "../support/pg-dump.ts";
import { pgDumpServer } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase({ sql: "create table t(a int); insert into t values (1), (2)" });
const dumpServer = await pgDumpServer();
const root = join(import.meta.dir, "..", "..");

test("a test file has its own database on a real server", async () => {
  expect(await db.query("select a, pg_catalog.current_database()::text as name from t order by a")).toEqual([
    { a: 1, name: db.name },
    { a: 2, name: db.name },
  ]);
});

test("a clone has the rows of its template and keeps its own from then on", async () => {
  await using copy = await db.clone();
  await copy.query("insert into t values ($1)", [3]);
  expect(await copy.query("select a from t order by a")).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  expect(await db.query("select a from t order by a")).toEqual([{ a: 1 }, { a: 2 }]);
});

test("a dropped database is gone even while another session uses it", async () => {
  const other = await createTestDatabase();
  await using observer = await createTestDatabase();
  await other.session();
  await other.drop();
  expect(await observer.query("select datname from pg_catalog.pg_database where datname = $1", [other.name])).toEqual(
    [],
  );
});

test("two sessions of one database are two backends", async () => {
  const first = await db.session();
  const second = await db.session();
  await first.query("begin; lock table t in access exclusive mode");
  expect(
    await second.query("select mode from pg_catalog.pg_locks where pid = $1 and mode like 'AccessEx%'", [first.pid]),
  ).toEqual([{ mode: "AccessExclusiveLock" }]);
  await first.query("rollback");
  await first.close();
  await second.close();
});

test("a cluster keeps its data over a shutdown and a crash, asks for its password, and leaves nothing behind", async () => {
  const cluster = await startCluster({ settings: { log_statement: "ddl" } });
  const folder = dirname(cluster.dataDir);
  try {
    const database = await createTestDatabase({ serverUrl: cluster.url, sql: "create table kept(a int)" });
    await database.close();
    await cluster.stop();
    expect(cluster.pid()).toBeUndefined();
    await cluster.start();
    await database.query("insert into kept values (1)");
    await database.close();
    await cluster.stopImmediate();
    await cluster.start();
    expect(await database.query("select a from kept")).toEqual([{ a: 1 }]);
    await database.close();
    expect(await Bun.file(cluster.logFile).text()).toContain("create table kept");
    expect(await refusal(cluster)).toContain("password authentication failed");
  } finally {
    await cluster.remove();
  }
  expect(existsSync(folder)).toBe(false);
});

test("a cluster is removed when its owner is killed", async () => {
  const program = `
    import { startCluster } from ${JSON.stringify(join(root, "test/support/cluster.ts"))};
    const cluster = await startCluster();
    process.stdout.write(cluster.dataDir + "\\n" + cluster.pid() + "\\n");
    setInterval(() => undefined, 1000);`;
  const owner = Bun.spawn([process.execPath, "-e", program], { cwd: root, stdin: "ignore", stdout: "pipe" });
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of owner.stdout) {
    output += decoder.decode(chunk);
    if (output.split("\n").length > 2) break;
  }
  const [dataDir = "", pid] = output.split("\n");
  expect(existsSync(dataDir)).toBe(true);
  owner.kill("SIGKILL");
  await owner.exited;
  await waitFor("the folder to be deleted", () => !existsSync(dirname(dataDir)));
  await waitFor("the server to end", () => !isAlive(Number(pid)));
});

test.skipIf(!dumpServer.available)("the pg_dump of a clone equals that of its template", async () => {
  if (!dumpServer.available) return;
  await using database = await createTestDatabase({
    serverUrl: dumpServer.url,
    sql: "create table t(a int primary key); comment on table t is '-- not a comment'",
  });
  const dump = await pgDump(database.url);
  await using copy = await database.clone();
  expect(await pgDump(copy.url)).toBe(dump);
  expect(dump).toContain("COMMENT ON TABLE public.t IS '-- not a comment';");
  expect(dump.split("\n").filter((line) => /^(?:--|\\)/.test(line))).toEqual([]);
});

test.each([
  [
    "passing and failing tests",
    'test("a", () => {}); test("b", () => { throw new Error("no"); });',
    "1 passed, 1 failed",
    1,
  ],
  ["only passing tests", 'test("a", () => {}); test.skip("b", () => {});', "1 passed, 0 failed", 0],
  ["no test", "", "0 passed, 0 failed", 1],
  ["a file that does not load", 'throw new Error("broken");', "0 passed, 1 failed", 1],
  ["process.exit", 'test("a", () => process.exit(0));', "0 passed, 1 failed", 1],
])("the runner counts %s", async (_name, body, lastLine, exitCode) => {
  const folder = mkdtempSync(join(tmpdir(), "zanith-runner-"));
  try {
    const file = join(folder, "sample.test.ts");
    await Bun.write(file, `import { test } from "bun:test";\n${body}\n`);
    const run = Bun.spawn([process.execPath, join(root, "scripts/test.ts"), file], {
      cwd: root,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
    const output = await new Response(run.stdout).text();
    expect({ lastLine: output.trimEnd().split("\n").at(-1), exitCode: await run.exited }).toEqual({
      lastLine,
      exitCode,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function refusal(cluster: Cluster): Promise<string> {
  const url = new URL(databaseUrl(cluster.url, "template1"));
  url.password = "wrong";
  try {
    await createTestDatabase({ serverUrl: url.toString() });
    return "accepted";
  } catch (error) {
    return String(error);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
