// Pairs of schemas whose things are drawn in versions of each other, under names that are hard to quote, to cut and to tell
// apart, through the oracles of the scenarios. A few pairs in every run; more with test:fuzz, which makes what fails smaller.
import { afterAll, describe, expect, test } from "bun:test";
import { serversToRunOn } from "../scenario/servers.ts";
import { sidePool } from "../scenario/side-pool.ts";
import { drawPair } from "./draw-pair.ts";
import { scriptOf } from "./items.ts";
import { runPair } from "./run-pair.ts";
import { shrink } from "./shrink.ts";

const count = Number(process.env["ZANITH_FUZZ_PAIRS"] ?? 6);
const firstSeed = Number(process.env["ZANITH_FUZZ_SEED"] ?? 1);
const limitMs = 180_000;
const isLong = process.env["ZANITH_FUZZ_PAIRS"] !== undefined;
const servers = await serversToRunOn();

for (const [at, server] of servers.entries()) {
  describe(`Postgres ${server.major}`, () => {
    const pool = sidePool(server.url);
    afterAll(() => pool.close());
    // The servers take turns; a seed that is asked for alone runs on all of them.
    const seeds = Array.from({ length: count }, (_, nth) => firstSeed + nth);
    for (const seed of seeds.filter((_, nth) => count === 1 || nth % servers.length === at)) {
      test(
        `the pair of schemas of seed ${seed}`,
        async () => {
          const pair = drawPair(seed, server.major);
          const { defects } = await runPair(pair, pool, server.dumps);
          const [first] = defects;
          if (first === undefined || !isLong) {
            expect({ seed, defects }).toEqual({ seed, defects: [] });
            return;
          }
          const sort = sortOf(first);
          const small = await shrink(pair, async (candidate) =>
            (await runPair(candidate, pool, server.dumps)).defects.some((defect) => sortOf(defect) === sort),
          );
          const after = await runPair(small, pool, server.dumps);
          expect({
            seed,
            defects: after.defects,
            before: scriptOf(small.before),
            after: scriptOf(small.after),
          }).toEqual({
            seed,
            defects: [],
            before: "",
            after: "",
          });
        },
        isLong ? 4 * limitMs : limitMs,
      );
    }
  });
}

/** A defect without the names in it: what has to stay the same while a pair gets smaller. */
function sortOf(defect: string): string {
  return (
    defect
      .replace(/^(there|back): /, "")
      .replaceAll(/"(?:[^"]|"")*"|\d+/g, "")
      .split(/[\n(]/)[0]
      ?.slice(0, 40) ?? ""
  );
}
