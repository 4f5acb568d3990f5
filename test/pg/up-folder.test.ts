// Migration files that are not what ran: edited, lost or put in between. Reported by status, refused by up, nothing changed.
import { describe, expect, test } from "bun:test";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { plan } from "../../src/usecase/plan.ts";
import { type UpInput, type UpResult, up } from "../../src/usecase/up.ts";
import { quietRun, type Run } from "../../src/usecase/workspace.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { editMigration, type Project, standing, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

function runUp(project: Project, input: UpInput = {}, run: Run = quietRun): Promise<UpResult> {
  return up(project.workspace, input, run);
}

describe("files that do not match the ledger", () => {
  async function appliedTwo(): Promise<{ project: Project; ids: string[] }> {
    const project = await projects.start();
    const ids = ["a", "b"].map((name) => project.rawMigration(name, `create table ${name} (x int)`));
    await runUp(project);
    return { project, ids };
  }

  async function refusedWithoutEffect(project: Project, message: string): Promise<void> {
    const before = await project.attempts();
    project.rawMigration("next", "create table c (x int)");
    const error = await toolErrorOf(runUp(project));
    const what = `the migrations folder does not match the ledger: ${message}`;
    expect({ code: error.code, what: error.what }).toEqual({ code: "ledger_mismatch", what });
    expect(await project.attempts()).toEqual(before);
    expect(await project.difference("create table a (x int); create table b (x int)")).toEqual([]);
    const planned = await plan(project.workspace, {}, quietRun);
    expect(planned.migrations[0]?.gates.find(({ gate }) => gate === "drift")).toMatchObject({
      status: "failed",
      why: message,
    });
  }

  test("an edited operation is refused", async () => {
    const { project, ids } = await appliedTwo();
    editMigration(project, ids[1] as string, (ops) => {
      ops[0] = { kind: "rawSql", sql: "create table b (x bigint)" };
    });
    expect((await standing(project)).problems).toEqual([`edited ${ids[1]}`]);
    await refusedWithoutEffect(
      project,
      `${ids[1]}.json was edited after it was applied: step 0 is another operation than the one that ran`,
    );
  });

  test("an operation more or less is refused", async () => {
    const { project, ids } = await appliedTwo();
    editMigration(project, ids[0] as string, (ops) => {
      ops.push({ kind: "rawSql", sql: "select 1" });
    });
    await refusedWithoutEffect(
      project,
      `${ids[0]}.json was edited after it was applied: it has 2 steps, 1 were applied`,
    );
  });

  test("a lost file is refused", async () => {
    const { project, ids } = await appliedTwo();
    rmSync(join(project.dir, `${ids[0]}.json`));
    await refusedWithoutEffect(project, `${ids[0]} is in the ledger but its file is not in the folder`);
  });

  test("a file older than the last applied one is refused", async () => {
    const { project, ids } = await appliedTwo();
    project.file("20200101_000000_late.sql", "create table late (x int)");
    const error = await toolErrorOf(runUp(project));
    expect(error).toMatchObject({
      code: "ledger_mismatch",
      what: `the migrations folder does not match the ledger: 20200101_000000_late.sql is older than ${ids[1]}, which is applied already`,
    });
    expect(await project.difference("create table a (x int); create table b (x int)")).toEqual([]);
  });

  test("a renamed file is a lost one and one out of order", async () => {
    const { project } = await appliedTwo();
    project.file("20260101_000000_a.sql", "create table a (x int)");
    await runUp(project).catch(() => {});
    const other = await appliedTwo();
    other.project.file("20260401_000000_z.sql", "select 1");
    renameSync(join(other.project.dir, `${other.ids[0]}.json`), join(other.project.dir, `${other.ids[0]}.json.bak`));
    expect((await standing(other.project)).problems).toEqual([
      "out of order 20260401_000000_z",
      `lost ${other.ids[0]}`,
    ]);
  });

  test("a migration that a person named baseline is held to its file like any other", async () => {
    const project = await projects.start();
    const id = project.rawMigration("baseline", "create table a (x int)");
    await runUp(project);
    rmSync(join(project.dir, `${id}.json`));
    expect((await standing(project)).problems).toEqual([`lost ${id}`]);
  });
});
