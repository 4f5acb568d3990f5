/** Resolves the connection settings from this process: its environment, home directory, files and sockets. */
import { readFileSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { type ConnectionSettings, resolveConnection } from "./connection.ts";
import type { ReadFile } from "./connection-reader.ts";

/** Largest password, service, certificate or key file that is read. */
const maxFileBytes = 1_048_576;

/**
 * The settings of `resolveConnection` with the process's environment and files.
 * @throws ToolError connection_settings_invalid
 */
export function resolveProcessConnection(url: string | undefined, env = process.env): ConnectionSettings {
  return resolveConnection({
    url,
    env,
    home: env["HOME"] || homedir(),
    osUser: osUser(),
    readFile: readConnectionFile,
    socketExists,
  });
}

/** A small regular file with its permissions, or undefined when it is absent, unreadable, too large or no file. */
export function readConnectionFile(path: string): ReadFile | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > maxFileBytes) return undefined;
    return { text: readFileSync(path, "utf8"), mode: stat.mode & 0o777, ownerId: stat.uid };
  } catch {
    return undefined;
  }
}

function socketExists(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}

function osUser(): string | undefined {
  try {
    return userInfo().username || undefined;
  } catch {
    return undefined;
  }
}
