// What has to be made again never takes a table or a plain column with it: their rows would be gone.
import { expect, test } from "bun:test";
import { planOperations } from "../../src/diff/plan-operations.ts";
import { makeGraph, type SchemaGraph } from "../../src/model/graph.ts";
import type { Column, SchemaObject } from "../../src/model/object.ts";
import { toolErrorOf } from "../support/tool-error.ts";

const column: Column = { kind: "column", schema: "public", table: "t", name: "a", position: 1, type: "bigint" };

test("a column's default goes before the function it calls is made again and comes back after", () => {
  const called: Column = { ...column, default: "f()", dependsOn: ["function:public.f()"] };
  const { operations } = planOperations(schemaWith("integer", called), schemaWith("bigint", called));
  expect(operations.map(({ kind, ...op }) => [kind, "to" in op ? op.to : undefined])).toEqual([
    ["alterColumnDefault", undefined],
    ["dropFunction", undefined],
    ["createFunction", undefined],
    ["alterColumnDefault", "f()"],
  ]);
});

test("a default that changes as well is given back as it will be", () => {
  const called: Column = { ...column, default: "f()", dependsOn: ["function:public.f()"] };
  const { operations } = planOperations(
    schemaWith("integer", called),
    schemaWith("bigint", { ...column, default: "1" }),
  );
  expect(operations.filter(({ kind }) => kind === "alterColumnDefault")).toEqual([
    { kind: "alterColumnDefault", schema: "public", table: "t", name: "a", from: "f()" } as never,
    { kind: "alterColumnDefault", schema: "public", table: "t", name: "a", to: "1" } as never,
  ]);
});

test("a column that cannot let go of what has to be made again is a reason to refuse", async () => {
  const bound: Column = { ...column, dependsOn: ["function:public.f()"] };
  const error = await toolErrorOf(
    Promise.resolve().then(() => planOperations(schemaWith("integer", bound), schemaWith("bigint", bound))),
  );
  expect([error.code, error.what, error.why]).toEqual([
    "not_supported",
    "cannot change function public.f()",
    "Postgres would have to make it anew, and column public.t.a, which holds rows, refers to it",
  ]);
});

function schemaWith(returns: string, column: Column): SchemaGraph {
  const objects: SchemaObject[] = [
    { kind: "schema", name: "public" },
    { kind: "table", schema: "public", name: "t" },
    column,
    {
      kind: "function",
      schema: "public",
      name: "f",
      arguments: "",
      returns,
      definition: `CREATE OR REPLACE FUNCTION public.f()\n RETURNS ${returns}\n LANGUAGE sql\nAS $function$select 1$function$\n`,
    },
  ];
  return makeGraph(objects);
}
