// Bad surroundings: every error has four lines, its exit code, its JSON form, and nothing changed.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCli, startCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase();

/** A port on this machine where nobody listens. */
function closedPort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop(true);
  return port;
}

describe("the database", () => {
  test("that cannot be reached is exit 5, told in lines and as JSON", async () => {
    const url = `postgres://deploy:s3cret@127.0.0.1:${closedPort()}/shop`;
    const text = await runCli(["migrate", "status", "--url", url]);
    expect(text).toMatchObject({ exitCode: 5, stdout: "" });
    expect(text.stderr.split("\n").length).toBeGreaterThanOrEqual(4);
    expect(text.stderr).not.toContain("s3cret");
    const { exitCode, stdout, stderr } = await runCli(["migrate", "status", "--url", url, "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 5, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "unreachable", exitCode: 5 } });
    expect(stdout).not.toContain("s3cret");
  });

  test("that is not there is exit 5", async () => {
    const url = new URL(db.url);
    url.pathname = "/no_such_database";
    const { exitCode, stdout } = await runCli(["migrate", "plan", "--url", url.href, "--json"]);
    expect(exitCode).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "database_missing" } });
  });

  test("in a run whose events are NDJSON the error is the last line", async () => {
    const { exitCode, stdout } = await runCli([
      "migrate",
      "up",
      "--json",
      "--url",
      `postgres://x@127.0.0.1:${closedPort()}/x`,
    ]);
    expect(exitCode).toBe(5);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ type: "error", error: { code: "unreachable", exitCode: 5 } }]);
  });

  test("with settings that make no sense is wrong usage", async () => {
    const { exitCode, stdout } = await runCli(["migrate", "status", "--url", "mysql://x/y", "--json"]);
    expect(exitCode).toBe(64);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "connection_settings_invalid" } });
  });
});

describe("the configuration", () => {
  const inFolder = (files: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    runCli([...args, "--json"], { cwd: tempFolder(files), env: { ZANITH_DATABASE_URL: db.url } });

  test("is read from the working directory; paths in it are relative to it", async () => {
    const config = `{"dir": "db/moves", "mode": "staging", "maxRisk": 30, "schema": "db/schema.sql"}`;
    const folder = tempFolder({
      "zanith.config.json": config,
      "db/moves/20260101_000000_a.sql": "drop table public.t;",
    });
    const { exitCode, stdout } = await runCli(["migrate", "plan", "--offline", "--json"], { cwd: folder });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      mode: "staging",
      migrations: [{ id: "20260101_000000_a", steps: [{ kind: "rawSql" }] }],
    });
    const elsewhere = await runCli([
      "migrate",
      "plan",
      "--offline",
      "--json",
      "--config",
      join(folder, "zanith.config.json"),
    ]);
    expect(elsewhere.stdout).toBe(stdout);
  });

  test("may be a TypeScript module", async () => {
    const files = { "zanith.config.ts": `const mode: string = "staging"; export default { mode };` };
    expect(JSON.parse((await inFolder(files, "migrate", "plan")).stdout)).toMatchObject({
      mode: "staging",
      migrations: [],
    });
  });

  test("is outranked by the environment, and that by a flag", async () => {
    const folder = tempFolder({ "zanith.config.json": `{"mode": "staging"}` });
    const modeOf = async (env: Readonly<Record<string, string>>, ...flags: readonly string[]) => {
      const { stdout } = await runCli(["migrate", "plan", "--offline", "--json", ...flags], { cwd: folder, env });
      return (JSON.parse(stdout) as { readonly mode: string }).mode;
    };
    expect(await modeOf({})).toBe("staging");
    expect(await modeOf({ ZANITH_MODE: "production" })).toBe("production");
    expect(await modeOf({ ZANITH_MODE: "production" }, "--mode", "development")).toBe("development");
  });

  const broken: readonly {
    readonly name: string;
    readonly files: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
    readonly error: object;
  }[] = [
    {
      name: "a member that does not exist",
      files: { "zanith.config.json": `{"mod": "staging"}` },
      error: { code: "config_invalid", why: expect.stringContaining("mod") },
    },
    {
      name: "a value that is not one of the words",
      files: { "zanith.config.json": `{"mode": "prod"}` },
      error: { code: "config_invalid", why: expect.stringContaining("mode") },
    },
    { name: "text that is not JSON", files: { "zanith.config.json": "{mode}" }, error: { code: "config_invalid" } },
    {
      name: "two files",
      files: { "zanith.config.json": "{}", "zanith.config.ts": "export default {}" },
      error: { code: "config_invalid" },
    },
    {
      name: "a module that throws",
      files: { "zanith.config.ts": `throw new Error("boom")` },
      error: { code: "config_invalid", why: expect.stringContaining("boom") },
    },
    { name: "a file that is not there", files: {}, args: ["--config", "other.json"], error: { code: "file_missing" } },
  ];
  for (const { name, files, args = [], error } of broken) {
    test(`${name}: exit 64 and what to correct`, async () => {
      const { exitCode, stdout } = await inFolder(files, "migrate", "status", ...args);
      expect(exitCode).toBe(64);
      expect(JSON.parse(stdout)).toMatchObject({ error: { ...error, exitCode: 64 } });
    });
  }
});

describe("sources and files", () => {
  const cases: readonly {
    readonly name: string;
    readonly files?: Readonly<Record<string, string>>;
    readonly args: readonly string[];
    readonly code: string;
  }[] = [
    { name: "a source that is not there", args: ["diff", "empty", "nowhere.json"], code: "file_missing" },
    {
      name: "JSON of a newer format",
      files: { "a.json": `{"format": 99, "hash": "v1:sha256:00", "objects": []}` },
      args: ["diff", "empty", "a.json"],
      code: "format_newer",
    },
    { name: "JSON that is none", files: { "a.json": "{" }, args: ["diff", "empty", "a.json"], code: "format_invalid" },
    {
      name: "SQL that Postgres cannot parse",
      files: { "a.sql": "create table t (\n  a int,,\n);" },
      args: ["diff", "empty", "a.sql"],
      code: "sql_invalid",
    },
    {
      name: "a migration file that is none",
      files: { "migrations/20260101_000000_a.json": "[]" },
      args: ["migrate", "plan", "--offline"],
      code: "format_invalid",
    },
  ];
  for (const { name, files = {}, args, code } of cases) {
    test(`${name}: exit 64`, async () => {
      const { exitCode, stdout } = await runCli([...args, "--json"], {
        cwd: tempFolder(files),
        env: { ZANITH_DATABASE_URL: db.url },
      });
      expect({ exitCode, code: (JSON.parse(stdout) as { error: { code: string } }).error.code }).toEqual({
        exitCode: 64,
        code,
      });
    });
  }
});

describe("a run", () => {
  test("that another one keeps waiting is refused with exit 6 and told who holds the lock", async () => {
    const folder = tempFolder({ "migrations/20260101_000000_slow.sql": "select pg_catalog.pg_sleep(60);" });
    const env = { ZANITH_DATABASE_URL: db.url };
    const first = startCli(["migrate", "up", "--mode", "development", "--json"], { cwd: folder, env });
    await first.until('"type":"step.started"');
    const second = await runCli(["migrate", "up", "--mode", "development", "--json"], { cwd: folder, env });
    expect(second.exitCode).toBe(6);
    expect(JSON.parse(second.stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      type: "error",
      error: { code: "locked" },
    });
    first.kill("SIGINT");
    await first.until("once more cancels it");
    first.kill("SIGINT");
    const { exitCode, stdout } = await first.result;
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      type: "error",
      error: { code: "interrupted", exitCode: 130 },
    });
  });

  test("that fails at a step is exit 4, and the next one goes on there", async () => {
    const file = "migrations/20260102_000000_two.sql";
    const folder = tempFolder({
      [file]: "create table public.one (a int);\nselect 1 / (select count(*) from public.two);",
    });
    const zanith = (...args: readonly string[]) =>
      runCli([...args, "--mode", "development"], { cwd: folder, env: { ZANITH_DATABASE_URL: db.url } });
    const failed = await zanith("migrate", "up", "--audit-schema", "audit_two");
    expect(failed.exitCode).toBe(4);
    expect(failed.stdout).toMatch(/^▸ 20260102_000000_two\n {2}✓ 0 rawSql .*\n {2}✗ 1 rawSql .*\n$/);
    expect(failed.stderr).toContain('relation "public.two" does not exist');
    await db.query("create table public.two as select 1 as a");
    const resumed = await zanith("migrate", "up", "--audit-schema", "audit_two");
    expect(resumed).toMatchObject({ exitCode: 0 });
    expect(resumed.stdout).toMatch(
      /^▸ 20260102_000000_two\n {2}✓ 1 rawSql .*\n {2}snapshot: .*\n1 migration applied\n$/,
    );
  });

  test("does not go on with a file that was edited after it was applied", async () => {
    const file = "migrations/20260103_000000_edit.sql";
    const folder = tempFolder({ [file]: "create table public.three (a int);" });
    const up = () =>
      runCli(["migrate", "up", "--mode", "development", "--audit-schema", "audit_three", "--json"], {
        cwd: folder,
        env: { ZANITH_DATABASE_URL: db.url },
      });
    expect((await up()).exitCode).toBe(0);
    writeFileSync(join(folder, file), "create table public.three (a bigint);");
    const { exitCode, stdout } = await up();
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ type: "error", error: { code: "ledger_mismatch", exitCode: 3 } });
  });
});

for (const [what, code] of [
  ["an exception that nobody caught", `setTimeout(() => { throw new TypeError("late"); }, 0);`],
  ["a rejection that nobody handled", `void Promise.reject(new TypeError("late"));`],
] as const) {
  test(`${what} is told with its stack and ends with exit 1, whatever the command came to`, async () => {
    const cwd = tempFolder({ "zanith.config.ts": `${code}\nexport default { mode: "staging" };` });
    const { exitCode, stderr } = await runCli(["migrate", "status"], { cwd, env: { ZANITH_DATABASE_URL: db.url } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("TypeError: late");
    expect(stderr).toContain("please report this with the lines above");
  });
}
