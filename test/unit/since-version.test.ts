// A plan for a server that lacks what a step needs is refused by name, before anything runs.
import { describe, expect, test } from "bun:test";
import { isToolError } from "../../src/base/errors.ts";
import { makeGraph } from "../../src/model/graph.ts";
import type { Operation } from "../../src/operation/define.ts";
import { planSteps } from "../../src/risk/plan.ts";

const place = { schema: "public", table: "t", name: "x" };
const before = makeGraph([
  { kind: "schema", name: "public" },
  { kind: "table", schema: "public", name: "t" },
  { kind: "column", schema: "public", table: "t", name: "a", type: "integer" },
]);

const needs: readonly (readonly [since: number, words: string, op: Operation & Record<string, unknown>])[] = [
  [
    15,
    "NULLS NOT DISTINCT",
    { kind: "addUnique", unique: { kind: "unique", ...place, columns: ["a"], nullsNotDistinct: true } },
  ],
  [
    18,
    "NOT ENFORCED",
    { kind: "addCheck", check: { kind: "check", ...place, expression: "(a > 0)", notEnforced: true } },
  ],
  [
    15,
    "security_invoker",
    {
      kind: "createView",
      view: {
        kind: "view",
        schema: "public",
        name: "v",
        columns: [{ name: "a", type: "integer" }],
        definition: "SELECT a\n   FROM public.t",
        options: ["security_invoker=true"],
      },
    },
  ],
];

describe.each(needs.map(([since, words, op]) => ({ since, words, op })))("$words", ({ since, words, op }) => {
  test("is planned for the first version that has it", () => {
    expect(planSteps([op], before, { server: since * 10_000 })).toHaveLength(1);
  });

  test("is refused for the version before", () => {
    expect(refusal(() => planSteps([op], before, { server: since * 10_000 - 1 }))).toEqual({
      code: "not_supported",
      why: `${words} exists from Postgres ${since} on, and this server is Postgres ${since - 1}`,
    });
  });
});

function refusal(plan: () => unknown): unknown {
  try {
    return plan();
  } catch (error) {
    return isToolError(error) ? { code: error.code, why: error.why } : error;
  }
}
