// Questions: asked on a terminal only, on stderr, and never where nobody could answer.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type PtyOptions, spawnPty } from "../support/pty.ts";
import { cliCommand, cliEnvironment, runCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase();
const folder = tempFolder({
  "zanith.config.json": `{"mode": "staging", "schema": "schema.sql"}`,
  "schema.sql": "create table public.people (email text);",
});
const env = { ZANITH_DATABASE_URL: db.url };
const prove = () => runCli(["migrate", "verify"], { cwd: folder, env });

function onTerminal(args: readonly string[], options: PtyOptions = {}) {
  return spawnPty([...cliCommand(), ...args], {
    cwd: folder,
    columns: 100,
    rows: 40,
    ...options,
    env: { ...env, ...options.env },
  });
}

describe("up, where the mode asks for a confirmation", () => {
  test("shows the plan, takes the typed name of the database and nothing else", async () => {
    expect((await runCli(["migrate", "generate", "--name", "people"], { cwd: folder, env })).exitCode).toBe(0);
    expect((await prove()).exitCode).toBe(0);
    await using pty = onTerminal(["migrate", "up"]);
    await pty.until(`Type ${db.name} to apply 1 migration`);
    expect(pty.frame()).toContain("✓ verified");
    pty.write("yes\r");
    await pty.until("to go on, or press Escape");
    pty.write(`\u0015${db.name}\r`);
    expect(await pty.exited).toBe(0);
    expect(pty.frame()).toContain("1 migration applied");
  });

  test("is refused when the person gives up, and the refusal is recorded", async () => {
    writeFileSync(join(folder, "schema.sql"), "create table public.people (email text, phone text);");
    expect((await runCli(["migrate", "generate", "--name", "phone"], { cwd: folder, env })).exitCode).toBe(0);
    expect((await prove()).exitCode).toBe(0);
    await using pty = onTerminal(["migrate", "up"]);
    await pty.until("to apply 1 migration");
    pty.write("\u0003");
    expect(await pty.exited).toBe(3);
    expect(pty.frame()).toContain("refused by gate confirm");
    const [last] = await db.query(
      "select status, error from public._zanith_migration_steps order by started_at desc limit 1",
    );
    expect(last).toEqual({ status: "refused", error: "refused — not confirmed" });
  });

  test("never asks in CI, with --no-input, with --json, on a dumb terminal or without one", async () => {
    for (const [args, options] of [
      [["migrate", "up"], { env: { CI: "true" } }],
      [["migrate", "up", "--no-input"], {}],
      [["migrate", "up", "--json"], {}],
      [["migrate", "up"], { term: "dumb" }],
    ] as const) {
      await using pty = onTerminal(args, options);
      expect({ args, options, exitCode: await pty.exited }).toEqual({ args, options, exitCode: 3 });
      expect(pty.raw()).not.toContain("Type ");
    }
    expect((await runCli(["migrate", "up"], { cwd: folder, env, timeoutMs: 20_000 })).exitCode).toBe(3);
  });

  test("leaves stdout to the result: the question is asked on stderr", async () => {
    const out = join(folder, "out.txt");
    const script = `${cliCommand()
      .map((word) => JSON.stringify(word))
      .join(" ")} migrate up > ${JSON.stringify(out)}`;
    await using pty = spawnPty(["bash", "-c", script], {
      cwd: folder,
      env: cliEnvironment(folder, env),
      columns: 100,
      rows: 40,
    });
    await pty.until("to apply 1 migration");
    pty.write(`${db.name}\r`);
    expect(await pty.exited).toBe(0);
    expect(await Bun.file(out).text()).toMatch(
      /^▸ \d{8}_\d{6}_phone\n {2}✓ 0 addColumn .*\n {2}snapshot: 1 model\(s\), 0 relation\(s\)\n1 migration applied\n$/,
    );
  });
});

test("generate asks about a likely rename, and takes the answer", async () => {
  writeFileSync(join(folder, "schema.sql"), "create table public.people (mail text, phone text);");
  await using pty = onTerminal(["migrate", "generate", "--dry-run"]);
  await pty.until("Was people.email renamed to people.mail?");
  pty.write("y");
  expect(await pty.exited).toBe(0);
  expect(pty.frame()).toContain("renameColumn  people.email");
  const silent = await runCli(["migrate", "generate", "--dry-run"], { cwd: folder, env });
  expect(silent.stdout).toContain("archiveColumn  people.email");
  expect(silent.stderr).toContain("--rename people.email=people.mail");
});
