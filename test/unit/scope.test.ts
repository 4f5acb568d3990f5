/** What a comparison is about: patterns, what follows what they match, and what is refused. */
import { expect, test } from "bun:test";
import { isToolError } from "../../src/base/errors.ts";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import { isScopePattern, requireModelled, type Scope, withinScope } from "../../src/diff/scope.ts";
import { makeGraph, type SchemaGraph } from "../../src/model/graph.ts";
import type { SchemaObject } from "../../src/model/object.ts";

const table = (schema: string, name: string, ...columns: string[]): SchemaObject[] => [
  { kind: "table", schema, name },
  ...columns.map(
    (column, at): SchemaObject => ({
      kind: "column",
      schema,
      table: name,
      name: column,
      position: at + 1,
      type: "text",
    }),
  ),
];
const schemas: SchemaObject[] = [
  { kind: "schema", name: "public" },
  { kind: "schema", name: "legacy" },
];
const before = makeGraph([...schemas, ...table("public", "users", "a"), ...table("legacy", "old", "x")]);
const after = makeGraph([...schemas, ...table("public", "users", "a", "b"), ...table("public", "tmp_1", "t")]);

/** What would be planned within a scope. */
function changed(scope: Scope, from: SchemaGraph = before, to: SchemaGraph = after): string[] {
  return diffGraphs(from, withinScope(from, to, scope)).map(({ type, id }) => `${type} ${id}`);
}

function refusalOf(body: () => unknown): { readonly what: string; readonly why: string | undefined } {
  try {
    body();
  } catch (error) {
    if (isToolError(error)) return { what: error.what, why: error.why };
    throw error;
  }
  throw new Error("nothing was refused");
}

test("without patterns a comparison is about everything", () => {
  expect(withinScope(before, after, {})).toBe(after);
  expect(changed({})).toEqual([
    "drop column:legacy.old.x",
    "drop table:legacy.old",
    "create column:public.tmp_1.t",
    "create column:public.users.b",
    "create table:public.tmp_1",
  ]);
});

test("what is in an excluded schema stays, with all its parts", () => {
  expect(changed({ exclude: ["schema:legacy", "table:public.tmp_*"] })).toEqual(["create column:public.users.b"]);
  expect(changed({ exclude: ["legacy.*", "*.tmp_*"] })).toEqual(["create column:public.users.b"]);
});

test("only what is included changes, less what is excluded", () => {
  expect(changed({ include: ["schema:legacy"] })).toEqual(["drop column:legacy.old.x", "drop table:legacy.old"]);
  expect(changed({ include: ["table:public.*"], exclude: ["*:public.tmp_1"] })).toEqual([
    "create column:public.users.b",
  ]);
  expect(changed({ include: ["column:*.b"] })).toEqual(["create column:public.users.b"]);
});

test("a name is matched whole, and no sign but the star means anything", () => {
  expect(changed({ include: ["table:public.user"] })).toEqual([]);
  expect(changed({ include: ["table:public.user?"] })).toEqual([]);
  expect(changed({ include: ["table:publicxusers"] })).toEqual([]);
});

test("something in scope that needs something out of scope is refused by name", () => {
  const view: SchemaObject = {
    kind: "view",
    schema: "public",
    name: "seen",
    definition: "select t from public.tmp_1",
    columns: [{ name: "t", type: "text" }],
    dependsOn: ["column:public.tmp_1.t", "table:public.tmp_1"],
  };
  const wanted = makeGraph([...after.objects.values(), view]);
  expect(refusalOf(() => changed({ include: ["view:*"] }, before, wanted))).toEqual({
    what: "view:public.seen needs column:public.tmp_1.t, and only one of them is in scope",
    why: "what is out of scope stays as it is; 1 other object is missing too",
  });
});

test("patterns name kinds that exist", () => {
  const texts = ["table:a.*", "*:x", "x", "*", "materializedView:app.*", "tabel:x", "a:b:c", "", "table:"];
  expect(texts.filter(isScopePattern)).toEqual(["table:a.*", "*:x", "x", "*", "materializedView:app.*"]);
});

test("strict refuses what is not modelled, unless it is excluded", () => {
  const unmodelled = [
    { kind: "operator", name: "public.===" },
    { kind: "cast", name: "legacy.thing" },
  ];
  expect(refusalOf(() => requireModelled({}, unmodelled, unmodelled))).toEqual({
    what: "2 objects are not modelled, and --strict asks for all to be",
    why: "cast legacy.thing, operator public.===",
  });
  expect(refusalOf(() => requireModelled({ exclude: ["schema:legacy"] }, unmodelled)).why).toBe("operator public.===");
  expect(requireModelled({ exclude: ["schema:legacy", "public.*"] }, unmodelled)).toBeUndefined();
});
