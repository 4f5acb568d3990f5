// An application at work on the tables that a run changes: readers and writers at a steady rate, one that writes both tables in
// either order, and some whose transactions are long enough to be in the way. None fails because of the run, and none waits longer than the run waits for a lock.
import { expect, test } from "bun:test";
import { up } from "../../src/usecase/up.ts";
import { quietRun } from "../../src/usecase/workspace.ts";
import type { TestDatabase } from "../support/database.ts";
import { faultInput, faultWorkspace, setFaultScene } from "../support/fault-scene.ts";
import { isLong, random, seed } from "../support/faults.ts";
import { twelveSteps, twelveStepsBefore } from "../support/twelve-steps.ts";
import { withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const rows = isLong ? 200_000 : 4_000;
// Where an autovacuum is in the way, a run waits long enough to have it cancelled; that is another test.
const sql = `${twelveStepsBefore(rows)} alter table orders set (autovacuum_enabled = off);
  alter table customers set (autovacuum_enabled = off);`;
const scene = await setFaultScene(projects, { sql, operations: twelveSteps });
const lockTimeoutMs = 400;
/** beside the lock: the statement that was waited for, and this machine */
const slackMs = 100;
const everyMs = 15;

interface Felt {
  count: number;
  slowestMs: number;
  slowest: string;
  readonly failures: string[];
}

/** Sends a statement at a steady rate until told to stop. */
async function client(
  database: TestDatabase,
  felt: Felt,
  going: () => boolean,
  statement: () => string,
): Promise<void> {
  const session = await database.session();
  while (going()) {
    const text = statement();
    const started = performance.now();
    await session.query(text).catch((error: unknown) => felt.failures.push(`${text}: ${String(error)}`));
    const ms = performance.now() - started;
    felt.count++;
    if (ms > felt.slowestMs) {
      felt.slowestMs = ms;
      felt.slowest = text;
    }
    await Bun.sleep(everyMs);
  }
  await session.close();
}

/** Holds what a reader or a writer holds for some time, again and again: what a run has to wait for. */
async function slowClient(database: TestDatabase, going: () => boolean, statement: string): Promise<void> {
  const session = await database.session();
  while (going()) {
    await session.query("begin");
    await session.query(statement);
    await Bun.sleep(100 + random() * lockTimeoutMs * 1.5);
    await session.query("commit");
    await Bun.sleep(150 + random() * 200);
  }
  await session.close();
}

/** Writes rows of two tables in one transaction, now in one order and now in the other: what a lock of both can meet halfway. */
async function crossingClient(database: TestDatabase, felt: Felt, going: () => boolean): Promise<void> {
  const session = await database.session();
  const statements = [
    "update customers set email = email where id = 60",
    `update orders set amount = amount where id = md5('60')::uuid`,
  ];
  while (going()) {
    for (const text of ["begin", ...statements, "commit"]) {
      await session.query(text).catch((error: unknown) => felt.failures.push(`${text}: ${String(error)}`));
      await Bun.sleep(everyMs);
    }
    felt.count++;
    statements.reverse();
  }
  await session.close();
}

let inserted = 0;
const order = (): string => `md5('${1 + Math.floor(random() * rows)}')::uuid`;

/** What an application feels while a body runs. */
async function feel(database: TestDatabase, body: () => Promise<void>): Promise<Felt> {
  const felt: Felt = { count: 0, slowestMs: 0, slowest: "", failures: [] };
  let isGoing = true;
  const going = (): boolean => isGoing;
  const clients = [
    client(database, felt, going, () => `select * from orders where id = ${order()}`),
    client(database, felt, going, () => "select count(*) from customers where id < 50"),
    client(database, felt, going, () => `update orders set amount = amount where id = ${order()}`),
    client(
      database,
      felt,
      going,
      () => `update customers set email = email where id = ${1 + Math.floor(random() * 50)}`,
    ),
    client(
      database,
      felt,
      going,
      () => `insert into orders (id, customer, amount, total) values (md5('new ${++inserted}')::uuid, 1, 5, 5.95)`,
    ),
    crossingClient(database, felt, going),
    slowClient(database, going, "select 1 from orders limit 1"),
    slowClient(
      database,
      going,
      "insert into customers (id, full_name, email) select max(id) + 1, 'A B', 'n' || max(id) from customers",
    ),
  ];
  try {
    await body();
  } finally {
    isGoing = false;
    await Promise.all(clients);
  }
  return felt;
}

test(
  "an application goes on while a migration of every sort of segment is applied",
  async () => {
    await using database = await scene.copy();
    const alone = await feel(database, () => Bun.sleep(isLong ? 5_000 : 1_000));
    const workspace = faultWorkspace({ ...scene.order(database), lockTimeoutMs });
    const meanwhile = await feel(database, async () => {
      // With so many in the way a step may run out of tries; the next run goes on.
      for (let run = 0; run < 10; run++) {
        const done = await up(workspace, faultInput, quietRun).then(
          () => true,
          (error: unknown) => (run === 9 ? Promise.reject(error) : false),
        );
        if (done) return;
      }
    });
    expect({ seed, failures: [...alone.failures, ...meanwhile.failures] }).toEqual({ seed, failures: [] });
    expect(meanwhile.count).toBeGreaterThan(50);
    const limitMs = lockTimeoutMs + slackMs + alone.slowestMs;
    expect({
      seed,
      waited: meanwhile.slowestMs > limitMs ? `${meanwhile.slowestMs} ms: ${meanwhile.slowest}` : "",
    }).toEqual({
      seed,
      waited: "",
    });
  },
  isLong ? 1_200_000 : 120_000,
);
