/** Running a schema module: whom it trusts, what `zanith` means inside it, and that errors keep the author's file and line. */
import { afterAll, expect, spyOn, test } from "bun:test";
import { chmodSync, chownSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { loadSchemaModule } from "../../src/source/module-source.ts";
import { importUserModule } from "../../src/source/user-module.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { toolErrorOf } from "../support/tool-error.ts";

const model = `import { defineModel, text } from "zanith";
export const A = defineModel("a", { fields: { x: text() } });
`;

/** What and why of a module's failure, its folder left out. */
async function failureOf(files: Readonly<Record<string, string>>, name = "schema.ts"): Promise<readonly unknown[]> {
  const folder = tempFolder(files);
  const error = await toolErrorOf(loadSchemaModule(join(folder, name), name));
  expect([error.code, error.state]).toEqual(["schema_module_failed", "nothing was changed"]);
  return [error.what.replaceAll(folder, "…"), error.why?.replaceAll(folder, "…")];
}

test("a module imports zanith and files beside it, and its files are known by their digests", async () => {
  const folder = tempFolder({
    "schema.ts": `import { name } from "./sub/name.ts";\n${model.replace('"a"', "name")}`,
    "sub/name.ts": 'export const name: string = "from_beside";',
  });
  const { graph, files } = await loadSchemaModule(join(folder, "schema.ts"), "schema.ts");
  expect([...graph.objects.keys()]).toEqual([
    "column:public.from_beside.x",
    "schema:public",
    "table:public.from_beside",
  ]);
  const digest = async (path: string) => ({
    path,
    sha256: new Bun.CryptoHasher("sha256").update(await Bun.file(path).text()).digest("hex"),
  });
  expect(files).toEqual([await digest(join(folder, "schema.ts")), await digest(join(folder, "sub/name.ts"))]);
});

test("what a module prints goes to stderr, and the console is as it was afterwards", async () => {
  const folder = tempFolder({ "schema.ts": `${model}console.log("noise", 1);\nconsole.info("more");\n` });
  const original = console.log;
  const printed: unknown[] = [];
  const error = spyOn(console, "error").mockImplementation((...values: unknown[]) => printed.push(...values));
  afterAll(() => error.mockRestore());
  await loadSchemaModule(join(folder, "schema.ts"), "schema.ts");
  expect(printed).toEqual(["noise", 1, "more"]);
  expect(console.log).toBe(original);
});

test("a syntax error has the author's file, line and column, also in an imported file", async () => {
  const files = { "schema.ts": 'import "./other.ts";', "other.ts": "export const a = 1;\nexport const b = (;\n" };
  expect(await failureOf(files)).toEqual(["…/other.ts:2:19 failed", "Unexpected ;"]);
  expect(await failureOf(files, "other.ts")).toEqual(["other.ts:2:19 failed", "Unexpected ;"]);
});

test("an error while it runs has the place it was thrown at", async () => {
  const thrown = 'const make = () => {\n  throw new TypeError("it went wrong");\n};\nmake();\n';
  expect(await failureOf({ "schema.ts": thrown })).toEqual(["schema.ts:2:13 failed", "TypeError: it went wrong"]);
  expect(await failureOf({ "schema.ts": 'throw "a text";' })).toEqual(["schema.ts failed", "a text"]);
});

test("a mistake in a model has the place of the model and names the field", async () => {
  const wrong = `${model}export const B = defineModel("b", { fields: { y: "text" as never } });\n`;
  expect(await failureOf({ "schema.ts": wrong })).toEqual([
    "schema.ts:3:18: b.y is not valid",
    "it is not a field: write text(), integer() and the like",
  ]);
});

test("imports that lead nowhere are named", async () => {
  expect(await failureOf({ "schema.ts": 'import { x } from "./none.ts";\nexport const y = x;' })).toEqual([
    "schema.ts failed",
    "Cannot find module './none.ts' imported from …/schema.ts",
  ]);
  expect(
    (await failureOf({ "schema.ts": 'import { nothing } from "zanith";\nexport const y = nothing;' }))[1],
  ).toContain("'nothing'");
});

test("a module that declares nothing is refused with its name", async () => {
  expect(await failureOf({ "schema.ts": "export const a = 1;" })).toEqual([
    "schema.ts: the schema module is not valid",
    "it exports no model, enum, extension or SQL",
  ]);
});

test("a file that others could have written is not run", async () => {
  const ran = "globalThis.zanithModuleRan = true;";
  const importing = 'import "./closed/schema.ts";';
  const folder = tempFolder({
    "open/schema.ts": ran,
    "closed/schema.ts": ran,
    "owned/schema.ts": ran,
    "importing.ts": importing,
  });
  const refusal = async (path: string, userId?: number) => {
    const { code, what, why, next } = await toolErrorOf(
      importUserModule(join(folder, path), path, { userId: userId ?? process.getuid?.() }),
    );
    return [code, what, why, next];
  };
  chmodSync(join(folder, "closed/schema.ts"), 0o646);
  expect(await refusal("closed/schema.ts")).toEqual([
    "schema_module_failed",
    "closed/schema.ts is code, and was not run",
    "everybody may write to it",
    "chmod o-w closed/schema.ts",
  ]);
  chmodSync(join(folder, "open"), 0o777);
  expect((await refusal("open/schema.ts")).slice(2)).toEqual(["everybody may write to its folder", "chmod o-w open"]);
  expect((await refusal("importing.ts")).slice(1, 3)).toEqual([
    `${join(folder, "closed/schema.ts")} is code, and was not run`,
    "everybody may write to it",
  ]);
  symlinkSync(join(folder, "open/schema.ts"), join(folder, "link.ts"));
  expect((await refusal("link.ts"))[2]).toBe("everybody may write to its folder");
  const owned = join(folder, "owned/schema.ts");
  if (process.getuid?.() === 0) chownSync(owned, 4321, 4321);
  const owner = statSync(owned).uid;
  expect((await refusal("owned/schema.ts", owner + 1))[2]).toBe(`it belongs to user ${owner}, not to you`);
  expect("zanithModuleRan" in globalThis).toBe(false);
});

test("a missing module and a folder are told apart from code that fails", async () => {
  const folder = tempFolder({ "sub/x.ts": "" });
  const codes = [];
  for (const path of ["none.ts", "sub"]) {
    codes.push((await toolErrorOf(loadSchemaModule(join(folder, path), path))).code);
  }
  expect(codes).toEqual(["file_missing", "file_unreadable"]);
});
