// A running backfill reached from another terminal: pause, resume, cancel, give up, and work along.
import { expect, test } from "bun:test";
import type { BackfillSettings } from "../../src/backfill/settings.ts";
import { controlBackfill, joinRunning, listBackfills } from "../../src/usecase/backfills.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { checkpoints, counting, runAndKill, timesDone } from "../support/backfill.ts";
import { parseNdjson, runCli } from "../support/run-cli.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { editMigration, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const small: BackfillSettings = { workers: 1, targetMs: 3, maxLagMs: 3_000, maxBatch: 100 };
const rows = 6_000;
const sql = `create table t (id uuid default gen_random_uuid() primary key, done int default 0);
  insert into t select from generate_series(1, ${rows})`;

async function begin(settings = small) {
  const project = await projects.start({ sql });
  const id = project.operations("count", counting("t"));
  const run = recordedRun();
  const going = up(project.workspace, { backfill: settings }, run);
  going.catch(() => {});
  const states = () => run.events.flatMap((event) => (event.type === "backfill.progress" ? [event.state] : []));
  await waitFor("the first batch", () => states().length > 0);
  return { project, id, run, going, states };
}

test("a paused backfill stands still until it is resumed", async () => {
  // Slow enough not to end before it is paused.
  const { project, id, going, states } = await begin({ ...small, maxRate: 3_000 });
  expect(await controlBackfill(project.workspace, { verb: "pause" })).toMatchObject({ migration: id, running: true });
  await waitFor("the runner to say so", () => states().at(-1) === "paused");
  const [before] = await checkpoints(project);
  const seen = states().length;
  await waitFor("the runner to look again", () => states().length > seen + 1);
  expect(await checkpoints(project)).toEqual([{ step: 0, processed: before?.["processed"], status: "paused" }]);
  expect(await listBackfills(project.workspace)).toMatchObject([{ migration: id, status: "paused", total: rows }]);
  await controlBackfill(project.workspace, { verb: "resume", migration: id });
  await going;
  expect(await timesDone(project, "t")).toEqual({ "1": rows });
  expect(await listBackfills(project.workspace)).toMatchObject([{ status: "done", processed: rows, workers: 0 }]);
});

test("a cancelled backfill fails its step and goes on with the next up", async () => {
  const { project, going } = await begin({ ...small, maxRate: 3_000 });
  await controlBackfill(project.workspace, { verb: "cancel" });
  const error = await toolErrorOf(going);
  expect({ code: error.code, why: error.why }).toEqual({
    code: "step_failed",
    why: "its checkpoint was set to failed: by zanith backfill cancel, or by a worker that failed",
  });
  const done = await timesDone(project, "t");
  expect(await checkpoints(project)).toEqual([{ step: 0, processed: String(done["1"]), status: "failed" }]);
  await up(project.workspace, { backfill: small }, quietRun);
  expect(await timesDone(project, "t")).toEqual({ "1": rows });
});

test("what was done is given up on request, so that another expression can begin anew", async () => {
  const { project, id, going } = await begin({ ...small, maxRate: 3_000 });
  const early = await toolErrorOf(controlBackfill(project.workspace, { verb: "cancel", forget: true }));
  expect(early.code).toBe("locked");
  await controlBackfill(project.workspace, { verb: "cancel" });
  await toolErrorOf(going);
  await controlBackfill(project.workspace, { verb: "cancel", migration: id, forget: true });
  expect(await checkpoints(project)).toEqual([]);
  editMigration(project, id, ([op]) => Object.assign(op ?? {}, { set: [{ column: "done", expression: "7" }] }));
  await up(project.workspace, { backfill: small }, quietRun);
  expect(await timesDone(project, "t")).toEqual({ "7": rows });
});

test("another process works along without doing a row twice, and finishes when the first is killed", async () => {
  const project = await projects.start({ sql });
  const id = project.operations("count", counting("t"));
  const first = runAndKill(project, ["migrate", "up", "--batch-time", "3ms", "--max-rate", "2000"], {
    afterBatch: 12,
    afterMs: 2,
  });
  await waitFor("the first batch", async () => {
    const made = await project.database.query("select to_regclass('public._zanith_migration_checkpoints') as made");
    return made[0]?.["made"] !== null && Number((await checkpoints(project))[0]?.["processed"] ?? 0) > 0;
  });
  const { processed } = await joinRunning(project.workspace, { migration: id, settings: small }, quietRun);
  expect(processed).toBe(rows);
  await first;
  expect(await timesDone(project, "t")).toEqual({ "1": rows });
  expect(await checkpoints(project)).toEqual([{ step: 0, processed: String(rows), status: "done" }]);
  await waitFor(
    "the killed runner's session to end",
    async () => (await toolErrorOrDone(up(project.workspace, {}, quietRun))) === "done",
  );
  expect(await timesDone(project, "t")).toEqual({ "1": rows });
});

async function toolErrorOrDone(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "done",
    (error: { readonly code?: string }) => error.code ?? "unexpected",
  );
}

test("the commands tell the same, and say which backfill they cannot tell", async () => {
  const project = await projects.start({ sql });
  const id = project.operations("count", counting("t"));
  const where = ["--url", project.database.url, "--dir", project.dir];
  const none = await runCli(["backfill", "list", ...where]);
  expect({ exitCode: none.exitCode, stdout: none.stdout }).toEqual({ exitCode: 0, stdout: "no backfill\n" });
  const unclear = await runCli(["backfill", "pause", ...where]);
  expect(unclear.exitCode).toBe(64);
  expect(unclear.stderr).toContain("no backfill is unfinished");
  const stop = recordedRun((event, self) => {
    if (event.type === "backfill.progress") self.stop();
  });
  await toolErrorOf(up(project.workspace, { backfill: small }, stop));
  const status = await runCli(["backfill", "status", "--json", ...where]);
  expect(JSON.parse(status.stdout)).toMatchObject({
    backfills: [{ migration: id, step: 0, status: "paused", processed: 100, total: rows, key: ["id"] }],
  });
  const resumed = await runCli(["backfill", "resume", "--yes", "--json", ...where]);
  expect(resumed.exitCode).toBe(0);
  expect(parseNdjson(resumed.stdout).at(-1)).toMatchObject({ type: "result", applied: [{ migration: id }] });
  expect(await timesDone(project, "t")).toEqual({ "1": rows });
});
