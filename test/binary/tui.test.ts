// The program itself on a terminal of its own: start, the guided path, resize, every way out, odd terminals. Runs from
// source, or the compiled binary named by ZANITH_TEST_BINARY.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { graphToJson } from "../../src/model/json.ts";
import { type Pty, type PtyOptions, spawnCliPty, spawnPty } from "../support/pty.ts";
import { runCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { waitFor } from "../support/wait-for.ts";
import { withProjects } from "../support/workspace.ts";
import { schemaAfter, schemaBefore } from "../tui/sample.ts";

const projects = await withProjects();
const before = "create table users (id bigint primary key, email text)";
const after = "create table users (id bigint primary key, email text, last_login timestamptz)";

const exports = tempFolder({
  "before.json": graphToJson(schemaBefore()),
  "after.json": graphToJson(schemaAfter()),
});
const browse = (options: PtyOptions = {}): Pty =>
  spawnCliPty(["snapshot", "browse", "before.json", "after.json"], {
    columns: 100,
    rows: 30,
    cwd: exports,
    ...options,
  });

async function project(mode = "production") {
  const made = await projects.start({ sql: before });
  const id = await made.migration("add_last_login", before, after);
  writeFileSync(join(made.workspace.cwd, "zanith.config.json"), JSON.stringify({ mode, dir: "migrations" }));
  const options: PtyOptions = {
    columns: 100,
    rows: 30,
    cwd: made.workspace.cwd,
    env: { DATABASE_URL: made.database.url },
  };
  return { ...made, id, options };
}

/** The alternate screen was left, the cursor shown and the mouse switched off after it was last switched on. */
function expectRestored(raw: string): void {
  const last = (code: string): number => raw.lastIndexOf(`\u001b[?${code}`);
  expect(last("1049l")).toBeGreaterThan(last("1049h"));
  expect(last("25h")).toBeGreaterThan(last("25l"));
  for (const mode of ["1000", "1002", "1006"]) expect(last(`${mode}l`)).toBeGreaterThan(last(`${mode}h`));
}

test("zanith alone opens home; verify, the typed name and apply lead into the ledger", async () => {
  const { options, id, database, applied } = await project();
  await using ui = spawnCliPty([], options);
  await ui.until("✗ verified");
  expect(ui.frame()).toContain(id);
  ui.write("v");
  await ui.until("a goes on to apply");
  ui.write("a");
  await ui.until("ready to apply");
  ui.write("\r");
  await ui.until(`Apply 1 migration to ${database.name}?`);
  ui.write(`${database.name}\r`);
  await ui.until("1 migration applied");
  expect(await applied()).toEqual([id]);
  ui.write("5");
  await ui.until("applied 20");
  ui.write("\u0003");
  expect(await ui.exited).toBe(0);
  expectRestored(ui.raw());
});

test("the frame follows a resize of the window", async () => {
  await using ui = browse();
  await ui.until("public.users");
  ui.resize(60, 12);
  await ui.until("zanith needs 80 x 24; this is 60 x 12");
  ui.resize(120, 40);
  await ui.until("public.users");
  ui.write("q");
  await ui.until("pick two to compare");
  ui.write("q");
  expect(await ui.exited).toBe(0);
});

describe("the terminal is given back", () => {
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    test(`on ${signal}, with exit code 130`, async () => {
      await using ui = browse();
      await ui.until("public.users");
      ui.kill(signal);
      expect(await ui.exited).toBe(130);
      expectRestored(ui.raw());
    });
  }

  test("on SIGINT, as by Ctrl-C", async () => {
    await using ui = browse();
    await ui.until("public.users");
    ui.kill("SIGINT");
    expect(await ui.exited).toBe(0);
    expectRestored(ui.raw());
  });

  test("after a bug, with exit code 1 and the bug on stderr", async () => {
    const script = join(exports, "bug.ts");
    const main = join(import.meta.dir, "..", "..", "src", "tui", "open-ui.ts");
    writeFileSync(
      script,
      `import { openUi } from ${JSON.stringify(main)};
       let guard = (_: "bug") => {};
       process.on("uncaughtException", (error) => { guard("bug"); process.stderr.write("caught " + error.message + "\\n"); });
       setTimeout(() => { throw new Error("a bug"); }, 300);
       const unreachable = () => { throw new Error("offline"); };
       process.exitCode = await openUi(
         {
           workspace: { cwd: process.cwd(), config: { dir: "m", mode: "development", auditSchema: "public", lockTimeoutMs: 1 }, connection: unreachable, connectionOf: unreachable, now: () => new Date(), random: () => 0 },
           browse: ["before.json", "after.json"], ascii: false, color: true, env: {},
         },
         { input: process.stdin, output: process.stdout, takeOver: (listener) => { guard = listener; return () => {}; } },
       );`,
    );
    await using ui = spawnPty([process.execPath, script], { columns: 100, rows: 30, cwd: exports });
    expect(await ui.exited).toBe(1);
    expectRestored(ui.raw());
    expect(ui.frame()).toContain("caught a bug");
  });

  test("on Ctrl-Z, and taken again with SIGCONT", async () => {
    await using ui = browse();
    await ui.until("public.users");
    ui.write("\u001a");
    await waitFor("the alternate screen to be left", () => ui.raw().includes("\u001b[?1049l"));
    // It stops a moment later, and what comes before that does not wake it.
    await waitFor("the program to be stopped", () => stateOf(ui.pid).startsWith("T"));
    ui.kill("SIGCONT");
    await ui.until("public.users");
    ui.write("?");
    await ui.until("keys on snapshots");
    ui.kill("SIGTERM");
    expect(await ui.exited).toBe(130);
    expectRestored(ui.raw());
  });
});

/** The state of a process as ps tells it: T is stopped. */
function stateOf(pid: number): string {
  return Bun.spawnSync(["ps", "-o", "stat=", "-p", String(pid)])
    .stdout.toString()
    .trim();
}

test("a hangup during a run leaves an interrupted step that the next run finishes", async () => {
  const { options, database, attempts, applied } = await project("development");
  const blocker = await database.session();
  await blocker.query("begin; lock table users in access share mode");
  await using ui = spawnCliPty([], options);
  await ui.until("✓ gates");
  ui.write("a");
  await ui.until("ready to apply");
  ui.write("\r");
  await ui.until(`blocked by pid ${blocker.pid}`);
  ui.kill("SIGHUP");
  expect(await ui.exited).toBe(130);
  expect((await attempts()).map(({ status }) => status)).toEqual(["interrupted"]);
  await blocker.query("rollback");
  await using again = spawnCliPty([], options);
  await again.until("c continues where it stopped");
  await again.until("✓ gates");
  again.write("c");
  await again.until("1 migration applied");
  expect(await applied()).toHaveLength(1);
});

test("killed with -9 during a run, it continues at the next start", async () => {
  const { options, database, applied } = await project("development");
  const blocker = await database.session();
  await blocker.query("begin; lock table users in access share mode");
  const ui = spawnCliPty([], options);
  await ui.until("✓ gates");
  ui.write("a");
  await ui.until("ready to apply");
  ui.write("\r");
  await ui.until(`blocked by pid ${blocker.pid}`);
  ui.kill("SIGKILL");
  await ui.exited;
  await blocker.query("rollback");
  await waitFor("the server to end the session", async () => {
    const [row] = await database.query(
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name like 'zanith up%'",
    );
    return row?.["n"] === 0;
  });
  await using again = spawnCliPty([], options);
  await again.until("c continues where it stopped");
  await again.until("✓ gates");
  again.write("c");
  await again.until("1 migration applied");
  expect(await applied()).toHaveLength(1);
});

describe("odd terminals", () => {
  for (const term of ["nosuchterm", "vt220", "screen-256color", "linux"]) {
    test(`TERM=${term} draws the same frame`, async () => {
      await using ui = browse({ term });
      await ui.until("+1 −0 ~2");
      expect(ui.frame()).toContain("│ public.leads   new");
      ui.kill("SIGTERM");
      await ui.exited;
    });
  }

  test("without UTF-8 everything is ASCII", async () => {
    await using ui = browse({ env: { LANG: "C" } });
    await ui.until("+1 -0 ~2");
    expect(ui.frame()).toMatch(/^[\n -~]*$/);
    ui.kill("SIGTERM");
    await ui.exited;
  });

  test("with NO_COLOR no colour is sent", async () => {
    await using ui = browse({ env: { NO_COLOR: "1" } });
    await ui.until("+1 −0 ~2");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for escape sequences
    expect(ui.raw()).not.toMatch(/\u001b\[(?:\d+;)*(?:3[0-7]|9[0-7]|38;5;\d+)(?:;\d+)*m/);
    ui.kill("SIGTERM");
    await ui.exited;
  });

  test("TERM=dumb and a pipe get words instead of screens", async () => {
    await using ui = spawnCliPty(["snapshot", "browse"], { term: "dumb" });
    expect(await ui.exited).toBe(64);
    expect(ui.raw()).toContain("the full-screen UI needs a terminal");
    const piped = await runCli(["snapshot", "browse", "a.json", "b.json"]);
    expect({ code: piped.exitCode, stdout: piped.stdout }).toEqual({ code: 64, stdout: "" });
  });
});
