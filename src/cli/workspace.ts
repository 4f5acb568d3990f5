/** The workspace of a command: configuration, connection settings and clock, made from flags and the process's surroundings. */
import { type ConnectionSettings, secretsOf } from "../config/connection.ts";
import { chooseDirectUrl, chooseUrl, loadConfig } from "../config/load-config.ts";
import { resolveProcessConnection } from "../config/process-connection.ts";
import { line, outside, span } from "../render/line.ts";
import type { Workspace } from "../usecase/workspace.ts";
import type { GlobalValues } from "./global-options.ts";
import type { Io } from "./io.ts";
import type { Output } from "./output.ts";

/** Configuration that a command's own options replace. */
export interface ConfigOverrides {
  readonly shadow?: string | undefined;
}

/** Reads the configuration; the connection is made out when it is first asked for, so that offline commands need none. */
export async function createWorkspace(
  io: Io,
  output: Output,
  globals: GlobalValues,
  overrides: ConfigOverrides = {},
): Promise<Workspace> {
  const { config, fileUrl } = await loadConfig({
    cwd: io.cwd,
    env: io.env,
    flags: {
      config: globals.config,
      dir: globals.dir,
      mode: globals.mode,
      auditSchema: globals.auditSchema,
      shadow: overrides.shadow,
    },
  });
  const warned = new Set<string>();
  const settingsOf = (url: string | undefined): ConnectionSettings => {
    const settings = resolveProcessConnection(url, { ...io.env });
    output.hide(secretsOf(settings));
    for (const warning of settings.warnings) {
      if (warned.has(warning)) continue;
      warned.add(warning);
      output.note([line(span("note: ", "warn"), outside(warning))]);
    }
    return settings;
  };
  let connection: ConnectionSettings | undefined;
  return {
    cwd: io.cwd,
    config,
    connection: () => {
      connection ??= settingsOf(chooseDirectUrl(globals, io.env) ?? chooseUrl(globals.url, io.env, fileUrl));
      return connection;
    },
    connectionOf: (url) => settingsOf(url),
    now: () => new Date(),
    random: Math.random,
    note: (message) => output.note([line(span("note: ", "warn"), outside(message))]),
  };
}
