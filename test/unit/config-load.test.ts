/** Where configuration comes from, what outranks what, and what a file may not hold. */
import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type ConfigFlags, chooseUrl, type LoadedConfig, loadConfig } from "../../src/config/load-config.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { toolErrorOf } from "../support/tool-error.ts";

type Env = Readonly<Record<string, string>>;

function load(cwd: string, flags: ConfigFlags = {}, env: Env = {}): Promise<LoadedConfig> {
  return loadConfig({ cwd, flags, env });
}

/** A folder with this value as its zanith.config.json. */
function withFile(value: unknown): string {
  return tempFolder({ "zanith.config.json": typeof value === "string" ? value : JSON.stringify(value) });
}

async function refusalOf(value: unknown, env: Env = {}): Promise<readonly (string | undefined)[]> {
  const error = await toolErrorOf(load(withFile(value), {}, env));
  expect([error.code, error.what]).toEqual(["config_invalid", "zanith.config.json is not a valid configuration"]);
  return [error.why, error.next];
}

const everything = {
  url: "postgres://app@db.example/shop",
  schema: "db/schema.ts",
  dir: "db/migrations",
  mode: "staging",
  auditSchema: "audit",
  shadow: "postgres://app@shadow.example/shadow",
  maxRisk: 60,
  allowDestructive: true,
  failOn: ["raw_sql", "drops_index"],
  lockTimeout: "5s",
};

test("without a file the defaults hold", async () => {
  const folder = tempFolder();
  expect(await load(folder)).toEqual({
    config: { dir: join(folder, "migrations"), mode: "development", auditSchema: "public", lockTimeoutMs: 3_000 },
    fileUrl: undefined,
  });
});

test("a file sets everything, with paths relative to itself", async () => {
  const folder = withFile(everything);
  const { url, lockTimeout: _, ...rest } = everything;
  expect(await load(folder)).toEqual({
    config: {
      ...rest,
      mode: "staging",
      dir: join(folder, "db/migrations"),
      schema: join(folder, "db/schema.ts"),
      lockTimeoutMs: 5_000,
      file: join(folder, "zanith.config.json"),
    },
    fileUrl: url,
  });
});

test("a flag goes before the environment, that before the file", async () => {
  const folder = withFile({ dir: "file", mode: "staging", auditSchema: "file" });
  const env = { ZANITH_DIR: "env", ZANITH_MODE: "production", ZANITH_AUDIT_SCHEMA: "env" };
  const flags = { dir: "flag", mode: "development", auditSchema: "flag", shadow: "postgres:///flag" } as const;
  const part = ({ config: { dir, mode, auditSchema, shadow } }: LoadedConfig) => [dir, mode, auditSchema, shadow];
  expect(part(await load(folder))).toEqual([join(folder, "file"), "staging", "file", undefined]);
  expect(part(await load(folder, {}, env))).toEqual([join(folder, "env"), "production", "env", undefined]);
  expect(part(await load(folder, flags, env))).toEqual([
    join(folder, "flag"),
    "development",
    "flag",
    "postgres:///flag",
  ]);
  const unset = { ZANITH_DIR: "", ZANITH_MODE: "", ZANITH_AUDIT_SCHEMA: "" };
  expect(await load(folder, {}, unset)).toEqual(await load(folder));
});

test("a file named by --config may stand anywhere; its paths are its own, those of flags are not", async () => {
  const folder = tempFolder({
    "etc/prod.json": JSON.stringify({ dir: "migrations", schema: "snapshot:20260101_000000_a" }),
    "work/zanith.config.json": JSON.stringify({ mode: "staging" }),
  });
  const { config } = await load(join(folder, "work"), { config: "../etc/prod.json", dir: "here" });
  expect(config).toEqual({
    dir: join(folder, "work/here"),
    schema: "snapshot:20260101_000000_a",
    mode: "development",
    auditSchema: "public",
    lockTimeoutMs: 3_000,
    file: join(folder, "etc/prod.json"),
  });
});

test("no file of a folder above is looked at", async () => {
  const folder = tempFolder({ "zanith.config.json": '{"mode":"staging"}', "sub/x": "" });
  expect((await load(join(folder, "sub"))).config).toMatchObject({ mode: "development" });
});

test("a TypeScript configuration is run, with its default export", async () => {
  const folder = tempFolder({
    "zanith.config.ts": 'const mode: string = "staging";\nexport default { mode, failOn: ["raw_sql"] };\n',
  });
  const { config } = await load(folder);
  expect([config.mode, config.failOn, config.file]).toEqual(["staging", ["raw_sql"], join(folder, "zanith.config.ts")]);
});

test("a TypeScript configuration that others could have written is not run", async () => {
  const folder = tempFolder({ "zanith.config.ts": "export default {};" });
  chmodSync(join(folder, "zanith.config.ts"), 0o666);
  const error = await toolErrorOf(load(folder));
  expect([error.code, error.what, error.why]).toEqual([
    "config_invalid",
    "zanith.config.ts is code, and was not run",
    "everybody may write to it",
  ]);
});

test("a TypeScript configuration that fails or exports nothing is refused with its place", async () => {
  const failing = tempFolder({ "zanith.config.ts": "const a = 1;\nthrow new Error('no');" });
  expect((await toolErrorOf(load(failing))).what).toBe("zanith.config.ts:2:11 failed");
  const empty = tempFolder({ "zanith.config.ts": "export const mode = 'staging';" });
  expect((await toolErrorOf(load(empty))).why).toBe("it has no default export");
});

test("two files in one folder are refused rather than chosen from", async () => {
  const folder = tempFolder({ "zanith.config.json": "{}", "zanith.config.ts": "export default {};" });
  const error = await toolErrorOf(load(folder));
  expect([error.code, error.why]).toEqual(["config_invalid", "zanith.config.json and zanith.config.ts"]);
  expect((await load(folder, { config: "zanith.config.json" })).config.file).toBe(join(folder, "zanith.config.json"));
});

test("a file that is named and missing is an error", async () => {
  const error = await toolErrorOf(load(tempFolder(), { config: "other.json" }));
  expect([error.code, error.what]).toEqual(["file_missing", "cannot read other.json"]);
});

test("a bad member is named with the reason", async () => {
  expect((await refusalOf({ modes: "x" }))[0]).toStartWith("at modes: ");
  expect((await refusalOf({ mode: "prod" }))[0]).toStartWith("at mode: ");
  expect((await refusalOf({ failOn: ["raw_sql", "nonsense"] }))[0]).toStartWith("at failOn[1]: ");
  expect((await refusalOf({ maxRisk: 101 }))[0]).toStartWith("at maxRisk: ");
  expect((await refusalOf({ auditSchema: "x".repeat(64) }))[0]).toStartWith("at auditSchema: ");
  expect((await refusalOf("{"))[0]).toStartWith("it is not JSON: ");
  expect((await refusalOf([]))[1]).toBe(
    "correct it; its members are url, schema, dir, mode, auditSchema, shadow, maxRisk, allowDestructive, failOn, lockTimeout, drops, owners, retentionDays, include, exclude",
  );
});

test("a lock timeout is milliseconds or a text with a unit", async () => {
  for (const [lockTimeout, ms] of [
    [250, 250],
    ["250ms", 250],
    ["3s", 3_000],
    ["2min", 120_000],
  ] as const) {
    expect((await load(withFile({ lockTimeout }))).config.lockTimeoutMs).toBe(ms);
  }
  for (const lockTimeout of [0, -1, 1.5, "3", "0s", "3h", "3 s", "2000min", ""]) {
    expect((await refusalOf({ lockTimeout }))[0]).toStartWith("at lockTimeout: write milliseconds, or a text");
  }
});

test("a password in the file is refused wherever it stands, and never repeated", async () => {
  const secret = "hunter2";
  const urls = [
    `postgres://app:${secret}@db/shop`,
    `postgres://app@db/shop?password=${secret}`,
    `postgres://app:\${X}${secret}@db/`,
  ];
  for (const url of urls) {
    for (const member of ["url", "shadow", "schema"]) {
      const refusal = await refusalOf({ [member]: url }, { X: "y" });
      expect(refusal).toEqual([
        `at ${member}: it holds a password`,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax
        "write ${NAME} in its place and set that variable, or leave it out and use ~/.pgpass",
      ]);
    }
  }
});

test("variables fill in a URL: whole as they are, parts percent-encoded", async () => {
  const env = { WHOLE: "postgres://app:p%40ss@db/shop", SECRET: "p@ss/w:rd", PORT: "6543", HOST: "db.example" };
  const urlOf = async (url: string) => (await load(withFile({ url }), {}, env)).fileUrl;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax
  expect(await urlOf("${WHOLE}")).toBe(env.WHOLE);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax
  expect(await urlOf("postgres://app:${SECRET}@${HOST}:${PORT}/shop")).toBe(
    "postgres://app:p%40ss%2Fw%3Ard@db.example:6543/shop",
  );
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax
  const [why] = await refusalOf({ url: "postgres://app:${UNSET}@db/shop" }, env);
  expect(why).toBe("at url: the environment variable UNSET is not set");
  expect((await refusalOf({ url: "mysql://x" }, env))[0]).toStartWith("at url: it is neither a postgres:// URL nor a ");
});

test("the URL of the file counts after the flag and the variables that hold one", () => {
  const file = "postgres://file/";
  expect(chooseUrl("postgres://flag/", { DATABASE_URL: "postgres://env/" }, file)).toBe("postgres://flag/");
  expect(chooseUrl(undefined, { DATABASE_URL: "postgres://env/" }, file)).toBeUndefined();
  expect(chooseUrl(undefined, { ZANITH_DATABASE_URL: "postgres://env/" }, file)).toBeUndefined();
  expect(chooseUrl(undefined, { DATABASE_URL: "", PGHOST: "elsewhere" }, file)).toBe(file);
  expect(chooseUrl(undefined, {}, undefined)).toBeUndefined();
});

test("a mode or audit schema that is none is a usage error", async () => {
  const folder = tempFolder();
  for (const env of [{ ZANITH_MODE: "prod" }, { ZANITH_AUDIT_SCHEMA: "x".repeat(64) }]) {
    expect((await toolErrorOf(load(folder, {}, env))).code).toBe("usage");
  }
  expect((await toolErrorOf(load(folder, { auditSchema: "" }))).code).toBe("usage");
});
