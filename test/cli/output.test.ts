// How the tool speaks: colours and signs only where they can be shown, results apart from notes, nothing lost in a pipe.
import { describe, expect, test } from "bun:test";
import { emptyGraph, makeGraph } from "../../src/model/graph.ts";
import { graphToJson } from "../../src/model/json.ts";
import type { SchemaObject } from "../../src/model/object.ts";
import { spawnPty } from "../support/pty.ts";
import { cliCommand, cliEnvironment, runCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const users = { kind: "table", schema: "public", name: "users" } as const;
const before = makeGraph([users, column("users", "id", 1)]);
const after = makeGraph([
  users,
  column("users", "id", 1),
  column("users", "naïve\u001b[2J", 2),
  { ...users, name: "表" },
]);

function column(table: string, name: string, position: number): SchemaObject {
  return { kind: "column", schema: "public", table, name, type: "bigint", position };
}

const folder = tempFolder({
  "empty.json": graphToJson(emptyGraph),
  "before.json": graphToJson(before),
  "after.json": graphToJson(after),
  "big.json": graphToJson(makeGraph([...emptyGraph.objects.values(), ...manyTables(3_000)])),
});
const diff = ["diff", "before.json", "after.json"];

function manyTables(count: number): SchemaObject[] {
  return Array.from({ length: count }, (_, index) => `table_${index}`).flatMap((name) => [
    { kind: "table", schema: "public", name } as const,
    ...Array.from({ length: 5 }, (_, position) => column(name, `column_${position}`, position + 1)),
  ]);
}

/** What the tool wrote to a terminal of its own. */
async function onTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  term = "xterm-256color",
) {
  await using pty = spawnPty([...cliCommand(), ...args], { cwd: folder, env, term, columns: 100, rows: 30 });
  const exitCode = await pty.exited;
  return { exitCode, raw: pty.raw().replaceAll("\r\n", "\n"), frame: pty.frame() };
}

describe("colours", () => {
  test("are there on a terminal", async () => {
    const { raw, frame } = await onTerminal(diff);
    expect(raw).toContain("\u001b[1mpublic.users\u001b[0m");
    expect(frame).toContain("~ public.users   +1");
  });

  test("are not there in a pipe, with NO_COLOR, with --no-color and on a dumb terminal", async () => {
    expect((await runCli(diff, { cwd: folder })).stdout).not.toContain("\u001b");
    for (const { raw } of [
      await onTerminal(diff, { NO_COLOR: "1" }),
      await onTerminal([...diff, "--no-color"]),
      await onTerminal(diff, {}, "dumb"),
    ]) {
      expect(raw).not.toContain("\u001b");
    }
    expect((await onTerminal(diff, { NO_COLOR: "" })).raw).toContain("\u001b[");
  });
});

describe("signs", () => {
  const utf8 = `1 → 2 models   0 → 0 relations

+ public."表"
~ public.users   +1
    + naïve\\x1b[2J  bigint
`;
  const ascii = `1 -> 2 models   0 -> 0 relations

+ public."\\u{8868}"
~ public.users   +1
    + na\\u{ef}ve\\x1b[2J  bigint
`;

  test("are UTF-8 in a pipe too, as long as the locale is", async () => {
    for (const env of [
      { LANG: "de_DE.UTF-8" },
      { LANG: "C", LC_ALL: "en_US.utf8" },
      { LANG: "C", LC_CTYPE: "C.UTF-8" },
    ]) {
      expect((await runCli(diff, { cwd: folder, env })).stdout).toBe(utf8);
    }
  });

  test("are ASCII in any other locale and with --ascii", async () => {
    for (const env of [
      { LANG: "C" },
      { LANG: undefined },
      { LANG: "C.UTF-8", LC_ALL: "POSIX" },
      { LANG: "de_DE.ISO-8859-1" },
    ]) {
      expect((await runCli(diff, { cwd: folder, env })).stdout).toBe(ascii);
    }
    expect((await runCli([...diff, "--ascii"], { cwd: folder })).stdout).toBe(ascii);
  });
});

describe("documents", () => {
  test("reach a program byte for byte and a terminal without escape codes", async () => {
    const { stdout } = await runCli([...diff, "--sql"], { cwd: folder, env: { LANG: "C" } });
    expect(stdout).toContain('alter table public.users add column "naïve\u001b[2J" bigint;');
    const { raw } = await onTerminal([...diff, "--sql"]);
    expect(raw).toContain('alter table public.users add column "naïve\\x1b[2J" bigint;');
  });

  test("as JSON hold nothing that a terminal would obey, and lose nothing", async () => {
    const name = "a\u001b[2J\u009b2J\u202eb";
    const hostile = tempFolder({ "hostile.json": graphToJson(makeGraph([users, column("users", name, 1)])) });
    const { stdout } = await runCli(["diff", "empty", "hostile.json", "--json"], { cwd: hostile });
    for (const sign of ["\u001b", "\u009b", "\u202e"]) expect(stdout).not.toContain(sign);
    const { changes } = JSON.parse(stdout) as { changes: { after?: { name: string } }[] };
    expect(changes.map((change) => change.after?.name)).toContain(name);
  });

  test("of many megabytes arrive whole at a reader that takes its time", async () => {
    const { stdout: direct } = await runCli(["diff", "empty.json", "big.json", "--json"], { cwd: folder });
    expect(direct.length).toBeGreaterThan(5_000_000);
    const { stdout, exitCode } = await inShell('"$@" --json | { sleep 1; cat; }', ["diff", "empty.json", "big.json"]);
    expect(exitCode).toBe(0);
    expect(stdout === direct).toBe(true);
  });

  test("end quietly when the reader has seen enough", async () => {
    const { stdout, stderr } = await inShell('set -o pipefail; "$@" --json | head -n 1; echo "$?"', [
      "diff",
      "empty.json",
      "big.json",
    ]);
    expect({ stdout, stderr }).toEqual({ stdout: "{\n0\n", stderr: "" });
  });
});

test("notes go to stderr, and --quiet takes them away", async () => {
  const graph = makeGraph([users], [{ kind: "view", name: "public.v" }]);
  const noted = tempFolder({ "a.json": graphToJson(makeGraph([])), "b.json": graphToJson(graph) });
  const loud = await runCli(["diff", "a.json", "b.json"], { cwd: noted });
  expect(loud.stderr).toBe("not modelled yet (1 object), left alone:\n  view: public.v\n");
  const quiet = await runCli(["diff", "a.json", "b.json", "--quiet"], { cwd: noted });
  expect(quiet).toMatchObject({ exitCode: 0, stdout: loud.stdout, stderr: "" });
});

/** Runs the tool as "$@" inside a bash pipeline. */
async function inShell(script: string, args: readonly string[]) {
  const shell = Bun.spawn(["bash", "-c", script, "bash", ...cliCommand(), ...args], {
    cwd: folder,
    env: cliEnvironment(folder),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([shell.stdout.text(), shell.stderr.text(), shell.exited]);
  return { stdout, stderr, exitCode };
}
