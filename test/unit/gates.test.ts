// The seven gates as pure judgement: what each needs to know, what it says, and which of several refusals comes first.
import { expect, test } from "bun:test";
import { emptyGraph } from "../../src/model/graph.ts";
import { type Operation, operation } from "../../src/operation/define.ts";
import {
  describeRows,
  evaluateGates,
  type GateFacts,
  gateNames,
  type OffendingRows,
  refusedBy,
} from "../../src/risk/gates.ts";
import { type GateSettings, type Mode, modeDefaults, modes } from "../../src/risk/modes.ts";
import { planSteps } from "../../src/risk/plan.ts";

const addColumn = operation("addColumn", {
  column: { kind: "column", schema: "public", table: "users", name: "age", type: "integer" },
});
const addIndex = operation("addIndex", {
  index: {
    kind: "index",
    schema: "public",
    table: "users",
    name: "users_age",
    definition: "btree (age)",
    columns: ["age"],
  },
});
const dropColumn = operation("dropColumn", { schema: "public", table: "users", name: "age" });

const fine: GateFacts = { migration: "m", offending: [], verified: true, drift: [], confirmed: true };
const nulls: OffendingRows = {
  step: 1,
  probe: "nulls",
  question: "rows without age",
  columns: ["id", "name"],
  rows: [
    ["1", null],
    ["2", "b"],
  ],
  advice: "fill them",
};

function gates(operations: readonly Operation[], settings: Mode | GateSettings, facts: Partial<GateFacts> = {}) {
  const judged = typeof settings === "string" ? modeDefaults(settings) : settings;
  return evaluateGates(planSteps(operations, emptyGraph), judged, { ...fine, ...facts });
}

function statuses(operations: readonly Operation[], settings: Mode | GateSettings, facts: Partial<GateFacts> = {}) {
  return Object.fromEntries(gates(operations, settings, facts).map(({ gate, status }) => [gate, status]));
}

test("there are seven, always all of them, in one order", () => {
  for (const mode of modes) expect(gates([addColumn], mode).map(({ gate }) => gate)).toEqual([...gateNames]);
  expect(gateNames).toHaveLength(7);
});

test("the modes set ceilings of none, 80 and 60, and the two strict ones ask for proof and confirmation", () => {
  const common = { allowDestructive: false, failOn: [] };
  expect(modes.map((mode) => modeDefaults(mode))).toEqual([
    { ...common, requireVerified: false, requireConfirmation: false },
    { ...common, maxRisk: 80, requireVerified: true, requireConfirmation: true },
    { ...common, maxRisk: 60, requireVerified: true, requireConfirmation: true },
  ]);
});

test("a step at the ceiling passes, one above it does not, and the refusal names the ceiling", () => {
  const settings = { ...modeDefaults("development"), maxRisk: 15 };
  expect(statuses([addIndex], settings)["max-risk"]).toBe("passed");
  expect(gates([addColumn, addIndex], { ...settings, maxRisk: 14 })[0]).toEqual({
    gate: "max-risk",
    status: "failed",
    why: "step 1 addIndex users_age on users scores 15, the ceiling is 14",
    how: "--max-risk 15",
    step: 1,
    refusal: "max risk 14",
  });
  expect(statuses([dropColumn], { ...settings, maxRisk: 0 })["max-risk"]).toBe("failed");
  expect(statuses([], { ...settings, maxRisk: 0 })["max-risk"]).toBe("passed");
});

test("without a database, what needs one is pending and refuses nothing", () => {
  const offline = evaluateGates(planSteps([addColumn], emptyGraph), modeDefaults("production"), { migration: "m" });
  expect(Object.fromEntries(offline.map(({ gate, status }) => [gate, status]))).toEqual({
    "max-risk": "passed",
    "allow-destructive": "passed",
    "fail-on": "passed",
    preflight: "pending",
    verified: "pending",
    drift: "pending",
    confirm: "pending",
  });
  expect(refusedBy(offline)).toBeUndefined();
});

test("the first gate that refuses speaks for all", () => {
  const bad = { offending: [nulls], verified: false, drift: ["x is gone"], confirmed: false };
  const settings = { ...modeDefaults("production"), failOn: ["drops_column_with_data"] };
  expect(gates([dropColumn], settings, bad).map(({ status }) => status)).toEqual(Array(7).fill("failed"));
  const names: string[] = [];
  let facts: Partial<GateFacts> = bad;
  let eased: GateSettings = settings;
  for (const ease of [
    () => (eased = { ...eased, maxRisk: 80 }),
    () => (eased = { ...eased, allowDestructive: true }),
    () => (eased = { ...eased, failOn: [] }),
    () => (facts = { ...facts, offending: [] }),
    () => (facts = { ...facts, verified: true }),
    () => (facts = { ...facts, drift: [] }),
    () => (facts = { ...facts, confirmed: true }),
  ]) {
    names.push(refusedBy(gates([dropColumn], eased, facts))?.gate ?? "none");
    ease();
  }
  expect(names).toEqual([...gateNames]);
  expect(refusedBy(gates([dropColumn], eased, facts))).toBeUndefined();
});

test("what probes found is shown row by row, with what to do about it", () => {
  expect(gates([addColumn], "development", { offending: [nulls] })[3]).toEqual({
    gate: "preflight",
    status: "failed",
    why: "rows without age: (id, name) = (1, null), (2, b)",
    how: "fill them",
    step: 1,
    refusal: "preflight nulls",
    offending: [nulls],
  });
  expect(describeRows({ ...nulls, columns: [], rows: [[], []] })).toBe("2 rows");
});

test("proof counts where it is not asked for, too", () => {
  expect(statuses([addColumn], "development", { verified: true })["verified"]).toBe("passed");
  expect(statuses([addColumn], "development", { verified: false })["verified"]).toBe("off");
});
