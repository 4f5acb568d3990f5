// The seven gates on a real database in the three modes: what each lets through and refuses, and what a refusal leaves behind.
import { describe, expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import type { GateName, GateResult } from "../../src/risk/gates.ts";
import { type Mode, modes } from "../../src/risk/modes.ts";
import { plan } from "../../src/usecase/plan.ts";
import { status } from "../../src/usecase/status.ts";
import { type UpInput, up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { editMigration, type Project, recordedRun, withProjects } from "../support/workspace.ts";

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

test("each mode asks for what it is made for", async () => {
  const project = await projects.start({ sql: users });
  await project.migration("age", users, wider);
  const all = Object.fromEntries(
    await Promise.all(
      modes.map(async (mode) => [
        mode,
        Object.fromEntries((await gates(project, mode)).map((one) => [one.gate, `${one.status}: ${one.why}`])),
      ]),
    ),
  );
  const common = {
    "allow-destructive": "passed: nothing is destroyed",
    "fail-on": "passed: no reason codes are listed",
    preflight: "passed: no row is in the way",
    drift: "passed: the live schema is the last snapshot, the files are the ledger",
  };
  const strict = {
    ...common,
    verified: "failed: these operations have not been proven on a shadow of this schema",
    confirm: "pending: the database's name is to be typed, or --yes given",
  };
  expect(all).toEqual({
    development: {
      "max-risk": "off: no ceiling in this mode",
      ...common,
      verified: "off: not asked for in this mode",
      confirm: "off: not asked for in this mode",
    },
    staging: { "max-risk": "passed: no step above 80", ...strict },
    production: { "max-risk": "passed: no step above 60", ...strict },
  });
});

describe("max-risk", () => {
  const dropped = "create table users (id int primary key);";

  test("refuses a step above the ceiling of the mode and records that", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("drop", users, dropped);
    expect(await refusal(project, "production", { confirmed: true })).toEqual({
      gate: "max-risk",
      step: 0,
      applied: [],
      row: { migration: id, step: 0, kind: "dropColumn", status: "refused", error: "refused — max risk 60" },
    });
    expect(await project.difference(users)).toEqual([]);
    expect(await gate(project, "max-risk", "staging")).toMatchObject({ status: "passed" });
    expect(await gate(project, "max-risk", "development")).toMatchObject({ status: "off" });
  });

  test("takes the ceiling from the command before the configuration before the mode", async () => {
    const project = await projects.start({ sql: users });
    await project.migration("drop", users, dropped);
    const configured = project.variant({ mode: "production", maxRisk: 79 });
    const [one] = (await plan(configured, {}, quietRun)).migrations;
    expect(one?.gates[0]).toEqual({
      gate: "max-risk",
      status: "failed",
      why: "step 0 dropColumn users.email scores 80, the ceiling is 79",
      how: "--max-risk 80",
      step: 0,
      refusal: "max risk 79",
    });
    const [other] = (await plan(configured, { maxRisk: 80 }, quietRun)).migrations;
    expect(other?.gates[0]).toMatchObject({ status: "passed" });
  });

  test("looks at the first step that is still to be done", async () => {
    const project = await projects.start({ sql: users });
    const id = project.rawMigration("two", "create table a (x int)", "select 1 / 0");
    await toolErrorOf(up(project.workspace, {}, quietRun));
    expect(await refusal(project, "development", { maxRisk: 10 })).toMatchObject({
      gate: "max-risk",
      step: 1,
      row: { migration: id, step: 1, status: "refused", error: "refused — max risk 10" },
    });
    expect((await status(project.workspace, {}, quietRun)).unfinished.map(({ step }) => step)).toEqual([1]);
  });
});

describe("allow-destructive", () => {
  const dropped = "create table users (id int primary key);";

  test("refuses a drop without consent in every mode, and consent is a flag or the configuration", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("drop", users, dropped);
    for (const mode of modes)
      expect(await gate(project, "allow-destructive", mode)).toMatchObject({ status: "failed" });
    expect(await refusal(project, "development", {})).toEqual({
      gate: "allow-destructive",
      step: 0,
      applied: [],
      row: {
        migration: id,
        step: 0,
        kind: "dropColumn",
        status: "refused",
        error: "refused — destructive without consent",
      },
    });
    expect(await gate(project, "allow-destructive", "production", { allowDestructive: true })).toMatchObject({
      status: "passed",
      why: "consent given for 1 destructive step",
    });
    const configured = project.variant({ allowDestructive: true });
    const { applied } = await up(configured, {}, quietRun);
    expect(applied.map(({ migration }) => migration)).toEqual([id]);
    expect(await project.difference(dropped)).toEqual([]);
  });
});

describe("fail-on", () => {
  test("refuses a step with one of the listed reasons", async () => {
    const project = await projects.start({ sql: users });
    const id = await project.migration("index", users, `${users} create index users_email on users (email);`);
    expect(await refusal(project, "development", { failOn: ["drops_index", "adds_index"] })).toEqual({
      gate: "fail-on",
      step: 0,
      applied: [],
      row: { migration: id, step: 0, kind: "addIndex", status: "refused", error: "refused — fail on adds_index" },
    });
    expect(await gate(project, "fail-on", "development", { failOn: ["drops_index"] })).toEqual({
      gate: "fail-on",
      status: "passed",
      why: "none of drops_index",
    });
  });
});

describe("preflight", () => {
  const cases = {
    duplicates: {
      before: "create table users (id int, email text);",
      rows: "insert into users select n, 'same' || n % 7 from generate_series(1, 14) n",
      after: "create table users (id int, email text unique);",
      kind: "addUnique",
      columns: ["email", "row_count"],
      rowsShown: ["same0", "same1", "same2", "same3", "same4"].map((email) => [email, "2"]),
    },
    orphans: {
      before: "create table users (id int primary key); create table posts (id int primary key, author int);",
      rows: "insert into users values (1); insert into posts select n, n from generate_series(1, 7) n; insert into posts values (8, null)",
      after:
        "create table users (id int primary key); create table posts (id int primary key, author int references users);",
      kind: "addForeignKey",
      columns: ["author"],
      rowsShown: ["2", "3", "4", "5", "6"].map((author) => [author]),
    },
    nulls: {
      before: "create table users (id int primary key, email text);",
      rows: "insert into users select n, case when n < 3 then 'a' end from generate_series(1, 9) n",
      after: "create table users (id int primary key, email text not null);",
      kind: "alterColumnNullable",
      columns: ["row"],
      rowsShown: ["(3,)", "(4,)", "(5,)", "(6,)", "(7,)"].map((row) => [row]),
    },
    populated: {
      before: "create table users (id int primary key);",
      rows: "insert into users select n from generate_series(1, 9) n",
      after: "create table users (id int primary key, email text not null);",
      kind: "addColumn",
      columns: ["row"],
      rowsShown: ["(1)", "(2)", "(3)", "(4)", "(5)"].map((row) => [row]),
    },
  } as const;

  for (const [probe, { before, rows, after, kind, columns, rowsShown }] of Object.entries(cases)) {
    test(`${probe}: up to five rows are shown, nothing is changed, and the step passes once they are gone`, async () => {
      const project = await projects.start({ sql: `${before} ${rows}` });
      const id = await project.migration("probed", before, after);
      const found = await gate(project, "preflight");
      expect(found).toMatchObject({ status: "failed", step: 0, refusal: `preflight ${probe}` });
      const [offending] = found?.offending ?? [];
      expect(offending?.probe).toBe(probe as never);
      expect(offending?.rows).toHaveLength(5);
      const shown = columns.map((name) => offending?.columns.indexOf(name) ?? -1);
      expect(offending?.rows.map((row) => shown.map((at) => row[at]))).toEqual(rowsShown as never);
      expect(await refusal(project, "development", {})).toEqual({
        gate: "preflight",
        step: 0,
        applied: [],
        row: { migration: id, step: 0, kind, status: "refused", error: `refused — preflight ${probe}` },
      });
      expect(await project.difference(before)).toEqual([]);
      await project.database.query("truncate users cascade");
      await project.database.query(
        "do $$ begin if to_regclass('posts') is not null then delete from posts; end if; end $$",
      );
      expect(await gate(project, "preflight")).toMatchObject({ status: "passed" });
      await up(project.workspace, {}, quietRun);
      expect(await project.difference(after)).toEqual([]);
    });
  }

  test("waits for statements that may change the rows, and is asked right before its step", async () => {
    const before = "create table users (id int primary key, email text);";
    const project = await projects.start({ sql: `${before} insert into users values (1, null), (2, 'b')` });
    const id = await project.migration(
      "required",
      before,
      "create table users (id int primary key, email text not null);",
    );
    editMigration(project, id, (ops) => {
      ops.unshift({ kind: "rawSql", sql: "update users set email = '' where id = 3" });
    });
    expect(await gate(project, "preflight")).toEqual({
      gate: "preflight",
      status: "passed",
      why: "no row is in the way; 1 step asked when the statements before have run",
    });
    const run = recordedRun();
    const { refused } = await up(project.workspace, {}, run);
    expect(refused).toMatchObject({ migration: id, gate: { gate: "preflight", step: 1 }, step: { index: 1 } });
    expect(run.events.find(({ type }) => type === "step.refused")).toMatchObject({
      step: 1,
      gate: "preflight",
      error: "rows of users where email is null: (ctid, row) = ((0,1), (1,))",
    });
    expect((await project.attempts()).map(({ step, status: word, error }) => [step, word, error])).toEqual([
      [0, "applied", null],
      [1, "refused", "refused — preflight nulls"],
    ]);
    await project.database.query("update users set email = 'a' where id = 1");
    await up(project.workspace, {}, quietRun);
    expect(await project.applied()).toEqual([id]);
  });

  test("is not fooled by row level security: it says that it may not see all rows", async () => {
    const before = `create table users (id int primary key, email text); alter table users enable row level security;
      create policy owned on users using (id > 1);`;
    const project = await projects.start({ sql: `${before} insert into users values (1, null), (2, 'b')` });
    const role = `limited_${project.database.name}`;
    await project.database.query(`create role "${role}" login password 'secret'; grant select on users to "${role}"`);
    try {
      const url = new URL(project.database.url);
      url.username = role;
      url.password = "secret";
      await project.migration("required", before, before.replace("email text", "email text not null"));
      const error = await toolErrorOf(plan(project.variant({}, url.toString()), {}, quietRun));
      expect(error).toMatchObject({
        code: "permission_denied",
        what: "the preflight probe for rows of users where email is null could not run",
        state: "nothing was changed",
      });
    } finally {
      await project.database.query(`drop owned by "${role}" cascade; drop role "${role}"`);
    }
  });
});

test("a probe about values that a pending step is to fill is asked when its own step comes", async () => {
  const project = await projects.start({
    sql: "create table users (id int primary key, mail text); insert into users (id) values (1), (2)",
  });
  const fill = operation("backfill", {
    schema: "public",
    table: "users",
    set: [{ column: "mail", expression: "'u' || id" }],
    where: "mail is null",
  });
  const required = operation("alterColumnNullable", { schema: "public", table: "users", name: "mail", notNull: true });
  project.operations("fill", fill, required);
  const { migrations } = await plan(project.workspace, {}, quietRun);
  expect(migrations[0]?.gates.find(({ gate }) => gate === "preflight")?.status).toBe("passed");
  expect((await up(project.workspace, {}, quietRun)).refused).toBeUndefined();
  expect(await project.difference("create table users (id int primary key, mail text not null)")).toEqual([]);
});
