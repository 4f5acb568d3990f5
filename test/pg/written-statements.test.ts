// Statements as a person wrote them that Postgres runs outside a transaction, and a runner that was killed before it could
// record how they ended: the next run looks at the catalog, takes what is finished, clears what is not, and asks where it
// cannot tell. What was there before a step began is nobody's remainder.
import { describe, expect, test } from "bun:test";
import { operation } from "../../src/operation/define.ts";
import { baseline } from "../../src/usecase/baseline.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import { startRunner } from "../support/fault-scene.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { type Project, recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const users = "create table users (id int primary key, email text);";
const abandoned = "the runner ended before it could record an outcome";

/** The events of a run of one step: it began, its statement was sent, and it was answered. */
const killPoints = { unsent: 4, finished: 5 } as const;

/** A project with one raw statement whose runner was killed. */
async function killed(
  when: keyof typeof killPoints,
  statement: string,
  sql = users,
): Promise<{ project: Project; id: string }> {
  const project = await projects.start({ sql });
  const id = project.rawMigration("raw", statement);
  const order = { url: project.database.url, dir: project.dir, dieAtEvent: killPoints[when] };
  const end = await startRunner(order).end;
  expect({ killed: end.killed, last: end.events.at(-1)?.["type"] }).toEqual({
    killed: true,
    last: when === "unsent" ? "statement.sent" : "statement.finished",
  });
  return { project, id };
}

async function again(project: Project) {
  const run = recordedRun();
  const { refused } = await up(project.workspace, {}, run);
  const sent = run.events.flatMap((event) => (event.type === "statement.sent" ? [event.sql] : []));
  const notes = run.events.flatMap((event) => (event.type === "step.noted" ? [event.message] : []));
  return { refused, sent, notes };
}

async function words(project: Project): Promise<string[]> {
  return (await project.attempts()).map(({ status, error }) => `${status}${error ? `: ${error}` : ""}`);
}

const finished = [`interrupted: ${abandoned}`, "applied"];

describe("a concurrent build that was finished", () => {
  for (const [name, statement, index] of [
    ["by its name", "create index concurrently users_email on users (email)", "users_email"],
    [
      "with expressions, options and a condition",
      `create unique index concurrently "Users E" on public . "users" using btree (lower(users.email) desc, id) include (email) with (fillfactor = 70) where id > 0`,
      '"Users E"',
    ],
    ["without a name", "create index concurrently on users (email, id)", "users_email_id_idx"],
    ["with IF NOT EXISTS", "create index concurrently if not exists users_email on users (email)", "users_email"],
  ] as const) {
    test(`${name} is taken as it is`, async () => {
      const { project, id } = await killed("finished", statement);
      expect(await again(project)).toEqual({
        refused: undefined,
        sent: [],
        notes: [
          `found finished by an earlier attempt: index public.${index} is there, valid and as this statement defines it`,
        ],
      });
      expect(await words(project)).toEqual(finished);
      expect(await project.applied()).toEqual([id]);
    });
  }
});

describe("a concurrent build that was not finished", () => {
  const statement = "create unique index concurrently users_email on users (email)";

  test("and left nothing is done", async () => {
    const { project, id } = await killed("unsent", statement);
    expect(await again(project)).toEqual({ refused: undefined, sent: [statement], notes: [] });
    expect(await project.applied()).toEqual([id]);
  });

  test("leaves an invalid index, which is dropped and built again", async () => {
    const { project, id } = await killed("unsent", statement, `${users} insert into users values (1, 'a'), (2, 'a')`);
    await project.database.query(statement).catch(() => undefined);
    await project.database.query("delete from users where id = 2");
    expect(await again(project)).toEqual({
      refused: undefined,
      sent: ["drop index concurrently public.users_email", statement],
      notes: ["removing what an unfinished attempt left behind: the invalid index public.users_email"],
    });
    expect(await project.applied()).toEqual([id]);
  });

  test("for an error of its own leaves nothing behind", async () => {
    const project = await projects.start({ sql: `${users} insert into users values (1, 'a'), (2, 'a')` });
    project.rawMigration("raw", statement);
    expect((await toolErrorOf(up(project.workspace, {}, quietRun))).code).toBe("step_failed");
    expect(await project.database.query("select to_regclass('users_email') as index")).toEqual([{ index: null }]);
  });

  test("beside an index of its name that is another one stops, and says which two commands go on", async () => {
    const { project, id } = await killed("unsent", statement);
    await project.database.query("create index users_email on users (id)");
    const { refused, sent } = await again(project);
    expect(sent).toEqual([]);
    const mark = `zanith migrate resolve ${id} --step 0`;
    expect(refused?.gate).toMatchObject({
      gate: "preflight",
      why: "an earlier attempt ended without an answer, and it is not known whether it took effect: public.users_email is there, and is not the index that this statement makes",
      how: `${mark} --mark-applied where it did, or ${mark} --mark-rolled-back where it did not`,
    });
    expect((await again(project)).refused?.gate.gate).toBe("preflight");
  });
});

test("an index that was dropped is not dropped again", async () => {
  const { project, id } = await killed(
    "finished",
    "drop index concurrently users_email",
    `${users} create index users_email on users (email);`,
  );
  expect(await again(project)).toEqual({
    refused: undefined,
    sent: [],
    notes: ["found finished by an earlier attempt: there is no public.users_email any more"],
  });
  expect(await project.applied()).toEqual([id]);
});

test("indexes are rebuilt once more, without what the first time left", async () => {
  const statement = "reindex table concurrently users";
  const { project, id } = await killed("unsent", statement, `${users} insert into users values (1, 'a'), (2, 'a')`);
  await project.database.query("create unique index concurrently users_pkey_ccnew on users (email)").catch(() => {});
  expect(await again(project)).toEqual({
    refused: undefined,
    sent: ["drop index concurrently public.users_pkey_ccnew", statement],
    notes: [
      "removing what an unfinished attempt left behind: what a REINDEX CONCURRENTLY that did not end leaves: public.users_pkey_ccnew",
    ],
  });
  expect(await project.applied()).toEqual([id]);
});

test("a partition that was detached is not detached again", async () => {
  const { project, id } = await killed(
    "finished",
    "alter table events detach partition events_1 concurrently",
    "create table events (at int) partition by list (at); create table events_1 partition of events for values in (1);",
  );
  expect((await again(project)).notes).toEqual([
    "found finished by an earlier attempt: public.events_1 is no partition of public.events any more",
  ]);
  expect(await project.applied()).toEqual([id]);
});

test("a value that was added to an enum is recorded with it", async () => {
  const { project, id } = await killed(
    "finished",
    "alter type mood add value 'ok'",
    "create type mood as enum ('sad');",
  );
  expect((await again(project)).refused).toBeUndefined();
  expect(await words(project)).toEqual(finished);
  expect(await project.applied()).toEqual([id]);
});

test("vacuum is done again", async () => {
  const { project, id } = await killed("finished", "vacuum users");
  expect((await again(project)).sent).toEqual(["vacuum users"]);
  expect(await project.applied()).toEqual([id]);
});

describe("what is there before a step begins", () => {
  const broken = `${users} insert into users values (1, 'a'), (2, 'a');`;

  async function withInvalidIndex(): Promise<Project> {
    const project = await projects.start({ sql: broken });
    await project.database
      .query("create unique index concurrently users_email on users (email)")
      .catch(() => undefined);
    await project.database.query("delete from users where id = 2");
    return project;
  }

  const index = {
    kind: "index",
    schema: "public",
    table: "users",
    name: "users_email",
    columns: ["email"],
    unique: true,
    definition: "btree (email)",
  };
  const foreign = {
    gate: "preflight",
    why: "the invalid index public.users_email is there before this step began: it is not this migration's, and is left alone",
    how: "where nobody needs it: drop index concurrently public.users_email; zanith migrate baseline",
  };

  for (const [how, op] of [
    ["an operation", operation("addIndex", { index })],
    [
      "a statement of somebody's own",
      operation("rawSql", { sql: "create unique index concurrently users_email on users (email)" }),
    ],
  ] as const) {
    test(`is not taken for the remainder of ${how}, now or at the next run`, async () => {
      const project = await withInvalidIndex();
      const id = project.operations("index", op);
      for (let times = 0; times < 2; times++) {
        const { refused, sent } = await again(project);
        expect(refused?.gate).toMatchObject(foreign);
        expect(sent).toEqual([]);
      }
      expect(await words(project)).toEqual(
        Array.from({ length: 2 }, () => "refused: refused — preflight remainder of something else"),
      );
      await project.database.query("drop index users_email");
      await baseline(project.workspace, {}, quietRun);
      expect((await again(project)).refused).toBeUndefined();
      expect(await project.applied()).toEqual([id]);
    });
  }

  test("is replaced where that is what the step is for", async () => {
    const project = await withInvalidIndex();
    const id = project.operations(
      "index",
      operation("addIndex", { index: { ...index, definition: "btree (email DESC)" }, replaces: index }),
    );
    expect((await again(project)).refused).toBeUndefined();
    expect(await project.applied()).toEqual([id]);
  });
});
