/**
 * The long run of the tests that kill what they test: more rows, more kills, at instants drawn from a seed. Prints the seed;
 * given as the first argument it makes a run again.
 */
import { join } from "node:path";

const given = process.argv[2];
const seed = given ?? String(crypto.getRandomValues(new Uint32Array(1))[0]);
if (!/^\d{1,10}$/.test(seed)) throw new Error(`a seed is a number of up to ten digits, not ${JSON.stringify(seed)}`);
process.stdout.write(`seed ${seed}\n`);
const run = Bun.spawn([process.execPath, join(import.meta.dir, "test.ts"), "test/faults", ...process.argv.slice(3)], {
  cwd: join(import.meta.dir, ".."),
  env: { ...process.env, ZANITH_FAULTS: "long", ZANITH_SEED: seed },
  stdio: ["ignore", "inherit", "inherit"],
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => run.kill(signal));
process.exitCode = await run.exited;
