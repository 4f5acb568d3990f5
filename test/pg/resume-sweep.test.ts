// A run whose connection is cut at one message after another, before and after the server got it: whatever was on its way,
// the next runs finish the work, and nothing is done twice or left behind.
import { expect, test } from "bun:test";
import { status } from "../../src/usecase/status.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { cutRun } from "../support/cut-run.ts";
import { type Project, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const before = "create table users (id int, email text);";
const after = "create table users (id int, email text not null unique, age int default 7);";

/** Every how many messages a run is cut; ZANITH_TEST_SWEEP=1 cuts at each of them. */
const stride = Number(process.env["ZANITH_TEST_SWEEP"] ?? 12);

async function start(): Promise<{ project: Project; id: string }> {
  const project = await projects.start({
    sql: `${before} create table log (note text); insert into users select n, 'a' || n from generate_series(1, 50) n`,
  });
  const all = `${before} create table log (note text);`;
  const id = await project.migration("all", all, `${after} create table log (note text);`);
  project.rawMigration("note", "insert into log values ('once')");
  return { project, id };
}

for (const mode of ["before", "after"] as const) {
  test(`cut ${mode} the server got the message`, async () => {
    let nth = 1 + (mode === "after" ? Math.floor(stride / 2) : 0);
    for (let messages: number | undefined; messages === undefined; nth += stride) {
      const { project, id } = await start();
      messages = await cutRun(project, mode, nth);
      await up(project.workspace, {}, quietRun);
      const attempts = await project.attempts();
      const times = (word: string, step: number) =>
        attempts.filter((one) => one.migration === id && one.step === step && one.status === word).length;
      const { problems, drift, pending } = await status(project.workspace, {}, quietRun);
      const [{ notes } = {}] = await project.database.query("select count(*)::int as notes from log");
      expect({
        nth,
        difference: await project.difference(`${after} create table log (note text);`),
        applied: [0, 1, 2].map((step) => times("applied", step)),
        running: attempts.filter(({ status: word }) => word === "running"),
        problems,
        drift,
        pending,
        notes,
      }).toEqual({
        nth,
        difference: [],
        applied: [1, 1, 1],
        running: [],
        problems: [],
        drift: [],
        pending: [],
        notes: 1,
      });
      expect((await up(project.workspace, {}, quietRun)).applied).toEqual([]);
      await project.database.drop();
    }
    expect(nth).toBeGreaterThan(60);
  }, 600_000);
}
