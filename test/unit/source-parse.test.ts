/** Telling sources apart by how they are written. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { isToolError } from "../../src/base/errors.ts";
import { absoluteSource, describeSource, isOffline, parseSource } from "../../src/source/source.ts";
import { tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder({ "schema/1.sql": "", "odd.sql/1.sql": "", "notes.txt": "" });

test("each form of a source is recognised, and files need not exist", () => {
  const texts = ["schema", "odd.sql", "a/b.SQL", "s.ts", "s.mts", "g.json", "g.json.gz", "/abs/x.sql"];
  expect(texts.map((text) => parseSource(text, folder))).toEqual([
    { kind: "sql", path: join(folder, "schema"), shown: "schema" },
    { kind: "sql", path: join(folder, "odd.sql"), shown: "odd.sql" },
    { kind: "sql", path: join(folder, "a/b.SQL"), shown: "a/b.SQL" },
    { kind: "module", path: join(folder, "s.ts"), shown: "s.ts" },
    { kind: "module", path: join(folder, "s.mts"), shown: "s.mts" },
    { kind: "json", path: join(folder, "g.json"), shown: "g.json" },
    { kind: "json", path: join(folder, "g.json.gz"), shown: "g.json.gz" },
    { kind: "sql", path: "/abs/x.sql", shown: "/abs/x.sql" },
  ]);
  expect(
    ["empty", "live", "snapshot:20260101_000000_a", "postgresql://h/d"].map((text) => parseSource(text, folder)),
  ).toEqual([
    { kind: "empty" },
    { kind: "live" },
    { kind: "snapshot", id: "20260101_000000_a" },
    { kind: "url", url: "postgresql://h/d" },
  ]);
});

test("a source in words shows no user and no password", () => {
  expect(describeSource(parseSource("postgres://bob:secret@db:5433/shop?sslmode=require", folder))).toBe(
    "postgres://db/shop",
  );
  expect(["schema", "empty", "live", "snapshot:a"].map((text) => describeSource(parseSource(text, folder)))).toEqual([
    "schema",
    "the empty schema",
    "the live database",
    "snapshot:a",
  ]);
});

test("only graphs in files and the empty schema need no database", () => {
  const offline = ["g.json", "empty", "s.ts", "s.sql", "live", "snapshot:a", "postgres://h/d"].filter((text) =>
    isOffline(parseSource(text, folder)),
  );
  expect(offline).toEqual(["g.json", "empty"]);
});

test("anything else is a usage error that lists the forms and repeats no secret", () => {
  const errors = ["notes.txt", "nowhere", "", "snapshot:", "mysql://bob:secret@db/x", "bob:secret@db"].map((text) => {
    try {
      return parseSource(text, folder);
    } catch (error) {
      return isToolError(error, "usage") ? [error.what, error.why] : error;
    }
  });
  expect(errors).toEqual([
    ['"notes.txt" is not a source of a schema', "the file's name does not tell what it is"],
    ['"nowhere" is not a source of a schema', "it is neither a file nor a folder"],
    ['"" is not a source of a schema', "it is no path"],
    ['"snapshot:" is not a source of a schema', "no migration id follows snapshot:"],
    ["the text given is not a source of a schema", "it is neither a file nor a folder"],
    ["the text given is not a source of a schema", "it is neither a file nor a folder"],
  ]);
});

test("paths become absolute against a folder, other sources stay as they are", () => {
  const texts = ["db/schema.sql", "/abs.ts", "empty", "live", "snapshot:x", "postgres://h/d"];
  expect(texts.map((text) => absoluteSource(text, "/etc/app"))).toEqual([
    "/etc/app/db/schema.sql",
    "/abs.ts",
    "empty",
    "live",
    "snapshot:x",
    "postgres://h/d",
  ]);
});
