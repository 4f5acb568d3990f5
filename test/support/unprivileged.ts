/**
 * Postgres refuses to run as root: this picks the account a test cluster runs under and gives it a temporary folder
 * and binaries it can reach. Knows nothing about clusters.
 */
import { chmodSync, chownSync, cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PostgresBinaries } from "./postgres-binaries.ts";

/** The account to switch to, or undefined when the current one will do. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** A Unix socket path may have 107 bytes on Linux and 103 on macOS; `/s/.s.PGSQL.65535` takes 19 of them. */
const MAX_FOLDER_LENGTH = 80;
const NOBODY: Account = { uid: 65_534, gid: 65_534 };

/** The account for server processes: `nobody` when this process is root, otherwise the current one. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined || Number(uid) <= 0 ? NOBODY : { uid: Number(uid), gid: Number(gid) };
}

/** Options for Bun.spawn that switch to `account`. */
export function spawnAs(account: Account | undefined): { readonly uid?: number; readonly gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

/** A new folder with a short path that belongs to `account` and that it can reach. */
export function makeServerFolder(account: Account | undefined): string {
  for (const base of [tmpdir(), "/tmp", "/var/tmp"]) {
    let folder: string;
    try {
      folder = mkdtempSync(join(realpathSync(base), "zt-"));
    } catch {
      continue;
    }
    if (account !== undefined) chownSync(folder, account.uid, account.gid);
    chmodSync(folder, 0o700);
    if (folder.length <= MAX_FOLDER_LENGTH && succeeds(["/bin/sh", "-c", 'test -w "$1"', "sh", folder], account)) {
      return folder;
    }
    rmSync(folder, { recursive: true, force: true });
  }
  throw new Error("no temporary folder that is writable for the server's account and has a short path");
}

/** Binaries that `account` can execute: the given ones, or a copy of them inside `folder`. */
export function reachableBinaries(
  binaries: PostgresBinaries,
  account: Account | undefined,
  folder: string,
): PostgresBinaries {
  const version = (binDir: string) => [join(binDir, "postgres"), "--version"];
  if (succeeds(version(binaries.binDir), account)) return binaries;
  if (account === undefined) throw new Error(cannotRun(binaries.binDir));
  const root = join(folder, "postgres");
  cpSync(binaries.root, root, { recursive: true, verbatimSymlinks: true });
  const copied = { root, binDir: join(root, "bin") };
  if (!succeeds(version(copied.binDir), account)) throw new Error(cannotRun(binaries.binDir));
  return copied;
}

function cannotRun(binDir: string): string {
  return (
    `the Postgres binaries in ${binDir} do not run on this system; ` +
    "set ZANITH_TEST_POSTGRES to postgres://..., docker:18 or system:<major>"
  );
}

function succeeds(command: string[], account: Account | undefined): boolean {
  try {
    const run = Bun.spawnSync(command, {
      ...spawnAs(account),
      cwd: "/",
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    return run.exitCode === 0;
  } catch {
    return false;
  }
}
