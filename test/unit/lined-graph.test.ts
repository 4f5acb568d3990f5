/** Graphs that are read from their lines as far as somebody asks: they tell the same as graphs that are read at once. */
import { expect, test } from "bun:test";
import { storedLarge } from "../../scripts/large-fixtures.ts";
import { isToolError } from "../../src/base/errors.ts";
import { hashText } from "../../src/base/hash.ts";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import { partRenames } from "../../src/diff/part-renames.ts";
import { renameCandidates, unsettledRenames } from "../../src/diff/renames.ts";
import { makeGraph, type SchemaGraph } from "../../src/model/graph.ts";
import { graphFromJson, graphFromValue, graphToJson } from "../../src/model/json.ts";
import { graphSize } from "../../src/model/lined-graph.ts";

const { before, after } = storedLarge();
const lined = (text: string): SchemaGraph => graphFromJson(text, "x.json").graph;
const atOnce = (text: string): SchemaGraph => graphFromValue(JSON.parse(text), "x.json").graph;

/** A document with the right hash for objects that no schema has. */
function forged(from: string, to: string): string {
  const objects = [
    { kind: "schema", name: "public" },
    { kind: "table", name: "users", schema: "public" },
  ] as const;
  const text = graphToJson(makeGraph(objects));
  const lines = objects.map((object) => JSON.stringify(object).replace(from, () => to));
  const changed = text.replace(/\n\{.*\n\]/s, () => `\n${lines.join(",\n")}\n]`);
  expect(changed).not.toBe(text);
  return changed.replace(/v1:sha256:[0-9a-f]+/, hashText(lines.join("\n")));
}

test("two documents compare as their graphs do, whether anybody has read their objects or not", () => {
  const expected = diffGraphs(atOnce(before), atOnce(after));
  expect(expected.length).toBeGreaterThan(500);
  expect(diffGraphs(lined(before), lined(after))).toEqual(expected);
  const [left, right] = [lined(before), lined(after)];
  expect(left.objects.size).toBe(atOnce(before).objects.size);
  expect(diffGraphs(left, right)).toEqual(expected);
  expect(diffGraphs(lined(after), lined(after))).toEqual([]);
});

test("a document compares with objects that came from elsewhere as their graphs do", () => {
  const expected = diffGraphs(atOnce(before), atOnce(after));
  const back = diffGraphs(atOnce(after), atOnce(before));
  expect(diffGraphs(atOnce(before), lined(after))).toEqual(expected);
  expect(diffGraphs(lined(after), atOnce(before))).toEqual(back);
  expect(diffGraphs(atOnce(before), lined(before))).toEqual([]);
  expect(diffGraphs(makeGraph([]), lined(after))).toEqual(diffGraphs(makeGraph([]), atOnce(after)));
  expect(diffGraphs(lined(after), makeGraph([]))).toEqual(diffGraphs(atOnce(after), makeGraph([])));
});

test("an object that is in a document twice is refused as well beside objects that came from elsewhere", () => {
  const objects = [
    { kind: "schema", name: "app" },
    { kind: "schema", name: "public" },
  ] as const;
  const lines = objects.map((object) => JSON.stringify(object));
  const twice = [...lines, lines[1]];
  const document = graphToJson(makeGraph(objects))
    .replace(lines.join(",\n"), () => twice.join(",\n"))
    .replace(/v1:sha256:[0-9a-f]+/, hashText(twice.join("\n")));
  expect(() => diffGraphs(makeGraph(objects), lined(document))).toThrow("x.json");
});

test("what looks like a rename is found from the lines alone", () => {
  const candidates = renameCandidates(atOnce(before), atOnce(after));
  expect(candidates.length).toBeGreaterThan(5);
  expect(renameCandidates(lined(before), lined(after))).toEqual(candidates);
  expect(partRenames(lined(before), lined(after))).toEqual(partRenames(atOnce(before), atOnce(after)));
});

test("models and relations are counted without reading all objects", () => {
  expect(graphSize(lined(before))).toEqual({ models: 1000, relations: 3967 });
  expect(graphSize(lined(after))).toEqual(graphSize(atOnce(after)));
  expect(graphSize(lined(graphToJson(makeGraph([{ kind: "schema", name: "public" }]))))).toEqual({
    models: 0,
    relations: 0,
  });
});

test("lines that two documents share never become objects, not even to look for renames", () => {
  const document = forged('"schema":"public"', '"schema":7');
  expect(unsettledRenames(lined(document), lined(document), [])).toEqual([]);
});

test("a forged document with the right hash is refused with the place, where its objects are asked for", () => {
  const placeOf = (document: string, read: (graph: SchemaGraph) => unknown): unknown => {
    const { graph, intact } = graphFromJson(document, "x.json");
    expect(intact).toBe(true);
    try {
      read(graph);
    } catch (error) {
      return isToolError(error, "format_invalid") && error.details["path"];
    }
    return "it was read";
  };
  for (const [from, to, place] of [
    ['"schema":"public"', '"schema":7', "objects[1].schema"],
    ['"kind":"table"', '"kind":"tabel"', "objects[1].kind"],
    ['"name":"users"', '"__name":"users"', "objects[1].name"],
  ] as const) {
    expect(placeOf(forged(from, to), (graph) => graph.objects)).toBe(place);
    expect(placeOf(forged(from, to), (graph) => diffGraphs(graph, lined(before)))).toBe(place);
  }
});

test("a forged document with the right hash is refused where a member is there twice", () => {
  const document = forged('"name":"users"', '"name":"admins","name":"users"');
  const whyOf = (read: () => unknown): string | undefined => {
    try {
      read();
    } catch (error) {
      if (isToolError(error)) return error.why;
      throw error;
    }
    return undefined;
  };
  const why = 'at objects[1]: the member "name" is there twice, and only one could count';
  expect(whyOf(() => lined(document).objects)).toBe(why);
  expect(whyOf(() => diffGraphs(lined(document), lined(before)))).toBe(why);
});
