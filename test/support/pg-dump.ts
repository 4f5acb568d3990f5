/**
 * Finds pg_dump, runs it and reduces its output to what two databases can be compared by. Starts no server: see
 * test-server.ts for one that the found pg_dump can read.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BinarySource, debianMajors, embeddedMajors, systemBinDir } from "./postgres-binaries.ts";

export interface PgDump {
  readonly path: string;
  readonly major: number;
}

let found: { readonly pgDump: PgDump | undefined } | undefined;

/** The first pg_dump on PATH, else the newest under `/usr/lib/postgresql`; undefined when there is none. Looks once. */
export function findPgDump(): PgDump | undefined {
  found ??= { pgDump: lookForPgDump() };
  return found.pgDump;
}

function lookForPgDump(): PgDump | undefined {
  const onPath = Bun.which("pg_dump");
  const installed = debianMajors().map((major) => join("/usr/lib/postgresql", String(major), "bin", "pg_dump"));
  for (const path of onPath === null ? installed : [onPath, ...installed]) {
    if (!existsSync(path)) continue;
    const run = Bun.spawnSync([path, "--version"], { stdin: "ignore", stderr: "ignore" });
    const major = /\(PostgreSQL\) (\d+)/.exec(run.stdout.toString())?.[1];
    if (run.exitCode !== 0 || major === undefined) continue;
    // What Debian puts on PATH is a script that looks for a version and takes as long as the dump itself.
    const program = join("/usr/lib/postgresql", major, "bin", "pg_dump");
    return { path: existsSync(program) ? program : path, major: Number(major) };
  }
  return undefined;
}

/** The server to start for a pg_dump of `major`: the system's, else embedded; pg_dump reads servers up to its own. */
export function pgDumpBinarySource(major: number): BinarySource | undefined {
  if (systemBinDir(major) !== undefined) return { kind: "system", major };
  const readable = embeddedMajors().filter((candidate) => candidate <= major);
  const newest = readable.at(-1);
  return newest === undefined ? undefined : { kind: "embedded", major: newest };
}

/**
 * The normalised dump of a database's schema: no comments of pg_dump, no `\restrict` lines, no runs of blank lines.
 * `extraArgs` are added to `--schema-only`. Throws with pg_dump's words when it fails.
 */
export async function pgDump(databaseUrl: string, extraArgs: readonly string[] = []): Promise<string> {
  const pgDump = findPgDump();
  if (pgDump === undefined) throw new Error("there is no pg_dump on this machine");
  const url = new URL(databaseUrl);
  const password = decodeURIComponent(url.password);
  url.password = "";
  const dump = Bun.spawn([pgDump.path, "--schema-only", ...extraArgs, `--dbname=${url}`], {
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", PGPASSWORD: password },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors, code] = await Promise.all([
    new Response(dump.stdout).text(),
    new Response(dump.stderr).text(),
    dump.exited,
  ]);
  if (code !== 0) throw new Error(`pg_dump failed with exit code ${code}: ${errors}`);
  return normalizeDump(output);
}

/** Removes what differs between two dumps of equal schemas. Only pg_dump's own comment blocks, never those in bodies. */
export function normalizeDump(dump: string): string {
  return `${dump
    .replaceAll(/^--\n(?:-- .*\n)+--\n/gm, "")
    .replaceAll(/^-- Dumped (?:from|by) .*\n/gm, "")
    .replaceAll(/^\\(?:un)?restrict .*\n/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    // what is granted on an object stands in the order in which somebody granted it
    .replaceAll(/(?:^(?:GRANT|REVOKE) .*;\n)+/gm, (lines) => `${lines.trimEnd().split("\n").sort().join("\n")}\n`)
    .trim()}\n`;
}
