// A real pooler between the tool and the server: in transaction mode it is refused before anything is set on a connection that
// others use, and --direct-url goes past it; in session mode a run works through it. Only where ZANITH_TEST_PGBOUNCER names
// the program.
import { expect, test } from "bun:test";
import { chownSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { TestDatabase } from "../support/database.ts";
import { asIfNothingHappened, setFaultScene, startRunner } from "../support/fault-scene.ts";
import { random, seed } from "../support/faults.ts";
import { runCli } from "../support/run-cli.ts";
import { twelveSteps, twelveStepsBefore } from "../support/twelve-steps.ts";
import { makeServerFolder, serverAccount, spawnAs } from "../support/unprivileged.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Project, withProjects } from "../support/workspace.ts";

const program = process.env["ZANITH_TEST_PGBOUNCER"];
const projects = await withProjects();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Runs a body with the URL of a pooler in front of a database. */
async function pooled(
  database: TestDatabase,
  mode: "transaction" | "session",
  body: (url: string) => Promise<void>,
): Promise<void> {
  const server = new URL(database.url);
  const account = serverAccount();
  const folder = makeServerFolder(account);
  const port = await freePort();
  const settings = join(folder, "pgbouncer.ini");
  const password = decodeURIComponent(server.password).replaceAll("'", "''");
  writeFileSync(
    settings,
    `[databases]
${database.name} = host=${server.hostname} port=${server.port} user=${server.username} password='${password}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 5
ignore_startup_parameters = extra_float_digits
`,
    { mode: 0o600 },
  );
  if (account !== undefined) chownSync(settings, account.uid, account.gid);
  const pooler = Bun.spawn([program ?? "", settings], {
    ...spawnAs(account),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  try {
    const url = new URL(database.url);
    url.port = String(port);
    await waitFor("the pooler to listen", () =>
      Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } }).then(
        (socket) => {
          socket.end();
          return true;
        },
        () => false,
      ),
    );
    await body(url.toString());
  } finally {
    pooler.kill("SIGKILL");
    await pooler.exited;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(): Promise<{ project: Project; args: readonly string[] }> {
  const project = await projects.start({ sql: "create table users (id int)" });
  project.rawMigration(
    "age",
    "alter table users add column age int",
    "create index concurrently by_age on users (age)",
  );
  return { project, args: ["migrate", "up", "--yes", "--dir", project.dir, "--mode", "development"] };
}

test.skipIf(program === undefined)("in transaction mode it is refused, and --direct-url goes past it", async () => {
  const { project, args } = await start();
  await pooled(project.database, "transaction", async (url) => {
    const refused = await runCli([...args, "--url", url]);
    expect({ code: refused.exitCode, told: refused.stderr.includes("--direct-url") }).toEqual({ code: 5, told: true });
    expect(await project.database.query("select to_regclass('_zanith_migrations')::text as ledger")).toEqual([
      { ledger: null },
    ]);
    const env = { ZANITH_DATABASE_URL: url, ZANITH_DIRECT_URL: project.database.url };
    expect((await runCli(args, { env })).exitCode).toBe(0);
    expect((await project.applied()).length).toBe(1);
    // A variable that is left over must not lead a --url that was typed to another server.
    expect((await runCli([...args, "--url", url], { env })).exitCode).toBe(5);
  });
});

test.skipIf(program === undefined)(
  "a migration of every sort of segment is killed behind it, and finished",
  async () => {
    const scene = await setFaultScene(projects, { sql: twelveStepsBefore(400), operations: twelveSteps });
    const cli = (url: string, ...more: readonly string[]) => {
      const input = [
        "migrate",
        "up",
        "--yes",
        "--allow-destructive",
        "--dir",
        scene.project.dir,
        "--mode",
        "development",
      ];
      return runCli([...input, "--url", url, ...more]);
    };
    for (const mode of ["session", "transaction"] as const) {
      await using database = await scene.copy();
      await pooled(database, mode, async (url) => {
        if (mode === "session") {
          const dieAtEvent = 1 + Math.floor(random() * scene.events);
          expect((await startRunner({ ...scene.order(database, { dieAtEvent }), url }).end).killed).toBe(true);
          await waitFor("the end of the killed runner's session", async () => {
            const locks = "select 1 from pg_catalog.pg_locks where locktype = 'advisory'";
            return (await database.query(locks)).length === 0;
          });
        }
        const { exitCode, stderr } = await cli(url, ...(mode === "session" ? [] : ["--direct-url", database.url]));
        expect({ seed, mode, exitCode, stderr }).toMatchObject({ seed, mode, exitCode: 0 });
      });
      const { story, checkpoints: _, ...settled } = await scene.settle(database);
      const { checkpoints: __, ...expected } = asIfNothingHappened(scene);
      expect({ seed, mode, ...settled }).toEqual({ seed, mode, ...expected });
      expect(story.length).toBeLessThanOrEqual(1);
    }
  },
);

test.skipIf(program === undefined)("in session mode a run works through it", async () => {
  const { project, args } = await start();
  await pooled(project.database, "session", async (url) => {
    const { exitCode, stderr } = await runCli([...args, "--url", url]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect((await project.attempts()).map(({ status }) => status)).toEqual(["applied", "applied"]);
  });
});
