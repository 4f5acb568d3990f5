// Stored history on a real Postgres: what is kept, what replaying it proves, and what tampering looks like.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { graphHash } from "../../src/model/json.ts";
import { history } from "../../src/usecase/history.ts";
import { exportAllSnapshots, listSnapshots, readSnapshotSource } from "../../src/usecase/snapshots.ts";
import { up } from "../../src/usecase/up.ts";
import { verifySnapshots } from "../../src/usecase/verify-snapshots.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { withProjects } from "../support/workspace.ts";

const first = "create table users (id bigint primary key, mail text)";
const second = "create table users (id bigint primary key, mail text not null, seen timestamptz)";
const third = `${second}; create table visits (id bigint primary key, user_id bigint references users (id))`;

const projects = await withProjects();

async function migrated() {
  const project = await projects.start({ sql: first });
  const one = await project.migration("tighten_users", first, second);
  const two = await project.migration("add_visits", second, third);
  const result = await up(project.workspace, { confirmed: true, allowDestructive: true }, quietRun);
  expect(result.applied.map(({ migration }) => migration)).toEqual([one, two]);
  return { project, one, two };
}

describe("snapshots", () => {
  test("replaying every migration leads to what is stored, and the list says the sizes", async () => {
    const { project, one, two } = await migrated();
    const { links, firstBroken } = await verifySnapshots(project.workspace, {}, quietRun);
    expect(firstBroken).toBeUndefined();
    expect(links.slice(1).map(({ migration, status, why }) => ({ migration, status, why }))).toEqual([
      { migration: one, status: "holds", why: "replaying its operations leads to it" },
      { migration: two, status: "holds", why: "replaying its operations leads to it" },
    ]);
    const { snapshots } = await listSnapshots(project.workspace, {}, quietRun);
    expect(snapshots.map(({ phase, models, relations }) => ({ phase, models, relations }))).toEqual([
      { phase: "baseline", models: 1, relations: 0 },
      { phase: "after", models: 1, relations: 0 },
      { phase: "after", models: 2, relations: 1 },
    ]);
  });

  test("a snapshot edited in the table is the first link that does not hold, by name", async () => {
    const { project, one } = await migrated();
    await project.database.query(
      `update public._zanith_schema_snapshots set graph = jsonb_set(graph, '{objects,1,type}', '"integer"')
       where migration_id = $1 and graph->'objects'->1->>'kind' = 'column'`,
      [one],
    );
    const { firstBroken } = await verifySnapshots(project.workspace, {}, quietRun);
    expect(firstBroken).toMatchObject({
      migration: one,
      status: "broken",
      why: "the stored graph was changed: its hash is not that of its content",
    });
  });

  test("a schema changed by hand between two migrations breaks the link that follows, naming the object", async () => {
    const project = await projects.start({ sql: first });
    await project.migration("tighten_users", first, second);
    await up(project.workspace, { confirmed: true }, quietRun);
    const two = await project.migration("add_visits", second, third);
    await project.database.query("update public._zanith_schema_snapshots set graph = graph");
    await project.database.query("alter table public.users add column by_hand integer");
    // The drift gate refuses it; a baseline accepts nothing silently, so the ledger's last snapshot is replaced by hand.
    const { graph, hash } = await snapshotOf(project.workspace, "live");
    expect(hash).toStartWith("v1:sha256:");
    expect(graph.objects.has("column:public.users.by_hand")).toBe(true);
    const refused = await up(project.workspace, { confirmed: true }, quietRun);
    expect(refused.refused?.gate.gate).toBe("drift");
    await project.database.query("alter table public.users drop column by_hand");
    await up(project.workspace, { confirmed: true }, quietRun);
    await project.database.query(
      "delete from public._zanith_schema_snapshots where phase = 'after' and migration_id <> $1",
      [two],
    );
    const { firstBroken } = await verifySnapshots(project.workspace, {}, quietRun);
    expect(firstBroken?.migration).toBe(two);
    expect(firstBroken?.differences).toEqual([
      "column public.users.mail differs in notNull",
      "column public.users.seen is stored, the replay does not make it",
    ]);
  });

  test("a moment names the snapshot that was the newest then", async () => {
    const { project, one } = await migrated();
    const { snapshots } = await listSnapshots(project.workspace, {}, quietRun);
    const at = snapshots[1]?.capturedAt ?? "";
    const then = await readSnapshotSource(project.workspace, at);
    expect(graphHash(then)).toBe(graphHash(await readSnapshotSource(project.workspace, one)));
    await expect(readSnapshotSource(project.workspace, "1999-01-01")).rejects.toMatchObject({ code: "name_unknown" });
  });

  test("one migration's history tells what it changed", async () => {
    const { project, two } = await migrated();
    const { entries, effect } = await history(project.workspace, { id: two }, quietRun);
    expect(entries.map(({ migration }) => migration)).toEqual([two]);
    expect(effect?.artifacts).toEqual([]);
    expect(effect?.diff?.changes.map(({ type, id }) => `${type} ${id}`)).toEqual([
      "create column:public.visits.id",
      "create column:public.visits.user_id",
      "create foreignKey:public.visits.visits_user_id_fkey",
      "create primaryKey:public.visits.visits_pkey",
      "create table:public.visits",
    ]);
  });

  test("every snapshot can be exported and the folder is a timeline with the same hashes", async () => {
    const { project } = await migrated();
    const documents = new Map<string, string>();
    const count = await exportAllSnapshots(
      project.workspace,
      { take: ({ migration, document }) => documents.set(migration, document) },
      quietRun,
    );
    expect(count).toBe(3);
    const folder = join(project.dir, "..", "exports");
    await Promise.all([...documents].map(([id, text]) => Bun.write(join(folder, `${id}.json`), text)));
    expect(existsSync(folder) && readdirSync(folder).length).toBe(3);
    const stored = await listSnapshots(project.workspace, {}, quietRun);
    const files = await listSnapshots(project.workspace, { folder }, quietRun);
    const view = (list: typeof stored.snapshots) =>
      list.map(({ migration, phase, hash, capturedAt, models, relations }) => ({
        migration,
        phase,
        hash,
        capturedAt,
        models,
        relations,
      }));
    expect(view(files.snapshots)).toEqual(view(stored.snapshots));
  });
});

async function snapshotOf(workspace: Parameters<typeof readSnapshotSource>[0], source: string) {
  const graph = await readSnapshotSource(workspace, source);
  return { graph, hash: graphHash(graph) };
}
