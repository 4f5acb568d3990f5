/** Holds the only rules about layout that a test enforces: imports go down the layers, and L0 to L2 are pure. */
import { expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";

const source = join(import.meta.dir, "..", "..", "src");

/** Lowest first; a folder may import its own layer and those below it. */
const layers: readonly (readonly string[])[] = [
  ["base"],
  ["sql", "model"],
  ["operation", "diff", "risk", "render"],
  ["config", "pg", "source", "migration", "snapshot"],
  ["run", "verify", "recovery", "backfill", "audit"],
  ["usecase"],
  ["cli", "tui"],
];
const apart: readonly (readonly [string, string])[] = [
  ["cli", "tui"],
  ["tui", "cli"],
  // sql is the lower of the two in its layer.
  ["sql", "model"],
];
const pureFolders = new Set(layers.slice(0, 3).flat());

/** Packages that one file alone may import; undefined leaves the choice of the file open. */
const importPoints: readonly (readonly [string, string | undefined])[] = [
  ["postgres", "pg/driver.ts"],
  ["blessed", "tui/blessed.ts"],
  ["@clack/prompts", "cli/prompts.ts"],
  ["diff", undefined],
];

/** What a pure layer must not touch, and the files that are the exception. */
const impurities: readonly { readonly name: string; readonly pattern: RegExp; readonly except: readonly string[] }[] = [
  { name: "the clock", pattern: /\bDate\.now\b|\bnew Date\(\)|\bperformance\./, except: ["base/clock.ts"] },
  { name: "randomness", pattern: /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/, except: [] },
  { name: "the process", pattern: /\bprocess\./, except: [] },
  { name: "Bun's input and output", pattern: /\bBun\.(?!CryptoHasher|stringWidth|stripANSI)\w/, except: [] },
  { name: "asynchronous code", pattern: /\basync\s*(?:function|\(|\w+\s*=>)|\bawait\s/, except: [] },
];

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  /** As written, types erased and comments removed. */
  readonly code: string;
  readonly imports: readonly string[];
}

const files = await readSource();
const byPath = new Map(files.map((file) => [file.path, file]));

test("every folder of src has a layer", () => {
  const known = new Set([...layers.flat(), "."]);
  expect(files.filter((file) => !known.has(file.folder)).map((file) => file.path)).toEqual([]);
});

test("relative imports carry their file extension", () => {
  const without = files.flatMap((file) =>
    file.imports
      .filter((name) => name.startsWith(".") && !/\.\w+$/.test(name))
      .map((name) => `${file.path} imports ${name}`),
  );
  expect(without).toEqual([]);
});

test("imports go down the layers, and the two front ends do not know each other", () => {
  const upward = files.flatMap((file) =>
    localImports(file)
      .filter((target) => !mayImport(file.folder, folderOf(target)))
      .map((target) => `${file.path} imports ${target}`),
  );
  expect(upward).toEqual([]);
});

test("no file imports itself through others", () => {
  expect(findCycle()).toEqual([]);
});

test("each driver and toolkit is imported in one file", () => {
  const importers = importPoints.map(([name, place]) => {
    const found = files.filter((file) => file.imports.some((item) => item === name || item.startsWith(`${name}/`)));
    return { name, place: place ?? found[0]?.path, found: found.map((file) => file.path) };
  });
  const wrong = importers.filter(({ place, found }) => found.some((path) => path !== place));
  expect(wrong).toEqual([]);
});

test("the pure layers have no input, output, clock, randomness or asynchronous code", () => {
  const impure = files
    .filter((file) => pureFolders.has(file.folder))
    .flatMap((file) => [
      ...file.imports
        .filter((name) => /^(?:node:|bun(?::|$))/.test(name))
        .map((name) => `${file.path} imports ${name}`),
      ...impurities
        .filter(({ pattern, except }) => pattern.test(file.code) && !except.includes(file.path))
        .map(({ name }) => `${file.path} uses ${name}`),
    ]);
  expect(impure).toEqual([]);
});

test("only main.ts touches the exit code, and nobody calls process.exit", () => {
  const exits = files.filter((file) => /\bprocess\.exit\s*\(/.test(file.code)).map((file) => file.path);
  const codes = files.filter((file) => /\bprocess\.exitCode\b/.test(file.code)).map((file) => file.path);
  expect({ exits, codes: codes.filter((path) => path !== "main.ts") }).toEqual({ exits: [], codes: [] });
});

async function readSource(): Promise<readonly SourceFile[]> {
  const transpiler = new Bun.Transpiler({ loader: "ts", trimUnusedImports: false });
  const paths = [...new Bun.Glob("**/*.ts").scanSync(source)].filter((path) => !path.endsWith(".d.ts")).sort();
  return Promise.all(
    paths.map(async (path) => {
      const text = await Bun.file(join(source, path)).text();
      const scanned = transpiler.scanImports(text).map((item) => item.path);
      // The transpiler forgets imports that are types only; a layer must not know the types of a higher one either.
      const typed = [...text.matchAll(/^(?:import|export)\s+type\s[^;"']*?\sfrom\s+"([^"]+)"/gm)].map(
        (m) => m[1] ?? "",
      );
      return {
        path,
        folder: folderOf(path),
        code: transpiler.transformSync(text),
        imports: [...new Set([...scanned, ...typed])].sort(),
      };
    }),
  );
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : ".";
}

function localImports(file: SourceFile): readonly string[] {
  return file.imports
    .filter((name) => name.startsWith("."))
    .map((name) => relative(source, join(source, dirname(file.path), name)))
    .filter((path) => byPath.has(path));
}

function mayImport(from: string, to: string): boolean {
  if (from === "." || from === to) return true;
  if (apart.some(([one, other]) => one === from && other === to)) return false;
  const layer = (folder: string) => layers.findIndex((names) => names.includes(folder));
  return to !== "." && layer(to) <= layer(from);
}

/** The files of the first circle found, in order and with the first repeated at the end; empty when there is none. */
function findCycle(): readonly string[] {
  const finished = new Set<string>();
  const trail: string[] = [];
  function visit(path: string): readonly string[] {
    if (finished.has(path)) return [];
    const seen = trail.indexOf(path);
    if (seen >= 0) return [...trail.slice(seen), path];
    trail.push(path);
    const file = byPath.get(path);
    for (const target of file === undefined ? [] : localImports(file)) {
      const cycle = visit(target);
      if (cycle.length > 0) return cycle;
    }
    trail.pop();
    finished.add(path);
    return [];
  }
  for (const file of files) {
    const cycle = visit(file.path);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
