// What a server, a network and other sessions do to a run: backends that are terminated, connections that are cut, a crash, a
// full disk, a right that is missing, a lock that is held, two runners at once. Each at several points of a migration with
// every sort of segment; afterwards all is as if nothing had happened.
import { expect, test } from "bun:test";
import { isToolError, type ToolError } from "../../src/base/errors.ts";
import { up } from "../../src/usecase/up.ts";
import { quietRun, type Run, type Workspace } from "../../src/usecase/workspace.ts";
import { startCluster } from "../support/cluster.ts";
import type { TestDatabase } from "../support/database.ts";
import { type FaultMode, startFaultProxy } from "../support/fault-proxy.ts";
import { asIfNothingHappened, faultInput, faultWorkspace, setFaultScene, startRunner } from "../support/fault-scene.ts";
import { isLong, pointsOf, random, seed } from "../support/faults.ts";
import { arm, serverFaults } from "../support/server-faults.ts";
import { twelveSteps, twelveStepsBefore } from "../support/twelve-steps.ts";
import { waitFor } from "../support/wait-for.ts";
import { recordedRun, withProjects } from "../support/workspace.ts";

const projects = await withProjects();
const sql = twelveStepsBefore(400) + serverFaults("orders");
const scene = await setFaultScene(projects, { sql, operations: twelveSteps });
const limitMs = isLong ? 3_600_000 : 180_000;

/** A run that may fail, but only with an error that tells. */
async function attempt(workspace: Workspace, run: Run = quietRun, lockWaitMs = 0): Promise<ToolError | undefined> {
  try {
    await up(workspace, { ...faultInput, lockWaitMs }, run);
    return undefined;
  } catch (error) {
    if (isToolError(error)) return error;
    throw error;
  }
}

/** Lets the work be finished and holds what there is then against an undisturbed run. */
async function expectAsIfNothing(database: TestDatabase, fault: Readonly<Record<string, unknown>>, of = scene) {
  const { story, ...settled } = await of.settle(database);
  expect({ seed, ...fault, ...settled }).toEqual({ seed, ...fault, ...asIfNothingHappened(of) });
  return story;
}

for (const session of ["zanith up", "zanith up audit"]) {
  test(
    `pg_terminate_backend on the session ${session}`,
    async () => {
      for (const at of pointsOf(scene.events, isLong ? scene.events : 2)) {
        await using database = await scene.copy();
        let killed: Promise<unknown> | undefined;
        const run = recordedRun((_, { events }) => {
          if (events.length !== at) return;
          killed = database.query(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()",
            [session],
          );
        });
        const error = await attempt(faultWorkspace(scene.order(database)), run);
        await killed;
        const story = await expectAsIfNothing(database, { at, code: error?.code });
        expect(story.length).toBeLessThanOrEqual(2);
      }
    },
    limitMs,
  );
}

for (const mode of ["before", "after"] as const satisfies readonly FaultMode[]) {
  test(
    `a connection that is cut ${mode} the server got a message`,
    async () => {
      const messages = 300;
      for (const nth of pointsOf(messages, isLong ? messages : 2)) {
        await using database = await scene.copy();
        const url = new URL(database.url);
        await using proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
        url.hostname = proxy.host;
        url.port = String(proxy.port);
        proxy.strike({ mode, nth });
        const error = await attempt(faultWorkspace({ ...scene.order(database), url: url.toString() }));
        await expectAsIfNothing(database, { mode, nth, code: error?.code });
      }
    },
    limitMs,
  );
}

test(
  "a server that crashes and comes back",
  async () => {
    await using cluster = await startCluster();
    const crashing = await setFaultScene(projects, { sql, operations: twelveSteps, serverUrl: cluster.url });
    for (const at of pointsOf(crashing.events, isLong ? 30 : 2)) {
      const database = await crashing.copy();
      let crash: Promise<unknown> | undefined;
      const run = recordedRun((_, { events }) => {
        if (events.length === at) crash = cluster.stopImmediate();
      });
      const error = await attempt(faultWorkspace(crashing.order(database)), run);
      await crash;
      await cluster.start();
      await database.close();
      await waitFor("the server to be back", async () => (await database.query("select 1")).length === 1);
      await expectAsIfNothing(database, { at, code: error?.code }, crashing);
      await database.drop();
    }
  },
  limitMs,
);

/** SQLSTATEs that a server raises, and what they stand for. */
const raised: Readonly<Record<string, string>> = {
  "53100": "a full disk",
  "42501": "a right that is missing",
  "57014": "a statement timeout",
  "40P01": "a deadlock",
};

for (const [code, name] of Object.entries(raised)) {
  test(
    `${name} at a command that changes the schema`,
    async () => {
      const commands = 36;
      for (const command of pointsOf(commands, isLong ? commands : 1)) {
        await using database = await scene.copy();
        await arm(database, { "faults.command": String(command), "faults.code": code });
        const error = await attempt(faultWorkspace(scene.order(database)));
        if (error?.code === "step_failed") expect(error.details["sqlstate"]).toBe(code);
        await arm(database);
        await expectAsIfNothing(database, { code, command, error: error?.code });
      }
    },
    limitMs,
  );

  test(
    `${name} at a row of a backfill`,
    async () => {
      for (const row of pointsOf(400, isLong ? 20 : 1)) {
        await using database = await scene.copy();
        const times = code === "53100" || code === "42501" ? "1000" : "2";
        await arm(database, { "faults.row": String(row), "faults.code": code, "faults.times": times });
        const error = await attempt(faultWorkspace(scene.order(database)));
        expect(error?.details["sqlstate"]).toBe(times === "2" ? undefined : code);
        await arm(database);
        await expectAsIfNothing(database, { code, row, error: error?.code });
      }
    },
    limitMs,
  );
}

test(
  "a table that another session holds exclusively, from before the run or from an event on",
  async () => {
    const holdMs = isLong ? 30_000 : 1_200;
    for (const [table, at] of [
      ["orders", 0],
      ["customers", 5],
      ["orders", 30],
    ] as const) {
      await using database = await scene.copy();
      const holder = await database.session();
      let held: Promise<void> | undefined;
      const hold = async (): Promise<void> => {
        await holder.query(`begin; lock table ${table} in access exclusive mode`);
        await Bun.sleep(holdMs);
        await holder.query("commit");
      };
      if (at === 0) held = hold();
      const run = recordedRun((_, { events }) => {
        if (events.length === at) held = hold();
      });
      const error = await attempt(faultWorkspace(scene.order(database)), run);
      await held;
      await holder.close();
      // The wait of a preflight probe is given up for good, that of a step after several tries; both say what then.
      expect(["step_failed", "lock_timeout", undefined]).toContain(error?.code);
      expect({ code: error?.code, tells: error?.next !== undefined }).toEqual({
        code: error?.code,
        tells: error !== undefined,
      });
      await expectAsIfNothing(database, { table, at, error: error?.code });
    }
  },
  limitMs,
);

test(
  "runners that are started at once",
  async () => {
    for (let round = 0; round < (isLong ? 10 : 1); round++) {
      await using database = await scene.copy();
      const order = scene.order(database, { lockWaitMs: 60_000 });
      const runners = Array.from({ length: 3 }, () => startRunner(order));
      const victim = runners[Math.floor(random() * runners.length)];
      setTimeout(() => victim?.kill(), 300 + random() * 700);
      const ends = await Promise.all(runners.map(({ end }) => end));
      expect(ends.filter(({ killed, exitCode }) => !killed && exitCode !== 0)).toEqual([]);
      await expectAsIfNothing(database, { round });
    }
  },
  limitMs,
);
