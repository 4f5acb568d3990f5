// Reading a schema while somebody holds a table exclusively: it waits for that, and can say for whom.
import { expect, test } from "bun:test";
import { tableHeld } from "../../src/pg/catalog/held-tables.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { connect } from "../../src/pg/session.ts";
import { toolErrorOf } from "../support/tool-error.ts";
import { waitFor } from "../support/wait-for.ts";
import { withProjects } from "../support/workspace.ts";

const projects = await withProjects();

test("a table that is held exclusively is waited for, and its holder can be named", async () => {
  const { database, workspace } = await projects.start({
    sql: `create table "held;" (id int primary key check (id > 0)); create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger t before insert on "held;" for each row execute function f();`,
  });
  const holder = await database.session();
  await holder.query(`begin; lock table "held;" in access exclusive mode`);
  const session = await connect(workspace.connection(), { applicationName: "zanith tests reading" });
  try {
    const limited = session.transaction({ settings: { lock_timeout: "1ms" } }, (tx) =>
      tx.rows(`select from public."held;"`),
    );
    const error = await tableHeld(session, await toolErrorOf(limited));
    expect({ what: error.what, why: error.why, code: error.code }).toEqual({
      code: "lock_timeout",
      what: "the schema could not be read: a table is held exclusively",
      why: expect.stringMatching(
        /^held exclusively: public\."held;" by process \d+ \(\w+, zanith tests, transaction since [-\d]+ [:\d]+Z\)$/,
      ),
    });
    const reading = readGraph(session, { auditSchema: "public" });
    await waitFor("the reader to wait", async () => {
      const [row] = await holder.query("select cardinality(pg_blocking_pids($1)) as n", [session.pid]);
      return row?.["n"] === 1;
    });
    await holder.query("commit");
    expect([...(await reading).objects.keys()]).toContain('trigger:public."held;".t');
  } finally {
    await session.close();
    await holder.close();
  }
});
