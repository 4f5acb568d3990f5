// migrate down after some of what its migration dropped was brought back by `recover`, or came back in another form.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { down } from "../../src/usecase/down.ts";
import { generate } from "../../src/usecase/generate.ts";
import { listArtifacts } from "../../src/usecase/recover/artifacts.ts";
import { purge } from "../../src/usecase/recover/purge.ts";
import { restore } from "../../src/usecase/recover/restore.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { photograph } from "../support/recovery.ts";
import { pgDumpServer } from "../support/test-server.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { type Project, recordedRun, standing, withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const server = await pgDumpServer();

const before = `create table r (id int primary key); create table t (id int primary key, a text not null, b int references r);
  create index t_a on t (lower(a)); create table u (id serial primary key, note text); comment on column u.note is 'n';`;
const rows =
  "insert into r values (1); insert into t values (1, 'x', 1), (2, 'y', null); insert into u (note) values ('z')";

/** A project in which t.a, t.b and u were set aside. */
async function cut(drops: "archive" | "soft"): Promise<{ readonly project: Project; readonly id: string }> {
  if (!server.available) throw new Error(server.reason);
  const project = await projects.start({
    serverUrl: server.url,
    sql: `${before};${rows}`,
    config: { auditSchema: "audit" },
  });
  const file = join(project.workspace.cwd, "schema.sql");
  writeFileSync(file, "create table r (id int primary key); create table t (id int primary key);");
  const { id } = await generate(project.workspace, { to: file, drops, name: "cut" }, quietRun);
  await up(project.workspace, {}, quietRun);
  return { project, id };
}

describe.skipIf(!server.available).each(["archive", "soft"] as const)("down after a restore (%s)", (drops) => {
  test("runs what is missing and says of the rest that it is there", async () => {
    const { project, id } = await cut(drops);
    for (const [what, wanted] of [
      ["t.a", "column"],
      ["t.b", "column"],
    ] as const)
      expect((await restore(project.workspace, { what, wanted }, quietRun)).status).toBe("restored");
    const { plan } = await down(project.workspace, { dryRun: true }, quietRun);
    expect(plan.migrations.flatMap(({ there }) => there.map(({ object }) => object))).toEqual(
      expect.arrayContaining(["t.a", "t.b"]),
    );
    const run = recordedRun();
    expect(await down(project.workspace, {}, run)).toMatchObject({ undone: [id] });
    expect(run.events.flatMap((event) => (event.type === "step.noted" ? [event.message] : []))).toContain(
      "as it was already: nothing is run",
    );
    expect((await listArtifacts(project.workspace)).map(({ status }) => status)).toEqual([
      "restored",
      "restored",
      "restored",
    ]);
    expect(await project.difference(before)).toEqual([]);
    expect(await project.database.query("select id, a, b from t order by id")).toEqual([
      { id: 1, a: "x", b: 1 },
      { id: 2, a: "y", b: null },
    ]);
    expect(await project.database.query("select id, note from u")).toEqual([{ id: 1, note: "z" }]);
    expect(await standing(project)).toMatchObject({ problems: [], drift: [], unfinished: [] });
  }, 60_000);

  test("of everything changes nothing but the ledger", async () => {
    const { project, id } = await cut(drops);
    for (const { id: what, column } of await listArtifacts(project.workspace))
      await restore(project.workspace, { what, wanted: column === null ? "table" : "column" }, quietRun);
    const restored = await photograph(project.database);
    expect(await down(project.workspace, {}, quietRun)).toMatchObject({ undone: [id] });
    expect(await photograph(project.database)).toEqual(restored);
    expect((await standing(project)).pending).toEqual([expect.stringContaining(id)]);
    if (drops === "archive") {
      // The copies hold the values of rows that are gone as well: they go when somebody says so.
      const error = await toolErrorOf(up(project.workspace, {}, quietRun));
      expect(`${error.what} ${error.why}`).toContain("zanith recover purge t.");
      expect((await purge(project.workspace, { what: id, confirmed: true }, quietRun)).status).toBe("purged");
    }
    await up(project.workspace, {}, quietRun);
    expect(
      await project.difference("create table r (id int primary key); create table t (id int primary key);"),
    ).toEqual([]);
  }, 60_000);
});

describe.skipIf(!server.available)("down where something else came meanwhile", () => {
  test("refuses a column of another type before anything is changed, and says what to do", async () => {
    const { project, id } = await cut("archive");
    await project.database.query("alter table t add column a int");
    const found = await photograph(project.database);
    const { refused, undone } = await down(project.workspace, {}, quietRun);
    expect({ undone, migration: refused?.migration }).toEqual({ undone: [], migration: id });
    expect(refused?.irreversible).toMatchObject([
      {
        kind: "archiveColumn",
        object: "t.a",
        why: "it is there, and not as it was: column public.t.a has another notNull, type",
        next: "rename or drop t.a as it is now, then: zanith migrate down",
      },
    ]);
    expect(await photograph(project.database)).toEqual(found);
  }, 60_000);

  test("refuses a column of the same form that does not hold the archived values", async () => {
    const { project } = await cut("archive");
    await project.database.query("alter table t add column b int");
    const { refused } = await down(project.workspace, {}, quietRun);
    expect(refused?.irreversible).toMatchObject([{ object: "t.b", why: "it came since, and not from the archive" }]);
    await project.database.query("alter table t drop column b");
    expect((await down(project.workspace, {}, quietRun)).undone).toHaveLength(1);
    expect(await project.difference(before)).toEqual([]);
  }, 60_000);

  test("refuses a table that took the name", async () => {
    const { project } = await cut("archive");
    await project.database.query("create table u (other text)");
    const { refused } = await down(project.workspace, {}, quietRun);
    expect(refused?.irreversible.map(({ object, why }) => [object, why.split(": ")[0]])).toEqual([
      ["u", "it is there, and not as it was"],
    ]);
  }, 60_000);
});
