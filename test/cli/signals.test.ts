// Being stopped: what only reads ends at once; what writes stops between statements and is finished by the next run.
import { afterAll, expect, test } from "bun:test";
import { parseNdjson, runCli, startCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase();
const env = { ZANITH_DATABASE_URL: db.url };

/** A server that takes connections and never says a word. */
let connections = 0;
const silent = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open() {
      connections++;
    },
    data() {},
  },
});
afterAll(() => silent.stop(true));

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`${signal} ends a command that only reads, as it would end any program`, async () => {
    const before = connections;
    const status = startCli(["migrate", "status", "--url", `postgres://x@127.0.0.1:${silent.port}/x`]);
    await waitFor("the connection", () => connections > before);
    status.kill(signal);
    expect(await status.result).toMatchObject({ exitCode: undefined, signal, stdout: "" });
  });
}

test("one Ctrl-C stops a run after the current statement; what is committed is kept and the next run goes on", async () => {
  const folder = tempFolder({
    "migrations/20260101_000000_slow.sql":
      "create table public.a (x int);\nselect pg_catalog.pg_advisory_lock(42);\ncreate table public.b (x int);",
  });
  const gate = await db.session();
  await gate.query("select pg_advisory_lock(42)");
  const run = startCli(["migrate", "up", "--mode", "development", "--json"], { cwd: folder, env });
  await waitFor("the run to wait", async () => {
    const [row] = await db.query(
      "select count(*)::int as n from pg_locks where locktype = 'advisory' and objid = 42 and not granted",
    );
    return row?.["n"] === 1;
  });
  run.kill("SIGINT");
  await run.until("stopping after the current statement; once more cancels it");
  await gate.query("select pg_advisory_unlock(42)");
  await gate.close();
  const { exitCode, stdout } = await run.result;
  expect(exitCode).toBe(130);
  const events = parseNdjson(stdout) as readonly { readonly type: string; readonly step?: number }[];
  expect(events.filter(({ type }) => type === "step.finished").map(({ step }) => step)).toEqual([0, 1]);
  expect(events.at(-1)).toMatchObject({
    type: "error",
    error: { code: "interrupted", exitCode: 130, next: "zanith migrate up" },
  });

  const resumed = await runCli(["migrate", "up", "--mode", "development"], { cwd: folder, env });
  expect(resumed.exitCode).toBe(0);
  expect(resumed.stdout).toMatch(
    /^▸ 20260101_000000_slow\n {2}✓ 2 rawSql .*\n {2}snapshot: 2 model\(s\), 0 relation\(s\)\n1 migration applied\n$/,
  );
});
