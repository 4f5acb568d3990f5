// What is kept in place: columns renamed out of the way, and the old table of a rebuild. Their rows are exported whole or
// not at all, and each is listed, inspected, given back and removed.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/usecase/generate.ts";
import { inspectArtifact, listArtifacts } from "../../src/usecase/recover/artifacts.ts";
import { exportArtifact } from "../../src/usecase/recover/export.ts";
import { purge } from "../../src/usecase/recover/purge.ts";
import { restore } from "../../src/usecase/recover/restore.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun, type Workspace } from "../../src/usecase/workspace.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { withProjects } from "../support/workspace.ts";

const projects = await withProjects();

async function exported(workspace: Workspace, what: string, format: "csv" | "jsonl"): Promise<string> {
  let text = "";
  const write = async (piece: string): Promise<void> => {
    text += piece;
  };
  await exportArtifact(workspace, { what, format, write }, quietRun);
  return text;
}

describe("a column that was renamed out of the way", () => {
  const sql = `create table t (id int primary key, a text, j json); insert into t values (1, 'x', E'{"k":\\n [1,\\r\\n2]}'), (2, null, null)`;

  test("is exported with the key, each row one line whatever its JSON is laid out like", async () => {
    const project = await projects.start({ sql });
    const file = join(project.workspace.cwd, "schema.sql");
    writeFileSync(file, "create table t (id int primary key);");
    await generate(project.workspace, { to: file, drops: "soft", name: "park" }, quietRun);
    await up(project.workspace, {}, quietRun);
    expect(await exported(project.workspace, "t.a", "csv")).toBe('id,a\n1,"x"\n2,\n');
    const lines = (await exported(project.workspace, "t.j", "jsonl")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { id: 1, j: { k: [1, 2] } },
      { id: 2, j: null },
    ]);
  }, 60_000);

  test("is not exported in part to whom row security hides rows, its owner included", async () => {
    const project = await projects.start({ sql, config: { auditSchema: "audit" } });
    const role = `owner_${crypto.randomUUID().slice(0, 8)}`;
    const url = new URL(project.database.url);
    await project.database.query(
      `create role ${role} login createdb password 'x'; alter database "${url.pathname.slice(1)}" owner to ${role};
       alter table t owner to ${role}; alter schema public owner to ${role}; alter table t enable row level security;
       alter table t force row level security; create policy few on t using (id < 2)`,
    );
    try {
      [url.username, url.password] = [role, "x"];
      const workspace = project.variant({}, url.toString());
      const file = join(workspace.cwd, "schema.sql");
      writeFileSync(
        file,
        `create table t (id int primary key, j json); alter table t enable row level security;
         alter table t force row level security; create policy few on t using (id < 2)`,
      );
      await generate(workspace, { to: file, drops: "soft", name: "park" }, quietRun);
      await up(workspace, {}, quietRun);
      const error = await toolErrorOf(exported(workspace, "t.a", "csv"));
      expect({ code: error.code, next: error.next }).toEqual({
        code: "permission_denied",
        next: "run it as a role with BYPASSRLS that may read public.t, or as a superuser",
      });
      expect(error.why).toContain("row-level security");
      expect(await exported(project.workspace, "t.a", "csv")).toBe('id,a\n1,"x"\n2,\n');
    } finally {
      await project.database.query(
        `reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`,
      );
    }
  }, 60_000);
});

test("the old table of a rebuild is listed, sealed, restored beside the new one, and purged", async () => {
  const project = await projects.start({
    sql: "create table t (note text, id int primary key); insert into t select 'n' || g, g from generate_series(1, 9) g",
  });
  const { workspace } = project;
  const file = join(workspace.cwd, "schema.sql");
  writeFileSync(file, "create table t (id bigint primary key, note text);");
  await generate(workspace, { name: "rebuild", to: file, rebuild: ["t"], drops: "hard" }, quietRun);
  await up(workspace, {}, quietRun);
  const [kept] = await listArtifacts(workspace);
  expect(kept).toMatchObject({ type: "rebuild_table", table: "public.t", column: null, rows: "9", status: "live" });
  const { verified, artifact } = await inspectArtifact(workspace, { what: "t", verify: true });
  expect(verified).toMatchObject({ intact: true, rows: "9" });
  expect(artifact.recoverySql).toContain("rename to t;");
  expect((await exported(workspace, "t", "csv")).split("\n").slice(0, 2)).toEqual(["note,id", '"n1",1']);
  const blocked = await restore(workspace, { what: "t", wanted: "table" }, quietRun);
  expect(blocked).toMatchObject({ status: "refused", blocked: [{ why: "its name is taken by table public.t" }] });
  await project.database.query(`update ${artifact.physical} set note = 'other' where id = 1`);
  const changed = await toolErrorOf(restore(workspace, { what: "t", wanted: "table", as: "old_t" }, quietRun));
  expect(changed.code).toBe("archive_mismatch");
  await project.database.query(`update ${artifact.physical} set note = 'n1' where id = 1`);
  const beside = await restore(workspace, { what: "t", wanted: "table", as: "old_t" }, quietRun);
  expect(beside.status).toBe("restored");
  expect(await project.database.query("select count(*)::int as n from old_t join t using (id, note)")).toEqual([
    { n: 9 },
  ]);
  expect((await listArtifacts(workspace)).map(({ status }) => status)).toEqual(["restored"]);
}, 60_000);

test("the old table of a rebuild is gone after a purge, and the new one stays", async () => {
  const project = await projects.start({
    sql: "create table t (note text, id int primary key); insert into t values ('n', 1)",
  });
  const { workspace } = project;
  const file = join(workspace.cwd, "schema.sql");
  writeFileSync(file, "create table t (id bigint primary key, note text);");
  await generate(workspace, { name: "rebuild", to: file, rebuild: ["t"], drops: "hard" }, quietRun);
  await up(workspace, {}, quietRun);
  const purged = await purge(workspace, { what: "t", confirmed: true }, quietRun);
  expect([purged.status, purged.artifacts.map(({ type }) => type)]).toEqual(["purged", ["rebuild_table"]]);
  expect(
    await project.database.query("select relname from pg_class where relname like '\\_zanith\\_dropped%'"),
  ).toEqual([]);
  expect(await project.database.query("select id, note from t")).toEqual([{ id: "1", note: "n" }]);
  expect((await toolErrorOf(restore(workspace, { what: "t", wanted: "table" }, quietRun))).what).toEndWith(
    "was purged",
  );
}, 60_000);
