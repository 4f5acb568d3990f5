// The table of object kinds in src/README.md: no kind of the model is missing, and every operation it names exists.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { objectSchemas } from "../../src/model/object.ts";
import { operationKinds } from "../../src/operation/registry.ts";

const readme = await Bun.file(join(import.meta.dir, "..", "..", "src", "README.md")).text();
const rows = [...readme.matchAll(/^\| `(\w+)` \|(.+)\|$/gm)].map(([, kind = "", cells = ""]) => ({ kind, cells }));

test("every kind of the model has one row", () => {
  expect(rows.map(({ kind }) => kind).sort()).toEqual(Object.keys(objectSchemas).sort());
});

test("every operation that the table names exists", () => {
  const known = new Set(operationKinds.map(({ kind }) => kind));
  const named = rows.flatMap(({ cells }) => [...cells.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
