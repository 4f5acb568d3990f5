/** A schema as a SQL script that psql can run: the statements that make it from nothing, and what it leaves out, named. */
import { safeText } from "../base/text.ts";
import type { Unmodelled } from "../model/graph.ts";
import { type PlannedStep, stepSql } from "../risk/plan.ts";

/** The script of some steps. Names of objects that are not modelled stand in comments, made safe for one line. */
export function schemaScript(steps: readonly PlannedStep[], unmodelled: readonly Unmodelled[]): string {
  const parts = steps.map(stepSql);
  if (unmodelled.length > 0) {
    const names = unmodelled.map(({ kind, name }) => `--   ${safeText(kind)} ${safeText(name)}`);
    parts.unshift(["-- not modelled yet, and therefore not in this script:", ...names].join("\n"));
  }
  return `${parts.join("\n\n")}\n`;
}
