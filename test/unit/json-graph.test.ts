/** Graph documents from strangers: what is refused, where it says so, and that a good one survives byte for byte. */
import { expect, test } from "bun:test";
import { isToolError } from "../../src/base/errors.ts";
import { makeGraph } from "../../src/model/graph.ts";
import { graphFromJson, graphHash, graphToJson } from "../../src/model/json.ts";
import type { SchemaObject } from "../../src/model/object.ts";
import { documentLimits } from "../../src/model/parse-json.ts";

const objects: readonly SchemaObject[] = [
  { kind: "schema", name: "public" },
  { kind: "table", schema: "public", name: "users", comment: 'quotes " and \\ and \u2028 é' },
  { kind: "column", schema: "public", table: "users", name: "id", position: 1, type: "bigint", notNull: true },
  {
    kind: "column",
    schema: "public",
    table: "users",
    name: "constructor",
    position: 2,
    type: "text",
    default: "'{'::text",
  },
  { kind: "primaryKey", schema: "public", table: "users", name: "users_pkey", columns: ["id"] },
];
const graph = makeGraph(objects, [{ kind: "view", name: "public.v" }]);
const origin = { migration: "20260402_103000_x", phase: "after", capturedAt: "2026-04-02T10:30:00Z" } as const;
const text = graphToJson(graph, origin);

/** The document with something else in place of one of its texts. */
function changed(from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, () => to);
}

/** Code, path and reason of the refusal. */
function refusalOf(document: string): { code: string; path: unknown; why: string | undefined } {
  try {
    graphFromJson(document, "x.json");
  } catch (error) {
    if (isToolError(error)) return { code: error.code, path: error.details["path"], why: error.why };
    throw error;
  }
  throw new Error("the document was read");
}

test("a document read and written again is the same to the byte", () => {
  const document = graphFromJson(text, "x.json");
  expect(document).toEqual({ graph, origin, hash: graphHash(graph), intact: true });
  expect(graphToJson(document.graph, document.origin)).toBe(text);
});

test("the order of objects and members in a document does not matter", () => {
  const value = JSON.parse(text) as { objects: object[] };
  value.objects = value.objects.reverse().map((object) => Object.fromEntries(Object.entries(object).reverse()));
  const document = graphFromJson(JSON.stringify(value), "x.json");
  expect(document.intact).toBe(true);
  expect(graphToJson(document.graph, document.origin)).toBe(text);
});

test("a document that was edited by hand is read and marked", () => {
  const document = graphFromJson(changed('"type":"bigint"', '"type":"integer"'), "x.json");
  expect(document.intact).toBe(false);
  expect(document.hash).toBe(graphHash(graph));
});

test("the hash knows no order of members, in lists of objects neither", () => {
  // jsonb, in which snapshots are stored, keeps members in the order of the length of their names
  const publication = (table: object): SchemaObject =>
    ({ kind: "publication", name: "news", tables: [table] }) as unknown as SchemaObject;
  const [one, other] = [
    { schema: "public", table: "users" },
    { table: "users", schema: "public" },
  ].map((table) => makeGraph([publication(table)], []));
  expect(one && graphHash(one)).toBe(other && graphHash(other));
  expect(one && graphToJson(one)).toBe(other && graphToJson(other));
});

test("what objects refer to is kept and is no part of the hash", () => {
  const more = objects.map((object) =>
    object.kind === "column" ? { ...object, dependsOn: ["enum:public.role"] } : object,
  );
  const other = makeGraph(more, graph.unmodelled);
  expect(graphHash(other)).toBe(graphHash(graph));
  expect(graphFromJson(graphToJson(other), "x.json").graph).toEqual(other);
});

test("a refusal names the place inside the document", () => {
  expect(refusalOf(changed('"type":"bigint"', '"type":7'))).toEqual({
    code: "format_invalid",
    path: "objects[1].type",
    why: "at objects[1].type: Invalid type: Expected string but received 7",
  });
  expect(refusalOf(changed('"columns":["id"]', '"columns":["id",[]]')).path).toBe("objects[2].columns[1]");
  expect(refusalOf(changed('"kind":"table"', '"kind":"toString"'))).toEqual({
    code: "format_invalid",
    path: "objects[4].kind",
    why: 'at objects[4].kind: "toString" is not a kind of schema object',
  });
  expect(refusalOf(changed('"notNull":true', '"notNull":true,"colour":1')).path).toBe("objects[1].colour");
  expect(refusalOf(changed('"phase": "after"', '"phase": "before"')).path).toBe("phase");
  expect(refusalOf(changed('"phase": "after"', '"phase": "after",\n"extra": 1'))).toMatchObject({ path: "extra" });
});

test("a format that is newer is told apart from a bad document", () => {
  expect(refusalOf(changed('"format": 1', '"format": 2'))).toEqual({
    code: "format_newer",
    path: undefined,
    why: "this version reads formats up to 1",
  });
  expect(refusalOf(changed('"format": 1', '"format": 0')).code).toBe("format_invalid");
  expect(refusalOf(changed('"format": 1', '"format": "1"')).path).toBe("format");
});

test("an object that is there twice is refused", () => {
  const line = text.split("\n").find((candidate) => candidate.includes('"users_pkey"')) ?? "";
  expect(refusalOf(changed(line, `${line}\n${line.replace(/,?$/, ",")}`.replace(/^(.*[^,])\n/, "$1,\n"))).why).toBe(
    "at objects[3]: primaryKey:public.users.users_pkey is there twice",
  );
});

test("a member that an object says twice is refused with its place, however it is spelt and wherever it is", () => {
  const twice = (why: string) => `at ${why}, and only one could count`;
  const cases: readonly (readonly [from: string, to: string, path: string, name: string])[] = [
    ['"format": 1', '"format": 1,\n"format": 1', "", "format"],
    ['"name":"public"', '"name":"private","name":"public"', "objects[3]", "name"],
    ['"position":1', '"position":1,"\\u0070osition":1', "objects[1]", "position"],
    ['"columns":["id"]', '"columns":["id"], "columns" : ["id"]', "objects[2]", "columns"],
  ];
  for (const [from, to, path, name] of cases) {
    const said = `the member "${name}" is there twice`;
    expect(refusalOf(changed(from, to))).toEqual({
      code: "format_invalid",
      path,
      why: path === "" ? `${said}, and only one could count` : twice(`${path}: ${said}`),
    });
  }
  expect(refusalOf('{"a": {"b": [1, {"c": 1, "c": 2}]}}').path).toBe("a.b[1]");
  expect(refusalOf('{"a": ["x", "x"], "b": "a\\":", "c": {"a": 1}}').why).not.toContain("twice");
});

test("a part without what it is part of is refused", () => {
  const orphan = graphToJson(makeGraph(objects.filter(({ kind }) => kind !== "table")));
  expect(refusalOf(orphan).why).toBe("at objects[0]: it is part of table:public.users, which is not in the document");
});

test("members that would reach an object's prototype are refused, however they are spelt", () => {
  for (const name of ["__proto__", "\\u005f_proto__", "constructor", "prototype", "\\u0070rototype"]) {
    const poisoned = changed('"notNull":true', `"notNull":true,"${name}":{"polluted":true}`);
    const plain = JSON.parse(`"${name}"`) as string;
    expect(refusalOf(poisoned)).toEqual({
      code: "format_invalid",
      path: `objects[1].${plain}`,
      why: `at objects[1].${plain}: a member may not be named ${plain}`,
    });
  }
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("such names are fine as names of things", () => {
  expect(graphFromJson(text, "x.json").graph.objects.has("column:public.users.constructor")).toBe(true);
});

test("a document nested too deeply is refused before it is parsed", () => {
  const deep = `${"[".repeat(5_000_000)}${"]".repeat(5_000_000)}`;
  expect(refusalOf(deep).why).toBe(`it is nested deeper than ${documentLimits.depth} levels`);
  expect(refusalOf(changed('"notNull":true', `"x":${"[".repeat(40)}${"]".repeat(40)}`)).why).toContain("nested deeper");
  // Brackets inside texts are no nesting.
  expect(graphFromJson(changed("'{'::text", `'${"[{".repeat(100)}'::text`), "x.json").intact).toBe(false);
});

test("what is no JSON, or no graph, is refused", () => {
  for (const document of ["", "{", "null", "[]", '"text"', text.slice(0, -3), `${text}x`]) {
    expect(refusalOf(document).code).toBe("format_invalid");
  }
});

test("names and texts Postgres could not hold are refused", () => {
  const places = [
    ['"name":"users_pkey"', `"name":"${"x".repeat(64)}"`, "objects[2].name"],
    ['"name":"users_pkey"', '"name":""', "objects[2].name"],
    ['"type":"bigint"', '"type":"big\\u0000int"', "objects[1].type"],
    ['"type":"bigint"', '"type":"\\ud800"', "objects[1].type"],
  ] as const;
  for (const [from, to, path] of places) {
    expect(refusalOf(changed(from, to))).toMatchObject({ code: "format_invalid", path });
  }
});
