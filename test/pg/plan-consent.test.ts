// Gates about more than one step on a real database: proof on a shadow, drift, confirmation; and plans without a database.
import { describe, expect, test } from "bun:test";
import type { GateName, GateResult } from "../../src/risk/gates.ts";
import type { Mode } from "../../src/risk/modes.ts";
import { plan } from "../../src/usecase/plan.ts";
import { status } from "../../src/usecase/status.ts";
import { type UpInput, up } from "../../src/usecase/up.ts";
import { verify } from "../../src/usecase/verify.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { editMigration, type Project, withProjects } from "../support/workspace.ts";

const projects = await withProjects();

const users = "create table users (id int primary key, email text);";
const wider = "create table users (id int primary key, email text, age int);";

function inMode(project: Project, mode: Mode) {
  return project.variant({ mode });
}

async function gates(
  project: Project,
  mode: Mode = "development",
  input: UpInput = {},
): Promise<readonly GateResult[]> {
  const { migrations } = await plan(inMode(project, mode), input, quietRun);
  return migrations[0]?.gates ?? [];
}

async function gate(project: Project, name: GateName, mode: Mode = "development", input: UpInput = {}) {
  return (await gates(project, mode, input)).find((one) => one.gate === name);
}

/** What `up` answers and records when it refuses. */
async function refusal(project: Project, mode: Mode, input: UpInput) {
  const { refused, applied } = await up(inMode(project, mode), input, quietRun);
  const attempts = await project.attempts();
  return { gate: refused?.gate.gate, step: refused?.step?.index, applied, row: attempts.at(-1) };
}

describe("verified", () => {
  test("passes for exactly these operations on exactly this schema", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("age", users, wider);
    expect(await refusal(project, "production", { confirmed: true })).toEqual({
      gate: "verified",
      step: 0,
      applied: [],
      row: { migration: id, step: 0, kind: "addColumn", status: "refused", error: `refused — not verified: ${id}` },
    });
    await verify(project.workspace, {}, quietRun);
    expect(await gate(project, "verified", "production")).toMatchObject({ status: "passed" });
    editMigration(project, id, (ops) => {
      ops.push({ kind: "rawSql", sql: "select 1" });
    });
    expect(await gate(project, "verified", "production")).toMatchObject({ status: "failed" });
    editMigration(project, id, (ops) => {
      ops.pop();
    });
    expect(await gate(project, "verified", "production")).toMatchObject({ status: "passed" });
    await project.database.query("create table other (x int)");
    expect(await gate(project, "verified", "production")).toMatchObject({ status: "failed" });
    await project.database.query("drop table other");
    const { applied } = await up(inMode(project, "production"), { confirmed: true }, quietRun);
    expect(applied.map(({ migration }) => migration)).toEqual([id]);
  });

  test("covers every migration of a chain that was proven as one, also when they are applied one by one", async () => {
    const project = await projects.start({
      sql: "create table users (gone int, id int primary key, email text); alter table users drop column gone;",
    });
    const further = `${wider} create table posts (id int primary key, author int references users);`;
    const ids = [await project.migration("age", users, wider), await project.migration("posts", wider, further)];
    await verify(project.workspace, {}, quietRun);
    const production = inMode(project, "production");
    const planned = await plan(production, {}, quietRun);
    expect(planned.migrations.map((one) => one.gates.find((gate) => gate.gate === "verified")?.status)).toEqual([
      "passed",
      "passed",
    ]);
    await up(production, { confirmed: true, steps: 1 }, quietRun);
    await up(production, { confirmed: true, steps: 1 }, quietRun);
    expect(await project.applied()).toEqual(ids);
  });

  test("stays passed while a proven migration is finished, and only for the schema it was proven on", async () => {
    const before = "create table users (id int primary key, age text);";
    const after = `create table notes (id int primary key); create table users (id int primary key, age int);`;
    const project = await projects.start({ sql: `${before} insert into users values (1, 'old')` });
    const id = await project.migration("typed", before, after);
    await verify(project.workspace, {}, quietRun);
    const production = inMode(project, "production");
    expect((await toolErrorOf(up(production, { confirmed: true }, quietRun))).code).toBe("step_failed");
    await project.database.query("update users set age = '70'");
    await up(production, { confirmed: true }, quietRun);
    expect(await project.applied()).toEqual([id]);
  });
});

describe("drift", () => {
  test("refuses when somebody changed the schema by hand after the last snapshot", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("age", users, wider);
    await up(project.workspace, {}, quietRun);
    const id = await project.migration("more", wider, `${wider} create table posts (id int);`);
    expect(await gate(project, "drift")).toMatchObject({ status: "passed" });
    await project.database.query("alter table users alter column email set not null; create table scratch (x int)");
    expect(await gate(project, "drift")).toEqual({
      gate: "drift",
      status: "failed",
      why: "column public.users.email differs from the last snapshot in notNull (and 2 more)",
      how: "zanith drift",
      refusal: "drift",
    });
    expect(await refusal(project, "development", {})).toEqual({
      gate: "drift",
      step: 0,
      applied: [],
      row: { migration: id, step: 0, kind: "createTable", status: "refused", error: "refused — drift" },
    });
    await project.database.query("alter table users alter column email drop not null; drop table scratch");
    await up(project.workspace, {}, quietRun);
    expect(await project.applied()).toContain(id);
  });

  test("refuses when the stored snapshot is not the one that was taken", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("age", users, wider);
    await up(project.workspace, {}, quietRun);
    await project.migration("more", wider, `${wider} create table posts (id int);`);
    await project.database.query(`update _zanith_schema_snapshots
      set graph = replace(graph::text, '"name": "age"', '"name": "agd"')::jsonb where phase = 'after'`);
    expect((await status(project.workspace, {}, quietRun)).drift[0]).toBe(
      `the stored snapshot of ${id} is not the one that was taken: its hash is not that of its content`,
    );
    expect(await gate(project, "drift")).toMatchObject({ status: "failed" });
  });
});

describe("confirm", () => {
  async function proven(): Promise<{ project: Project; id: string }> {
    const project = await projects.start({ sql: users });
    const id = await project.migration("age", users, wider);
    await verify(project.workspace, {}, quietRun);
    return { project, id };
  }

  test("refuses where nobody is there to ask and --yes was not given", async () => {
    const { project, id } = await proven();
    expect(await refusal(project, "production", {})).toEqual({
      gate: "confirm",
      step: 0,
      applied: [],
      row: { migration: id, step: 0, kind: "addColumn", status: "refused", error: "refused — not confirmed" },
    });
    expect(await project.difference(users)).toEqual([]);
  });

  test("asks once, with the plan, and takes no for an answer", async () => {
    const { project, id } = await proven();
    const asked: string[][] = [];
    const answer = (value: boolean) => ({
      confirm: async (shown: { migrations: readonly { id: string }[] }) => {
        asked.push(shown.migrations.map((one) => one.id));
        return value;
      },
    });
    expect(await refusal(project, "production", answer(false))).toMatchObject({ gate: "confirm", applied: [] });
    const { applied } = await up(inMode(project, "production"), answer(true), quietRun);
    expect(applied.map(({ migration }) => migration)).toEqual([id]);
    expect(asked).toEqual([[id], [id]]);
  });

  test("is not asked for what another gate refuses already", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("age", users, wider);
    const confirm = () => Promise.reject(new Error("somebody was asked"));
    expect(await refusal(project, "production", { confirm })).toMatchObject({ gate: "verified" });
  });

  test("holds for what was shown: a schema that changed meanwhile is judged again", async () => {
    const project = await projects.start({ sql: users });
    await up(project.workspace, {}, quietRun);
    await project.migration("first", users, wider);
    await up(project.workspace, {}, quietRun);
    await project.migration("more", wider, `${wider} create table posts (id int);`);
    await verify(project.workspace, {}, quietRun);
    const confirm = async (): Promise<boolean> => {
      await project.database.query("create table scratch (x int)");
      return true;
    };
    const { refused, applied } = await up(inMode(project, "production"), { confirm }, quietRun);
    expect({ gate: refused?.gate.gate, applied }).toEqual({ gate: "verified", applied: [] });
    expect(refused?.gate.status).toBe("failed");
  });

  test("holds for what was shown: files that changed meanwhile do not run", async () => {
    const { project, id } = await proven();
    const confirm = async (): Promise<boolean> => {
      editMigration(project, id, (ops) => {
        ops.push({ kind: "rawSql", sql: "drop table users" });
      });
      return true;
    };
    const error = await toolErrorOf(up(inMode(project, "production"), { confirm }, quietRun));
    expect(error).toMatchObject({
      code: "ledger_mismatch",
      what: "the pending migrations are not those that were confirmed",
    });
    expect(await project.difference(users)).toEqual([]);
  });
});

test("an offline plan needs no database and says which figures it had not", async () => {
  const project = await projects.start({ sql: users });
  const id = await project.migration("drop", users, "create table users (id int primary key);");
  const nowhere = project.variant({ mode: "production" }, "postgres://nobody@127.0.0.1:1/nowhere");
  const { database, migrations, notKnown } = await plan(nowhere, { offline: true }, quietRun);
  expect({ database, notKnown }).toEqual({
    database: undefined,
    notKnown: ["offline: table sizes, row counts, write rates, the server's version and which migrations are applied"],
  });
  expect(migrations.map((one) => ({ id: one.id, worst: one.worst }))).toEqual([
    { id, worst: { level: "destructive", score: 80 } },
  ]);
  expect(Object.fromEntries((migrations[0]?.gates ?? []).map((one) => [one.gate, one.status]))).toEqual({
    "max-risk": "failed",
    "allow-destructive": "failed",
    "fail-on": "passed",
    preflight: "pending",
    verified: "pending",
    drift: "pending",
    confirm: "pending",
  });
});
