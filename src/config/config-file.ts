/**
 * The configuration file: which one counts, what may stand in it, and its values made ready for use. Never looks outside
 * the working directory, and keeps passwords out of files: they come from the environment.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import * as v from "valibot";
import { isToolError, type ToolError, toolError, withContext } from "../base/errors.ts";
import { safeText } from "../base/text.ts";
import { dropModes } from "../diff/keep-drops.ts";
import { isScopePattern, scopePatternForm } from "../diff/scope.ts";
import { issuePath } from "../model/json.ts";
import { parseJson } from "../model/parse-json.ts";
import { reasonCodes } from "../risk/levels.ts";
import { modes } from "../risk/modes.ts";
import { readTextFile } from "../source/read-file.ts";
import { absoluteSource } from "../source/source.ts";
import { importUserModule } from "../source/user-module.ts";
import { isConnectionUrl, parseConnectionUrl } from "./connection-url.ts";

/** File names looked for in the working directory, and nowhere else. */
export const configFileNames = ["zanith.config.json", "zanith.config.ts"] as const;

/** Largest configuration file that is read. */
const maxFileBytes = 1_048_576;

/** The longest a statement may be told to wait for a lock. */
const maxLockTimeoutMs = 3_600_000;

const shortText = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000 };

const duration = v.pipe(
  v.union([v.number(), v.string()]),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const ms = typeof dataset.value === "number" ? dataset.value : durationMs(dataset.value);
    if (Number.isInteger(ms) && ms >= 1 && ms <= maxLockTimeoutMs) return ms;
    addIssue({ message: 'write milliseconds, or a text such as "3s", "500ms" or "1min", up to an hour' });
    return NEVER;
  }),
);

function durationMs(text: string): number {
  const [, number = "", unit = ""] = /^(\d{1,7})(ms|s|min)$/.exec(text) ?? [];
  return Number(number) * (unitMs[unit] ?? 0);
}

const dropMode = v.picklist(dropModes);

const scopePatterns = v.pipe(
  v.array(v.pipe(shortText, v.check(isScopePattern, `a pattern reads ${scopePatternForm}`))),
  v.maxLength(1_000),
);

const fileSchema = v.strictObject({
  url: v.optional(shortText),
  schema: v.optional(shortText),
  dir: v.optional(shortText),
  mode: v.optional(v.picklist(modes)),
  auditSchema: v.optional(v.pipe(shortText, v.maxBytes(63))),
  shadow: v.optional(shortText),
  maxRisk: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100))),
  allowDestructive: v.optional(v.boolean()),
  failOn: v.optional(v.pipe(v.array(v.picklist(reasonCodes)), v.maxLength(reasonCodes.length))),
  lockTimeout: v.optional(duration),
  /** one way for all modes, or one for some of them */
  drops: v.optional(
    v.union([
      dropMode,
      v.strictObject({
        development: v.optional(dropMode),
        staging: v.optional(dropMode),
        production: v.optional(dropMode),
      }),
    ]),
  ),
  owners: v.optional(v.boolean()),
  retentionDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(36_500))),
  include: v.optional(scopePatterns),
  exclude: v.optional(scopePatterns),
});

/** A checked configuration file: paths absolute, `${NAME}` replaced, durations in milliseconds. */
export type ConfigFile = v.InferOutput<typeof fileSchema> & { readonly path: string };

/** The environment; an empty value counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the file that `given` names, else the one in the working directory; undefined when there is none. A `.ts` file is
 * a program: it is run when only its owner can write it.
 * @throws ToolError file_missing, config_invalid
 */
export async function readConfigFile(
  cwd: string,
  given: string | undefined,
  env: Environment,
): Promise<ConfigFile | undefined> {
  const path = findConfigFile(cwd, given);
  if (path === undefined) return undefined;
  const shown = given ?? basename(path);
  const value = await readValue(path, shown);
  if (Array.isArray(value)) throw invalid(shown, "it is a list and not an object");
  const result = v.safeParse(fileSchema, value, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const where = issuePath("", issue);
    throw invalid(shown, where === "" ? issue.message : `at ${where}: ${issue.message}`);
  }
  const { url, schema, dir, shadow, ...rest } = result.output;
  const folder = dirname(path);
  if (schema !== undefined && isConnectionUrl(schema)) refusePassword(schema, "schema", shown);
  return {
    ...rest,
    path,
    ...(url === undefined ? {} : { url: expandUrl(url, "url", shown, env) }),
    ...(schema === undefined ? {} : { schema: absoluteSource(schema, folder) }),
    ...(dir === undefined ? {} : { dir: resolve(folder, dir) }),
    ...(shadow === undefined ? {} : { shadow: expandUrl(shadow, "shadow", shown, env) }),
  };
}

function findConfigFile(cwd: string, given: string | undefined): string | undefined {
  if (given !== undefined) return resolve(cwd, given);
  const found = configFileNames.map((name) => join(cwd, name)).filter((path) => existsSync(path));
  if (found.length < 2) return found[0];
  throw toolError({
    code: "config_invalid",
    what: `there are two configuration files in ${cwd}`,
    why: configFileNames.join(" and "),
    state: "nothing was done",
    next: "remove one of them, or name one with --config",
  });
}

async function readValue(path: string, shown: string): Promise<unknown> {
  try {
    if (!/\.[cm]?ts$/i.test(path)) return parseJson(await readTextFile(path, shown, { bytes: maxFileBytes }), shown);
    const { exports } = await importUserModule(path, shown);
    if (exports["default"] === undefined) throw invalid(shown, "it has no default export");
    return exports["default"];
  } catch (error) {
    if (!isToolError(error)) throw error;
    const { code } = error;
    if (code === "config_invalid") throw error;
    if (code === "format_invalid") throw invalid(shown, error.why ?? error.what);
    const missing = code === "file_missing" ? "correct --config, or make one with: zanith init" : undefined;
    throw withContext(error, {
      code: code === "schema_module_failed" ? "config_invalid" : code,
      state: "nothing was done",
      next: missing ?? error.next,
    });
  }
}

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Stands for a variable's value while a URL is looked at; digits, so that it may be a port as well as a name. */
const placeholder = "7064738291";

/**
 * The text with each `${NAME}` replaced by that variable: as it is when it is the whole text, percent-encoded where it is
 * a part of a URL.
 */
function expandUrl(text: string, member: string, shown: string, env: Environment): string {
  const whole = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(text);
  const variable = (name: string): string => {
    const value = env[name];
    if (value) return value;
    throw invalid(
      shown,
      `at ${member}: the environment variable ${name} is not set`,
      `set ${name}, or correct ${shown}`,
    );
  };
  if (whole?.[1] !== undefined) return variable(whole[1]);
  if (isConnectionUrl(text)) refusePassword(text, member, shown);
  else if (member === "url") throw invalid(shown, `at ${member}: it is neither a postgres:// URL nor a \${NAME}`);
  return text.replace(reference, (_, name: string) => encodeURIComponent(variable(name)));
}

/** A password in a file ends up in version control: it is only taken from a variable. */
function refusePassword(url: string, member: string, shown: string): void {
  const settings = parseConnectionUrl(url.replace(reference, placeholder), `${member} of ${shown}`);
  for (const keyword of ["password", "sslpassword"] as const) {
    const stated = settings.get(keyword)?.value;
    if (stated === undefined || stated === placeholder) continue;
    const next = `write \${NAME} in its place and set that variable, or leave it out and use ~/.pgpass`;
    throw invalid(shown, `at ${member}: it holds a password`, next);
  }
}

function invalid(shown: string, why: string, next?: string): ToolError {
  return toolError({
    code: "config_invalid",
    what: `${shown} is not a valid configuration`,
    why: safeText(why),
    state: "nothing was done",
    next: next ?? `correct it; its members are ${Object.keys(fileSchema.entries).join(", ")}`,
    details: { file: shown },
  });
}
