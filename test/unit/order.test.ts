// The order of operations: each finds what it needs, cycles included, and the same change always comes in the same order.
import { describe, expect, test } from "bun:test";
import { planOperations } from "../../src/diff/plan-operations.ts";
import { makeGraph, type SchemaGraph } from "../../src/model/graph.ts";
import type { SchemaObject } from "../../src/model/object.ts";
import { kindOf } from "../../src/operation/registry.ts";

const schema = { kind: "schema", name: "public" } as const;

/** A table with its columns, the first of them its primary key. */
function table(name: string, ...columns: [string, ...string[]]): SchemaObject[] {
  return [
    { kind: "table", schema: "public", name },
    ...columns.map((column, at): SchemaObject => {
      const common = { kind: "column", schema: "public", table: name, name: column, position: at + 1 } as const;
      return at === 0 ? { ...common, type: "integer", notNull: true } : { ...common, type: "integer" };
    }),
    { kind: "primaryKey", schema: "public", table: name, name: `${name}_pkey`, columns: [columns[0]] },
  ];
}

function reference(from: string, column: string, to: string, target = "id"): SchemaObject {
  const references = { schema: "public", table: to, columns: [target] };
  return {
    kind: "foreignKey",
    schema: "public",
    table: from,
    name: `${from}_${column}_fkey`,
    columns: [column],
    references,
  };
}

function graph(...objects: readonly (SchemaObject | readonly SchemaObject[])[]): SchemaGraph {
  return makeGraph([schema, ...objects.flat()]);
}

/** What leads from one graph to another, in words. */
function steps(before: SchemaGraph, after: SchemaGraph): string[] {
  return planOperations(before, after).operations.map((op) => `${op.kind} ${kindOf(op.kind).describe(op)}`);
}

const empty = graph();
const circle = graph(
  table("eggs", "id", "hen"),
  table("hens", "id", "egg"),
  reference("eggs", "hen", "hens"),
  reference("hens", "egg", "eggs"),
);

describe("references", () => {
  test("in a circle are made after both tables and ended before both", () => {
    expect(steps(empty, circle)).toEqual([
      "createTable eggs",
      "createTable hens",
      "addForeignKey eggs_hen_fkey on eggs",
      "addForeignKey hens_egg_fkey on hens",
    ]);
    expect(steps(circle, empty)).toEqual([
      "dropForeignKey eggs_hen_fkey on eggs",
      "dropForeignKey hens_egg_fkey on hens",
      "dropTable eggs",
      "dropTable hens",
    ]);
  });

  test("to the table itself are no circle", () => {
    const staff = graph(table("staff", "id", "boss"), reference("staff", "boss", "staff"));
    expect(steps(empty, staff)).toEqual(["createTable staff", "addForeignKey staff_boss_fkey on staff"]);
    expect(steps(staff, empty)).toEqual(["dropForeignKey staff_boss_fkey on staff", "dropTable staff"]);
  });

  test("wait for the key they point at, and the key waits for the references to go", () => {
    const code: SchemaObject = { kind: "unique", schema: "public", table: "a", name: "a_code_key", columns: ["code"] };
    const before = graph(table("a", "id", "code"), table("b", "id", "code"));
    const after = graph(table("a", "id", "code"), table("b", "id", "code"), code, reference("b", "code", "a", "code"));
    expect(steps(before, after)).toEqual(["addUnique a_code_key on a", "addForeignKey b_code_fkey on b"]);
    expect(steps(after, before)).toEqual(["dropForeignKey b_code_fkey on b", "dropUnique a_code_key on a"]);
  });
});

test("a type is there before the columns of it and goes after them", () => {
  const mood: SchemaObject = { kind: "enum", schema: "public", name: "mood", values: ["sad", "ok"] };
  const column: SchemaObject = {
    kind: "column",
    schema: "public",
    table: "users",
    name: "mood",
    position: 2,
    type: "public.mood",
    dependsOn: ["enum:public.mood"],
  };
  const before = graph(table("users", "id"));
  const after = graph(table("users", "id"), mood, column);
  expect(steps(before, after)).toEqual(["createEnum mood", "addColumn users.mood"]);
  expect(steps(after, before)).toEqual(["dropColumn users.mood", "dropEnum mood"]);
});

test("a name is free before another object takes it", () => {
  const index = (on: string): SchemaObject => ({
    kind: "index",
    schema: "public",
    table: on,
    name: "by_id",
    definition: "btree (id)",
    columns: ["id"],
  });
  const tables = [table("a", "id"), table("b", "id")];
  expect(steps(graph(...tables, index("a")), graph(...tables, index("b"))).at(-1)).toStartWith("addIndex by_id");
});

test("the same change comes in the same order, whatever the order in which the objects were found", () => {
  const parts = [..."abcdef"].flatMap((name) => [
    ...table(name, "id", "next"),
    reference(name, "next", name === "f" ? "a" : String.fromCharCode(name.charCodeAt(0) + 1)),
  ]);
  const expected = steps(empty, graph(parts));
  expect(expected).toHaveLength(12);
  for (let turn = 1; turn < parts.length; turn++) {
    expect(steps(empty, graph(parts.slice(turn), parts.slice(0, turn)))).toEqual(expected);
  }
});

test("thousands of tables that all refer to each other are put in order", () => {
  const count = 2_000;
  const parts: SchemaObject[] = [];
  for (let at = 0; at < count; at++) {
    parts.push(...table(`t${at}`, "id", "next"), reference(`t${at}`, "next", `t${(at + 1) % count}`));
  }
  const { operations } = planOperations(empty, graph(parts));
  const kinds = operations.map(({ kind }) => kind);
  expect(kinds.lastIndexOf("createTable")).toBe(count - 1);
  expect(kinds.slice(count)).toEqual(Array(count).fill("addForeignKey"));
});
