// `zanith recover` as a person and as a script call it, without a terminal: what is printed, the next command, exit codes.
import { beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectGolden } from "../support/golden.ts";
import { type CliResult, parseNdjson, runCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase({
  sql: `create table users (id bigint primary key, email text not null, code text not null, note text);
    create index users_code on users (code);
    create table sessions (id int primary key, token text);
    insert into users select g, 'm' || g, 'c' || g, case g when 2 then '' when 3 then null else 'a "q", b' end from generate_series(1, 3) g;
    insert into sessions values (1, 'x'), (2, 'y')`,
});
const folder = tempFolder();
const golden = (name: string): string => join(import.meta.dir, "golden", `recover-${name}.txt`);
let migration = "";

const zanith = (...args: readonly string[]): Promise<CliResult> =>
  runCli(args, { cwd: folder, env: { ZANITH_DATABASE_URL: db.url } });

/** What differs from run to run, made the same. */
const steady = (text: string): string =>
  text
    .replaceAll(db.name, "DB")
    .replaceAll(folder, "DIR")
    .replace(/\d{8}_\d{6}_/g, "ID_")
    .replace(/_[0-9a-f]{8}\b/g, "_TAG")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, "WHEN")
    .replace(/v(\d):hash64:(\d+):-?\d+/g, "v$1:hash64:$2:SUM")
    .replace(/\(recorded [0-9a-f]{7}/g, "(recorded SHORT")
    .replace(/checksum [0-9a-f]{7}…/g, "checksum SHORT…")
    .replace(/ {3}\([0-9a-f]{7}\)/g, "   (SHORT)")
    .replace(/ +\d+(\.\d)? m?s$/gm, " TIME");

/** Everything a call shows, as one text. */
const shown = ({ exitCode, stdout, stderr }: CliResult): string =>
  steady(`exit ${exitCode}\n--- stdout\n${stdout}--- stderr\n${stderr}`);

async function transcript(...calls: readonly (readonly string[])[]): Promise<string> {
  const parts: string[] = [];
  for (const args of calls) parts.push(steady(`$ zanith ${args.join(" ")}\n`) + shown(await zanith(...args)));
  return parts.join("\n");
}

beforeAll(async () => {
  expect((await zanith("init", "--mode", "staging")).exitCode).toBe(0);
  writeFileSync(join(folder, "schema.sql"), "create table users (id bigint primary key, email text not null);");
  migration = JSON.parse((await zanith("migrate", "generate", "--name", "cut", "--json")).stdout).id;
  expect((await zanith("migrate", "verify")).exitCode).toBe(0);
  expect(await zanith("recover", "list")).toMatchObject({ exitCode: 0, stdout: "nothing was set aside\n" });
  expect((await zanith("recover", "restore-column", "users.code")).stderr).toContain("nothing was set aside: ");
  const { exitCode, stderr } = await zanith("migrate", "up", "--yes");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  await db.query("update _zanith_migration_artifacts set created_at = created_at - interval '3 days 1 hour'");
}, 120_000);

test("list and inspect show what there is, and the command that brings it back", async () => {
  expectGolden(
    golden("read"),
    await transcript(
      ["recover", "list"],
      ["recover", "inspect", "sessions", "--verify"],
      ["recover", "inspect", "users.note"],
    ),
  );
}, 60_000);

test("wrong names say what there is, and what a name is of", async () => {
  expectGolden(
    golden("names"),
    await transcript(
      ["recover", "inspect", "users.cod"],
      ["recover", "restore-column", "sessions", "--yes"],
      ["recover", "restore-table", "users.code", "--yes"],
      ["recover", "export", "nothing"],
      ["recover", "purge", "nothing", "--yes"],
      ["recover", "inspect", migration],
    ),
  );
}, 60_000);

test("without a terminal nothing is written until --yes, and the refusal ends with the whole command", async () => {
  expectGolden(
    golden("consent"),
    await transcript(
      ["recover", "restore-column", "users.code"],
      ["recover", "restore-table", "sessions", "--as", "old sessions"],
      ["recover", "purge", "sessions"],
      ["recover", "cleanup", "--older-than", "0s"],
      ["recover", "reseed", "users.code"],
      ["recover", "restore-column", "users.code", "--dry-run"],
    ),
  );
  expect(await db.query("select id, email from users order by id limit 1")).toEqual([{ id: "1", email: "m1" }]);
}, 120_000);

test("export writes CSV, JSON and JSON lines, to stdout and to a new file only", async () => {
  expect((await zanith("recover", "export", "users.note")).stdout).toBe('id,note\n1,"a ""q"", b"\n2,""\n3,\n');
  expect(JSON.parse((await zanith("recover", "export", "sessions", "--format", "json")).stdout)).toEqual([
    { id: 1, token: "x" },
    { id: 2, token: "y" },
  ]);
  const args = ["recover", "export", "sessions", "--format", "jsonl", "--output", "s.jsonl"];
  expect(JSON.parse((await zanith(...args, "--json")).stdout)).toMatchObject({ rows: 2, format: "jsonl" });
  expect(parseNdjson(readFileSync(join(folder, "s.jsonl"), "utf8"))).toEqual([
    { id: 1, token: "x" },
    { id: 2, token: "y" },
  ]);
  expectGolden(golden("export"), await transcript(args, [...args, "--force"]));
}, 60_000);

test("what was tampered with is refused, and shown by inspect and export", async () => {
  const { physical } = JSON.parse((await zanith("recover", "inspect", "sessions", "--json")).stdout);
  await db.query(`update ${physical} set token = 'z' where id = 2`);
  expectGolden(
    golden("tampered"),
    await transcript(
      ["recover", "restore-table", "sessions", "--yes"],
      ["recover", "inspect", "sessions", "--verify"],
      ["recover", "export", "sessions"],
    ),
  );
  await db.query(`update ${physical} set token = 'y' where id = 2`);
}, 60_000);

test("restores, once, and JSON says the same", async () => {
  expectGolden(
    golden("restore"),
    await transcript(
      ["recover", "restore-column", "users.code", "--yes"],
      ["recover", "restore-column", "users.code", "--yes"],
      ["recover", "restore-table", "sessions", "--as", "old sessions", "--yes"],
      ["recover", "list"],
    ),
  );
  const again = await zanith("recover", "restore-column", "users.code", "--yes", "--json");
  expect(parseNdjson(again.stdout)).toMatchObject([{ type: "result", status: "nothing to do" }]);
  const refused = await zanith("recover", "restore-column", "users.note", "--json");
  expect(refused.exitCode).toBe(3);
  expect(parseNdjson(refused.stdout).at(-1)).toMatchObject({ status: "refused", why: "nobody confirmed it" });
  expect(await db.query("select id, code from users order by id limit 1")).toEqual([{ id: "1", code: "c1" }]);
  expect(await db.query('select token from "old sessions" order by id')).toEqual([{ token: "x" }, { token: "y" }]);
}, 120_000);

test("reseed counts before it fills", async () => {
  await db.query("alter table users alter column code drop not null; update users set code = null where id < 3");
  const planned = await zanith("recover", "reseed", "users.code", "--dry-run");
  expect(planned.stdout).toContain("3 archived value(s): 3 matched, 0 missing, 0 conflicting\n  2 rows to fill\n");
  expect((await zanith("recover", "reseed", "users.code")).exitCode).toBe(3);
  expect((await zanith("recover", "reseed", "users.code", "--yes")).exitCode).toBe(0);
  expect(await db.query("select code from users order by id")).toEqual([
    { code: "c1" },
    { code: "c2" },
    { code: "c3" },
  ]);
}, 60_000);

test("a name that was taken is in the way, and --as is offered with the command", async () => {
  await db.query("alter table users add column note int");
  const { exitCode, stderr } = await zanith("recover", "restore-column", "users.note", "--yes");
  expect({ exitCode, stderr: steady(stderr) }).toEqual({
    exitCode: 3,
    stderr: `ID_cut::archive_column::users.note was not restored: it cannot come back
  in the way: column public.users.note: there is a column of that name
  nothing was changed
  rename or drop what is in the way, or bring it back beside it: zanith recover restore-column users.note --as NEWNAME
`,
  });
}, 60_000);

test("purge and cleanup remove what is named, and what is purged is not restored", async () => {
  const purged = await zanith("recover", "purge", "users.note", "--yes", "--json");
  expect(parseNdjson(purged.stdout).at(-1)).toMatchObject({
    type: "result",
    status: "purged",
    artifacts: [{ rows: "3" }],
  });
  const restore = await zanith("recover", "restore-column", "users.note", "--yes");
  expect({ exitCode: restore.exitCode, stderr: steady(restore.stderr) }).toEqual({
    exitCode: 3,
    stderr:
      "ID_cut::archive_column::users.note was purged\n  its rows are gone for good\n  nothing was changed\n  zanith recover list\n",
  });
  expect((await zanith("recover", "export", "users.note")).exitCode).toBe(3);
  expect((await zanith("recover", "cleanup", "--older-than", "0s", "--yes")).exitCode).toBe(0);
  const { artifacts } = JSON.parse((await zanith("recover", "list", "--json")).stdout);
  expect(artifacts.map(({ status }: { status: string }) => status).sort()).toEqual(["purged", "purged", "restored"]);
}, 60_000);
