// Every scenario of fixtures/scenario, both ways, on a real server: the plan applies, the result is the target for observers
// that share no code with the reader, a second plan is empty, and the rows are still there.
import { afterAll, describe, expect, test } from "bun:test";
import { loadScenarios } from "../support/scenario.ts";
import { pgDumpServer } from "../support/test-server.ts";
import { runScenario, type WayReport } from "./run-scenario.ts";
import { serversToRunOn } from "./servers.ts";
import { sidePool } from "./side-pool.ts";

/** Scenarios under way at once; each has two databases. */
const atOnce = 3;

const scenarios = loadScenarios();
const servers = await serversToRunOn();

for (const server of servers) {
  const { major, extensions } = server;
  describe(`Postgres ${major}, seen by ${server.dumps ? "pg_dump" : "a dump of the catalogs"}`, () => {
    const pool = sidePool(server.url);
    afterAll(() => pool.close());
    for (const scenario of scenarios) {
      const runs = scenario.since <= major && scenario.extensions.every((name) => extensions.has(name));
      const reports = once(() => inTurn(() => runScenario(scenario, pool, server.dumps)));
      test.concurrent.skipIf(!runs)(`${scenario.name}, there`, async () => judge((await reports()).there));
      test.concurrent.skipIf(!runs)(`${scenario.name}, back`, async () => judge((await reports()).back));
    }
  });
}

if (servers.every(({ dumps }) => !dumps)) {
  const found = await pgDumpServer();
  const why = found.available ? "a version that is asked for is seen by a dump of the catalogs" : found.reason;
  test.skip(`pg_dump: not run, ${why}`, () => undefined);
}

function judge(report: WayReport): void {
  const { failure, overBudget, recreated, left } = report;
  const plan = report.operations;
  expect({ plan, failure }).toEqual({ plan, failure: undefined });
  expect({ plan, left }).toEqual({ plan, left: [] });
  expect({ plan, overBudget, recreated }).toEqual({ plan, overBudget: [], recreated: [] });
  expect(report.result.dump).toBe(report.target.dump);
  expect(report.result.graph.unmodelled).toEqual(report.target.graph.unmodelled);
  expect(report.kept.after).toEqual(report.kept.before);
}

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

function once<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => {
    started ??= start();
    return started;
  };
}
