/** Weighs flags, environment, configuration file and defaults against each other. Connects to nothing. */
import { resolve } from "node:path";
import { toolError } from "../base/errors.ts";
import { type Mode, modes } from "../risk/modes.ts";
import { maxIdentifierBytes } from "../sql/identifier.ts";
import type { Config } from "./config.ts";
import { type Environment, readConfigFile } from "./config-file.ts";

/** What flags say; paths are relative to the working directory. */
export interface ConfigFlags {
  readonly config?: string | undefined;
  readonly dir?: string | undefined;
  readonly mode?: Mode | undefined;
  readonly auditSchema?: string | undefined;
  readonly shadow?: string | undefined;
}

/** A configuration, and the database the file names; a URL may hold a password and is not part of the former. */
export interface LoadedConfig {
  readonly config: Config;
  /** what to connect to when neither a flag nor a variable says; see `chooseUrl` */
  readonly fileUrl: string | undefined;
}

const defaults = { dir: "migrations", mode: "development", auditSchema: "public", lockTimeoutMs: 3_000 } as const;

/** Variables that hold a whole connection URL, in the order in which they count. */
const urlVariables = ["ZANITH_DATABASE_URL", "DATABASE_URL"] as const;

/**
 * The configuration of a run: a flag goes before ZANITH_MODE, ZANITH_DIR and ZANITH_AUDIT_SCHEMA, those before the file,
 * the file before the defaults.
 * @throws ToolError usage for a bad variable; file_missing and config_invalid for the file
 */
export async function loadConfig(given: {
  readonly cwd: string;
  readonly flags: ConfigFlags;
  readonly env: Environment;
}): Promise<LoadedConfig> {
  const { cwd, flags, env } = given;
  const file = await readConfigFile(cwd, flags.config, env);
  const dir = flags.dir ?? env["ZANITH_DIR"];
  const shadow = flags.shadow ?? file?.shadow;
  const mode = flags.mode ?? modeOf(env) ?? file?.mode ?? defaults.mode;
  const drops = typeof file?.drops === "object" ? file.drops[mode] : file?.drops;
  const config: Config = {
    dir: dir ? resolve(cwd, dir) : (file?.dir ?? resolve(cwd, defaults.dir)),
    mode,
    auditSchema: auditSchemaOf(flags, env) ?? file?.auditSchema ?? defaults.auditSchema,
    lockTimeoutMs: file?.lockTimeout ?? defaults.lockTimeoutMs,
    ...(file?.schema === undefined ? {} : { schema: file.schema }),
    ...(shadow === undefined ? {} : { shadow }),
    ...(file?.maxRisk === undefined ? {} : { maxRisk: file.maxRisk }),
    ...(file?.allowDestructive === undefined ? {} : { allowDestructive: file.allowDestructive }),
    ...(file?.failOn === undefined ? {} : { failOn: file.failOn }),
    ...(drops === undefined ? {} : { drops }),
    ...(file?.owners === undefined ? {} : { owners: file.owners }),
    ...(file?.retentionDays === undefined ? {} : { retentionDays: file.retentionDays }),
    ...(file?.include === undefined ? {} : { include: file.include }),
    ...(file?.exclude === undefined ? {} : { exclude: file.exclude }),
    ...(file === undefined ? {} : { file: file.path }),
  };
  return { config, fileUrl: file?.url };
}

/**
 * The URL to give to `resolveConnection`: the flag's, else none when a variable holds one (it looks there itself), else
 * the file's. The libpq variables (PGHOST …) only fill in what a URL leaves open.
 */
export function chooseUrl(flag: string | undefined, env: Environment, fileUrl: string | undefined): string | undefined {
  if (flag !== undefined) return flag;
  return urlVariables.some((name) => env[name]) ? undefined : fileUrl;
}

/**
 * The URL that is connected to instead of what `chooseUrl` gives: where that is a pooler in transaction mode, which no run
 * can work through. A variable does not outrank a --url that was typed.
 */
export function chooseDirectUrl(
  flags: { readonly url?: string | undefined; readonly directUrl?: string | undefined },
  env: Environment,
): string | undefined {
  if (flags.directUrl !== undefined) return flags.directUrl;
  return flags.url === undefined ? env["ZANITH_DIRECT_URL"] || undefined : undefined;
}

function modeOf(env: Environment): Mode | undefined {
  const text = env["ZANITH_MODE"];
  if (!text) return undefined;
  const mode = modes.find((known) => known === text);
  if (mode) return mode;
  throw toolError({
    code: "usage",
    what: "ZANITH_MODE names no safety mode",
    why: `the modes are ${modes.join(", ")}`,
    state: "nothing was done",
    next: `set ZANITH_MODE to one of ${modes.join(", ")}`,
  });
}

function auditSchemaOf(flags: ConfigFlags, env: Environment): string | undefined {
  const name = flags.auditSchema ?? env["ZANITH_AUDIT_SCHEMA"];
  if (name === undefined || (name === "" && flags.auditSchema === undefined)) return undefined;
  if (name !== "" && Buffer.byteLength(name) <= maxIdentifierBytes && !name.includes("\0")) return name;
  throw toolError({
    code: "usage",
    what: "the audit schema's name cannot be used",
    why: `the name of a schema has 1 to ${maxIdentifierBytes} bytes`,
    state: "nothing was done",
    next: "give the name of a schema: --audit-schema public",
  });
}
