// `zanith migrate` without a verb: the conversation on a terminal, and silence where nobody can answer.
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Pty, spawnCliPty } from "../support/pty.ts";
import { runCli } from "../support/run-cli.ts";
import { withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const before = "create table users (id bigint primary key, legacy text);";
const after = "create table users (id bigint primary key, email text);";

async function project() {
  const made = await projects.start({ sql: before });
  const { cwd } = made.workspace;
  mkdirSync(join(cwd, "migrations"), { recursive: true });
  writeFileSync(join(cwd, "schema.sql"), after);
  writeFileSync(join(cwd, "zanith.config.json"), JSON.stringify({ mode: "production", schema: "schema.sql" }));
  const env = { DATABASE_URL: made.database.url };
  const talk = (): Pty => spawnCliPty(["migrate"], { columns: 120, rows: 100, cwd, env });
  return { ...made, cwd, env, talk };
}

test("from the changed schema to the applied migration, question by question", async () => {
  const { talk, database, applied } = await project();
  await using guide = talk();
  await guide.until("Generate a migration");
  guide.write("\r");
  await guide.until("Was users.legacy renamed to users.email?");
  // Left, Enter: yes, it was renamed and nothing is lost.
  guide.write("\u001b[D\r");
  await guide.until("Prove it on a throwaway copy");
  expect(await applied().catch(() => [])).toEqual([]);
  guide.write("\r");
  await guide.until(`Type ${database.name} to apply 1 migration`);
  guide.write(`${database.name}\r`);
  await guide.until("zanith migrate history tells what ran");
  expect(await guide.exited).toBe(0);
  expect(await applied()).toHaveLength(1);
});

test("what destroys is consented to by typing; Escape changes nothing and says so", async () => {
  const { talk, migration, database } = await project();
  await migration("drop_legacy", before, "create table users (id bigint primary key)");
  await using guide = talk();
  await guide.until("Type 80 to allow it");
  guide.write("80\r");
  await guide.until("Type destroy to allow it");
  guide.write("\u001b");
  await guide.until("gate allow-destructive refuses");
  expect(await guide.exited).toBe(3);
  const columns = await database.query(
    "select column_name from information_schema.columns where table_name = 'users' order by ordinal_position",
  );
  expect(columns.map((row) => row["column_name"])).toEqual(["id", "legacy"]);
});

test("without a terminal it is help, and never a question", async () => {
  const { cwd, env } = await project();
  const { exitCode, stdout } = await runCli(["migrate"], { cwd, env, timeoutMs: 20_000 });
  expect({ exitCode, isHelp: stdout.startsWith("zanith migrate") }).toEqual({ exitCode: 0, isHelp: true });
  const asked = await runCli(["migrate", "guide"], { cwd, env, timeoutMs: 20_000 });
  expect(asked.exitCode).toBe(64);
  expect(asked.stderr).toContain("guided migration needs a terminal");
});
