/** What the benchmarks share: medians of repeated runs, whole processes, one printed line a figure. */
import { join, resolve } from "node:path";
import postgres from "postgres";
import { databaseUrl } from "../test/support/cluster.ts";

const root = resolve(import.meta.dir, "..");

/** Runs a figure is the median of. */
export const runs = 7;

/** Medians hide the odd run that a busy machine spoils. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The median time of a body in milliseconds, after one run that warms caches and the compiler up. */
export async function timed(times: number, body: () => unknown): Promise<number> {
  const durations: number[] = [];
  for (let at = 0; at <= times; at++) {
    const started = performance.now();
    await body();
    if (at > 0) durations.push(performance.now() - started);
  }
  return median(durations);
}

/** Prints a figure beside its goal. */
export function line(what: string, value: string, goal: string): void {
  process.stdout.write(`${what.padEnd(58)} ${value.padStart(14)}   ${goal}\n`);
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** Runs a process to its end; its output goes nowhere. */
export async function processRun(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; maxRssMb: number }> {
  const child = Bun.spawn([...command], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const code = await child.exited;
  return { code, maxRssMb: (child.resourceUsage()?.maxRSS ?? 0) / 1024 / 1024 };
}

/** The compiled program where it was built, else the source. */
export async function programCommand(): Promise<{ readonly command: readonly string[]; readonly note: string }> {
  const binary = join(root, "dist", "zanith");
  if (await Bun.file(binary).exists()) return { command: [binary], note: "" };
  return { command: [process.execPath, join(root, "src", "main.ts")], note: " (from source)" };
}

/** An empty database of a name on a server; one that was left over is dropped. */
export async function newDatabase(url: string, name: string): Promise<string> {
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  await admin.unsafe(`drop database if exists ${name} with (force)`);
  await admin.unsafe(`create database ${name}`);
  await admin.end();
  return databaseUrl(url, name);
}
