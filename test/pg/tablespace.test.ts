// A database that was made in a tablespace of its own: what leaves pg_default goes there, and is then where it is wanted.
import { expect, test } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { planOperations } from "../../src/diff/plan-operations.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { executeSteps } from "../../src/pg/execute-steps.ts";
import { connect } from "../../src/pg/session.ts";
import { planSteps } from "../../src/risk/plan.ts";
import { ensureTestTablespace, testTablespace } from "../support/tablespace.ts";
import { withDatabase } from "../support/with-database.ts";

const database = await withDatabase();

test("a table and its index go back to the tablespace of the database", async () => {
  await ensureTestTablespace(database);
  const url = new URL(database.url);
  url.pathname += "_elsewhere";
  const name = url.pathname.slice(1);
  await database.query(`create database "${name}" template template0 tablespace "${testTablespace}"`);
  const session = await connect(resolveProcessConnection(url.href, {}), { applicationName: "zanith tablespace test" });
  try {
    const read = () => readGraph(session, { auditSchema: "public" });
    await session.rows("create table public.hits (id int)");
    await session.rows("create index by_id on public.hits (id)");
    const wanted = await read();
    await session.rows("alter table public.hits set tablespace pg_default");
    await session.rows("alter index public.by_id set tablespace pg_default");
    const before = await read();
    const server = session.server.versionNum;
    const { operations } = planOperations(before, wanted, { server });
    expect(operations.map(({ kind }) => kind)).toEqual(["setTablespace", "setTablespace"]);
    expect(await executeSteps(session, planSteps(operations, before, { server }))).toBeUndefined();
    expect(planOperations(await read(), wanted, { server }).operations).toEqual([]);
  } finally {
    await session.close();
    await database.query(`drop database "${name}"`);
  }
});
