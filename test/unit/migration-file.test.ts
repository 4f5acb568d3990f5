// Migration files: data that is checked before any of it is used, the same bytes for the same operations, read in order.
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ToolError, toolError } from "../../src/base/errors.ts";
import { readMigrations, writeMigration } from "../../src/migration/directory.ts";
import {
  isMigrationId,
  makeMigrationId,
  migrationFromJson,
  migrationToJson,
  operationDigest,
} from "../../src/migration/migration.ts";
import type { Operation } from "../../src/operation/define.ts";
import { operation } from "../../src/operation/define.ts";
import { splitScript } from "../../src/source/sql-script.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { toolErrorOf } from "../support/tool-error.ts";

const id = "20260401_103000_add_login";
const file = `${id}.json`;
const column = { kind: "column", schema: "public", table: "users", name: "last_login", type: "date" } as const;
const addColumn = operation("addColumn", { column });

function refused(text: string, name = file): ToolError {
  try {
    migrationFromJson(text, name);
  } catch (error) {
    return error as ToolError;
  }
  throw toolError({ code: "unexpected", what: "it was read" });
}

function document(change: (document: Record<string, unknown>) => void): string {
  const value = JSON.parse(migrationToJson({ id, from: null, to: null, ops: [addColumn] }));
  change(value);
  return JSON.stringify(value);
}

test("an id is the moment it was made, in UTC, and a name made of small letters", () => {
  const at = new Date("2026-04-01T23:30:05+02:00");
  expect(makeMigrationId(at, "Add last_login (v2)!")).toBe("20260401_213005_add_last_login_v2");
  expect(makeMigrationId(at, "Größe ändern")).toBe("20260401_213005_gro_e_a_ndern");
  expect(makeMigrationId(at, "…")).toBe("20260401_213005_migration");
  expect(isMigrationId(makeMigrationId(at, "x".repeat(500)))).toBe(true);
  for (const bad of ["20260401_a", "20260401_103000", "20260401_103000_", "20260401_103000_A", "../20260401_103000_a"])
    expect(isMigrationId(bad)).toBe(false);
});

test("what is written reads back the same, and reads the same whatever the order of its members", () => {
  const migration = { id, from: "v1:sha256:a", to: "v1:sha256:b", ops: [addColumn] };
  const text = migrationToJson(migration);
  expect(migrationFromJson(text, file)).toEqual({ ...migration, file });
  const { table, type, schema, kind, name } = column;
  const shuffled = operation("addColumn", { column: { type, table, name, schema, kind } });
  expect(migrationToJson({ ...migration, ops: [shuffled] })).toBe(text);
  expect(operationDigest(shuffled)).toBe(operationDigest(addColumn));
  expect(text.endsWith("}\n")).toBe(true);
});

test("members without a value are no part of the file or of the digest", () => {
  const withNothing = { ...addColumn, column: { ...column, comment: undefined } } as Operation;
  expect(migrationToJson({ id, from: null, to: null, ops: [withNothing] })).toBe(
    migrationToJson({ id, from: null, to: null, ops: [addColumn] }),
  );
  expect(operationDigest(withNothing)).toBe(operationDigest(addColumn));
});

test("a refusal names the place inside the file", () => {
  const cases: [string, string, string][] = [
    [document((one) => delete one["ops"]), "format_invalid", "at ops: "],
    [document((one) => Object.assign(one, { extra: 1 })), "format_invalid", "at extra: "],
    [document((one) => Object.assign(one, { ops: [{}] })), "format_invalid", "at ops[0].kind: every operation names"],
    [document((one) => Object.assign(one, { ops: [7] })), "format_invalid", "at ops[0].kind: "],
    [
      document((one) =>
        Object.assign(one, { ops: [addColumn, { kind: "addColumn", column: { ...column, type: 7 } }] }),
      ),
      "format_invalid",
      "at ops[1].column.type: ",
    ],
    [
      document((one) => Object.assign(one, { ops: [{ ...addColumn, further: true }] })),
      "format_invalid",
      "at ops[0].further: ",
    ],
    [document((one) => Object.assign(one, { id: "20260401_103000_other" })), "format_invalid", "at id: it says 2026"],
    [document((one) => Object.assign(one, { id: "other" })), "format_invalid", "at id: an id is "],
    [document((one) => Object.assign(one, { format: 0 })), "format_invalid", "at format: "],
    [
      document((one) => Object.assign(one, { format: 2 })),
      "format_newer",
      "this version reads migration formats up to 1",
    ],
    [`{"format": 1, "__proto__": {}}`, "format_invalid", "at __proto__: "],
    ["{", "format_invalid", "it is not JSON: "],
    ["[]", "format_invalid", ""],
  ];
  for (const [text, code, why] of cases) {
    const error = refused(text);
    expect({ text, code: error.code, why: error.why?.slice(0, why.length) }).toEqual({
      text,
      code: code as never,
      why,
    });
    expect(error.state).toEndWith("nothing was changed");
  }
});

test("a kind that this version does not know is refused by name", () => {
  const error = refused(document((one) => Object.assign(one, { ops: [{ kind: "dropEverything" }] })));
  expect({ code: error.code, what: error.what }).toEqual({
    code: "name_unknown",
    what: '"dropEverything" is not an operation kind',
  });
});

test("a folder is read in the order of ids, .json and .sql together, and what is no migration is left alone", async () => {
  const dir = tempFolder({
    "20260401_000003_c.json": migrationToJson({ id: "20260401_000003_c", from: null, to: null, ops: [] }),
    "20260401_000001_a.sql": "create table a (x int);\n-- a comment; with a semicolon\ninsert into a values (';');",
    "20260401_000002_b.json": migrationToJson({ id: "20260401_000002_b", from: null, to: null, ops: [addColumn] }),
    "README.md": "not a migration",
    ".hidden.json": "{",
  });
  const migrations = await readMigrations(dir, splitScript);
  expect(migrations.map((one) => ({ id: one.id, file: one.file, kinds: one.ops.map(({ kind }) => kind) }))).toEqual([
    { id: "20260401_000001_a", file: "20260401_000001_a.sql", kinds: ["rawSql", "rawSql"] },
    { id: "20260401_000002_b", file: "20260401_000002_b.json", kinds: ["addColumn"] },
    { id: "20260401_000003_c", file: "20260401_000003_c.json", kinds: [] },
  ]);
  expect(await readMigrations(join(dir, "missing"), splitScript)).toEqual([]);
});

test("a folder that cannot be made sense of is refused, naming the file", async () => {
  const json = migrationToJson({ id: "20260401_000001_a", from: null, to: null, ops: [] });
  const cases: [Record<string, string>, string, string][] = [
    [
      { "20260401_000001_a.json": json, "20260401_000001_a.sql": "select 1" },
      "format_invalid",
      "two files are the migration 20260401_000001_a",
    ],
    [{ "Something.sql": "select 1" }, "format_invalid", "Something.sql is not a migration"],
    [{ "package.json": "{}" }, "format_invalid", "package.json is not a valid migration"],
    [{ "20260401_000001_a.sql": "create table (" }, "sql_invalid", "20260401_000001_a.sql"],
    [
      { "20260401_000001_a.sql": "select 1; begin; select 2; commit;" },
      "format_invalid",
      "a.sql cannot be a migration because of its statement 2: begin",
    ],
  ];
  for (const [files, code, what] of cases) {
    const error = await toolErrorOf(readMigrations(tempFolder(files), splitScript));
    expect({ code: error.code, what: error.what }).toEqual({
      code: code as never,
      what: expect.stringContaining(what),
    });
  }
  const folder = tempFolder();
  mkdirSync(join(folder, "20260401_000001_a.sql"));
  const error = await toolErrorOf(readMigrations(folder, splitScript));
  expect({ code: error.code, what: error.what }).toEqual({
    code: "file_unreadable",
    what: "cannot read the migration 20260401_000001_a.sql",
  });
});

test("a file is written once and never over another", () => {
  const dir = join(tempFolder(), "new", "migrations");
  const path = writeMigration(dir, { id, from: null, to: null, ops: [addColumn] });
  expect(path).toBe(join(dir, file));
  const before = readFileSync(path, "utf8");
  expect(() => writeMigration(dir, { id, from: null, to: null, ops: [] })).toThrow(`cannot write ${path}`);
  expect(readFileSync(path, "utf8")).toBe(before);
  expect(existsSync(join(dir, `${id}.json.tmp`))).toBe(false);
});
