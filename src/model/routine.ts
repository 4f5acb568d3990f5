/** What functions, procedures and aggregates have in common: how they are addressed, and what CREATE OR REPLACE allows. */
import { sameValue } from "../base/ordered.ts";
import type { Routine } from "./object.ts";

/** The arguments of a routine as COMMENT ON and DROP name them: an aggregate without any reads `(*)`. */
export function addressedArguments(routine: Pick<Routine, "kind" | "arguments">): string {
  return routine.kind === "aggregate" && routine.arguments === "" ? "*" : routine.arguments;
}

/**
 * Whether CREATE OR REPLACE can turn one routine into another of the same kind and arguments: it keeps what the routine
 * returns, the names of its parameters that have one, and never takes a default away (ProcedureCreate in pg_proc.c, 14 to 18).
 */
export function isReplaceable(before: Routine, after: Routine): boolean {
  if (before.returns !== after.returns) return false;
  const [old, now] = [before.parameters ?? [], after.parameters ?? []];
  const goesIn = (parameter: Parameter): boolean => parameter.mode !== "out" && parameter.mode !== "table";
  const outputs = (parameters: readonly Parameter[]): object[] =>
    parameters
      .filter(({ mode }) => mode === "out" || mode === "inout" || mode === "table")
      .map(({ name, type }) => ({ name, type }));
  if (!sameValue(outputs(old), outputs(now))) return false;
  const inputs = now.filter(goesIn);
  return old.filter(goesIn).every((parameter, at) => {
    const next = inputs[at];
    if (next === undefined || (parameter.hasDefault && !next.hasDefault)) return false;
    if (before.kind === "aggregate" && parameter.mode !== next.mode) return false;
    return parameter.name === undefined || parameter.name === next.name;
  });
}

type Parameter = NonNullable<Routine["parameters"]>[number];
