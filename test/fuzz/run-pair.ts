/** Takes a pair of random schemas through the oracles of the scenarios, both ways, and says in words what is wrong. */
import { runScenario, type WayReport } from "../scenario/run-scenario.ts";
import type { SidePool } from "../scenario/side-pool.ts";
import type { Scenario, Way } from "../support/scenario.ts";
import { type SchemaPair, scriptOf } from "./items.ts";

/** What came of a pair. */
export interface PairReport {
  /** what is wrong, one line each; none when all is well */
  readonly defects: readonly string[];
  /** what the tool said it cannot do, in its words */
  readonly refusals: readonly string[];
}

/** Runs a pair; a schema that does not load is a defect of the drawing and reported as one. */
export async function runPair(pair: SchemaPair, pool: SidePool, dumps: boolean): Promise<PairReport> {
  const [before, after] = [scriptOf(pair.before), scriptOf(pair.after)];
  const way = (from: string, to: string): Way => ({ from, seed: "", to, renames: [], budget: {} });
  const scenario: Scenario = {
    name: "random",
    there: way(before, after),
    back: way(after, before),
    since: 14,
    extensions: [],
    columnOrder: false,
    changedValues: [],
  };
  try {
    const { there, back } = await runScenario(scenario, pool, dumps);
    const found = [judge("there", there), judge("back", back)];
    return { defects: found.flatMap(({ defects }) => defects), refusals: found.flatMap(({ refusals }) => refusals) };
  } catch (error) {
    return { defects: [`does not load: ${error instanceof Error ? error.message : String(error)}`], refusals: [] };
  }
}

/** What Postgres can only do by dropping rows, which the tool refuses by design. */
const honestRefusal = /^no plan: cannot change .*which holds rows, refers to it/s;

function judge(name: string, report: WayReport): PairReport {
  const { failure, left, recreated, result, target } = report;
  if (failure !== undefined) {
    return honestRefusal.test(failure)
      ? { defects: [], refusals: [failure] }
      : { defects: [`${name}: ${failure}`], refusals: [] };
  }
  const defects = [
    ...(left.length > 0 ? [`${name}: a second plan is not empty: ${left.join(", ")}`] : []),
    ...recreated.map((id) => `${name}: drops ${id}, which both have`),
    ...(result.dump === target.dump ? [] : [`${name}: dumps differ: ${differingLines(result.dump, target.dump)}`]),
  ];
  return { defects, refusals: [] };
}

function differingLines(result: string, target: string): string {
  const [have, want] = [result.split("\n"), target.split("\n")];
  const only = (lines: string[], others: string[], sign: string): string[] => {
    const known = new Set(others);
    return lines.filter((line) => !known.has(line)).map((line) => `${sign}${line}`);
  };
  return [...only(have, want, "+"), ...only(want, have, "-")].slice(0, 6).join(" | ").slice(0, 1500);
}
