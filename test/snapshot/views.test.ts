// The views of a comparison as golden files, for a small pair of hostile names and for the large fixtures; all offline.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { makeGraph } from "../../src/model/graph.ts";
import { graphToJson } from "../../src/model/json.ts";
import { expectGolden } from "../support/golden.ts";
import { runCli } from "../support/run-cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const golden = (name: string): string => join(import.meta.dir, "golden", name);
const large = (name: string): string => join(import.meta.dir, "..", "..", "fixtures", "large", `${name}.json.gz`);
const hostile = 'a"b.c</td><script>alert(1)</script> \u001b[31m\u202e`` | *x*';
const table = { kind: "table", schema: "public", name: hostile } as const;
const column = { kind: "column", schema: "public", table: hostile, position: 1 } as const;
const before = makeGraph([
  { kind: "schema", name: "public" },
  table,
  { ...column, name: "id", type: "bigint", notNull: true },
  { ...column, name: "__proto__", position: 2, type: "text", comment: "first\nsecond ```" },
  { kind: "primaryKey", schema: "public", table: hostile, name: "pk", columns: ["id"] },
]);
const after = makeGraph([
  { kind: "schema", name: "public" },
  { ...table, comment: "<b>bold</b>" },
  { ...column, name: "id", type: "bigint", notNull: true },
  { ...column, name: "parent", position: 2, type: "bigint" },
  { kind: "primaryKey", schema: "public", table: hostile, name: "pk", columns: ["id"] },
  {
    kind: "foreignKey",
    schema: "public",
    table: hostile,
    name: "self",
    columns: ["parent"],
    references: { schema: "public", table: hostile, columns: ["id"] },
  },
]);

const folder = tempFolder({ "a.json": graphToJson(before), "b.json": graphToJson(after) });
// A port nobody listens on: any attempt to connect would fail the command.
const offline = { ZANITH_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };
const zanith = async (args: readonly string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runCli(args, { cwd: folder, env: offline });
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout;
};

const views = ["", "--summary", "--unified", "--side-by-side", "--markdown", "--html", "--json"];

describe("views of a small pair with hostile names", () => {
  for (const view of views) {
    test(`snapshot diff ${view}`, async () => {
      const text = await zanith(["snapshot", "diff", "a.json", "b.json", ...(view === "" ? [] : [view])]);
      expectGolden(golden(`small${view}.txt`), text);
      expect(text).not.toContain("\u001b");
      expect(text).not.toContain("\u202e");
      if (view === "--html") expect(text.match(/<script/g)).toHaveLength(1);
    });
  }

  test("relations of a model as text, Graphviz and Mermaid", async () => {
    const shown = ["text", "graphviz", "mermaid"].map((format) =>
      zanith(["snapshot", "show", `public.${hostile}`, "--at", "b.json", "--relations", "2", "--format", format]),
    );
    expectGolden(golden("small-relations.txt"), (await Promise.all(shown)).join("\n"));
  });
});

describe("views of the large pair", () => {
  for (const view of ["", "--summary", "--unified"]) {
    test(`snapshot diff ${view}`, async () => {
      const text = await zanith(["snapshot", "diff", large("before"), large("after"), ...(view === "" ? [] : [view])]);
      expectGolden(golden(`large${view}.txt`), text);
    });
  }

  test("the page of the large pair is the same bytes twice and asks for nothing from outside", async () => {
    const [one, two] = await Promise.all(
      [0, 1].map(() => zanith(["snapshot", "diff", large("before"), large("after"), "--html"])),
    );
    expect(one).toBe(two ?? "");
    expect(one).toContain("default-src 'none'");
    expect(one).not.toMatch(/(?:src|href)=/);
  });
});

test("an edited export is named and still shown", async () => {
  const edited = graphToJson(before).replace('"bigint"', '"integer"');
  const place = tempFolder({ "edited.json": edited, "b.json": graphToJson(after) });
  const { exitCode, stdout, stderr } = await runCli(["snapshot", "diff", "edited.json", "b.json", "--summary"], {
    cwd: place,
    env: offline,
  });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: "note: edited.json was edited by hand: its hash is not that of its content\n",
  });
  expect(stdout).toContain("column");
});
