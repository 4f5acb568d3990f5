/**
 * Random pairs of schemas, more than every run takes: `--count` pairs (200) from `--seed` on (drawn and printed). A pair that
 * failed comes again with its own seed and a count of 1.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { seed: { type: "string" }, count: { type: "string", default: "200" } } });
const seed = values.seed ?? String((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 1_000_000_000);
for (const number of [seed, values.count]) {
  if (!/^\d{1,9}$/.test(number)) throw new Error(`not a number of up to nine digits: ${JSON.stringify(number)}`);
}
process.stdout.write(`seeds ${seed} to ${Number(seed) + Number(values.count) - 1}\n`);
const run = Bun.spawn([process.execPath, join(import.meta.dir, "test.ts"), "test/fuzz"], {
  cwd: join(import.meta.dir, ".."),
  env: { ...process.env, ZANITH_FUZZ_SEED: seed, ZANITH_FUZZ_PAIRS: values.count },
  stdio: ["ignore", "inherit", "inherit"],
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => run.kill(signal));
process.exitCode = await run.exited;
