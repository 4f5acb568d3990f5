// Roles belong to a server: one that a migration speaks of and the server does not have is named before anything runs.
import { afterAll, expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import { down } from "../../src/usecase/down.ts";
import { generate } from "../../src/usecase/generate.ts";
import { plan } from "../../src/usecase/plan.ts";
import { up } from "../../src/usecase/up.ts";
import { verify } from "../../src/usecase/verify.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { startCluster } from "../support/cluster.ts";
import { withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const server = await startCluster();
const other = await startCluster();
afterAll(() => Promise.all([server.remove(), other.remove()]));

const users = "create table users (id int primary key, email text);";
const grants = [
  operation("grant", {
    on: { kind: "table", schema: "public", name: "users" },
    to: "reporting",
    privileges: ["select"],
  }),
  operation("grant", {
    on: { kind: "column", schema: "public", table: "users", name: "email" },
    to: "App Writer",
    privileges: ["update"],
  }),
];

const heldBy = `select r.rolname::text as role, has_table_privilege(r.oid, 'users', 'select') as "table",
    has_column_privilege(r.oid, 'users', 'email', 'update') as "column"
  from pg_roles r where r.rolname in ('reporting', 'App Writer') order by 1`;

test("up refuses with what makes the roles, runs once they are there, and goes back down", async () => {
  const project = await projects.start({ sql: users, serverUrl: server.url });
  project.operations("grants", ...grants);
  const { migrations } = await plan(project.workspace, {}, quietRun);
  const words = 'role "App Writer", role reporting do not exist on this server';
  const how = 'create role "App Writer"; create role reporting;';
  expect(migrations[0]?.gates.find(({ gate }) => gate === "preflight")).toMatchObject({
    status: "failed",
    why: words,
    how,
  });
  const { refused, applied } = await up(project.workspace, { confirmed: true }, quietRun);
  expect({ gate: refused?.gate.gate, why: refused?.gate.why, applied }).toEqual({
    gate: "preflight",
    why: words,
    applied: [],
  });

  await project.database.query(how);
  expect((await up(project.workspace, { confirmed: true }, quietRun)).applied).toHaveLength(1);
  expect(await project.database.query(heldBy)).toEqual([
    { role: "App Writer", table: false, column: true },
    { role: "reporting", table: true, column: false },
  ]);
  const [latest] = await project.applied();
  expect((await down(project.workspace, { confirmed: true }, quietRun)).undone).toEqual([latest ?? ""]);
  expect(await project.database.query(heldBy)).toEqual([
    { role: "App Writer", table: false, column: false },
    { role: "reporting", table: false, column: false },
  ]);
});

test("a shadow on another server says which roles it lacks, and proves the migration once it has them", async () => {
  const project = await projects.start({ sql: users, serverUrl: server.url });
  project.operations("grants", ...grants);
  const workspace = project.variant({ shadow: other.url });
  const { report } = await verify(workspace, {}, quietRun);
  expect(report.verdict).toBe("apply-failed");
  expect(report.failure).toEqual({
    error: `role "App Writer", role reporting do not exist on the shadow's server`,
    next: 'create role "App Writer"; create role reporting;',
  });
  const { database } = await projects.start({ serverUrl: other.url });
  await database.query('create role "App Writer"; create role reporting;');
  expect((await verify(workspace, {}, quietRun)).report.verdict).toBe("ok");
});

test("owners are compared when that is asked for, and no hash depends on them", async () => {
  const project = await projects.start({ sql: users, serverUrl: server.url });
  project.file("../owned.sql", `${users} alter table users owner to reporting;`);
  const to = "owned.sql";
  const without = await generate(project.workspace, { to, dryRun: true }, quietRun);
  const owners = await generate(project.workspace, { to, owners: true, name: "owners" }, quietRun);
  expect(without.empty).toBe(true);
  expect(owners.steps.map(({ op }) => op)).toEqual([
    { kind: "setOwner", on: { kind: "table", schema: "public", name: "users" }, to: "reporting" } as never,
  ]);
  expect([owners.from, owners.to]).toEqual([without.from, without.to]);

  expect((await verify(project.workspace, {}, quietRun)).report.verdict).toBe("ok");
  expect((await up(project.workspace, { confirmed: true }, quietRun)).applied).toHaveLength(1);
  expect((await generate(project.workspace, { to, owners: true, dryRun: true }, quietRun)).empty).toBe(true);
});
