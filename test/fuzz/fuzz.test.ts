/**
 * Random pairs of schemas, both ways: the plan applies, the result is the target for observers that share no code with the
 * reader, a second plan is empty, and rows stay. The seed of a pair is in its name: ZANITH_FUZZ_SEED and ZANITH_FUZZ_PAIRS
 * make a run again or longer.
 */
import { afterAll, describe, expect, test } from "bun:test";
import type { WayReport } from "../scenario/run-scenario.ts";
import { runScenario } from "../scenario/run-scenario.ts";
import { serversToRunOn } from "../scenario/servers.ts";
import { sidePool } from "../scenario/side-pool.ts";
import { seededRandom } from "../support/random.ts";
import type { Scenario } from "../support/scenario.ts";
import { mutated } from "./mutate-schema.ts";
import { printRows, printSchema } from "./print-schema.ts";
import { drawing, randomSchema } from "./random-schema.ts";
import type { RandomSchema } from "./schema-shape.ts";

const firstSeed = Number(process.env["ZANITH_FUZZ_SEED"] ?? 20_261_122);
const pairs = Number(process.env["ZANITH_FUZZ_PAIRS"] ?? 6);
/** A pair is some dozen statements and four dumps; a busy machine is slow. */
const limitMs = 60_000;

for (const server of await serversToRunOn()) {
  describe(`Postgres ${server.major}, seen by ${server.dumps ? "pg_dump" : "a dump of the catalogs"}`, () => {
    const pool = sidePool(server.url);
    afterAll(() => pool.close());
    for (let at = 0; at < pairs; at++) {
      const seed = firstSeed + at;
      test(
        `the schemas of seed ${seed} lead to each other`,
        async () => {
          const { scenario, there, back } = pairOf(seed);
          const reports = await runScenario(scenario, pool, server.dumps);
          judge(reports.there, there, back);
          judge(reports.back, back, there);
        },
        limitMs,
      );
    }
  });
}

function pairOf(seed: number): { readonly scenario: Scenario; readonly there: string; readonly back: string } {
  const draw = drawing(seededRandom(seed));
  const before = randomSchema(draw);
  const after = mutated(before, draw);
  const [there, back] = [printSchema(before), printSchema(after)];
  const way = (from: RandomSchema, sql: string, to: string) => {
    return { from: sql, seed: printRows(from), to, renames: [], budget: {} };
  };
  const scenario: Scenario = {
    name: `seed ${seed}`,
    there: way(before, there, back),
    back: way(after, back, there),
    since: 14,
    extensions: [],
    columnOrder: false,
    changedValues: [],
  };
  return { scenario, there, back };
}

function judge(report: WayReport, from: string, to: string): void {
  const { failure, left, recreated, operations } = report;
  const seen = { failure, left, recreated };
  // The schemas are part of what is compared, so that a failure shows them.
  const shown = failure === undefined && left.length === 0 && recreated.length === 0 ? {} : { from, to, operations };
  expect({ ...seen, ...shown }).toEqual({ failure: undefined, left: [], recreated: [] });
  expect(report.result.dump).toBe(report.target.dump);
  expect(report.result.graph.unmodelled).toEqual(report.target.graph.unmodelled);
  expect(report.kept.after).toEqual(report.kept.before);
}
