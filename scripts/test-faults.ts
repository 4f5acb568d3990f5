/**
 * The long run of the tests that kill what they test: more rows, more kills, at instants drawn from a seed. Prints the seed;
 * `--seed N` makes a run again. Further arguments go to the test runner, such as a file or -t.
 */
import { join } from "node:path";

const args = process.argv.slice(2);
const at = args.indexOf("--seed");
const given = at < 0 ? undefined : args.splice(at, 2)[1];
const seed = given ?? String(crypto.getRandomValues(new Uint32Array(1))[0]);
if (at >= 0 && !/^\d{1,10}$/.test(given ?? "")) throw new Error("--seed takes a number of up to ten digits");
const files = args.some((arg) => arg.startsWith("test/")) ? [] : ["test/faults"];
process.stdout.write(`seed ${seed}\n`);
const run = Bun.spawn([process.execPath, join(import.meta.dir, "test.ts"), ...files, ...args], {
  cwd: join(import.meta.dir, ".."),
  env: { ...process.env, ZANITH_FAULTS: "long", ZANITH_SEED: seed },
  stdio: ["ignore", "inherit", "inherit"],
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => run.kill(signal));
process.exitCode = await run.exited;
