/** The SQL of functions, procedures and aggregates. */
import type { Routine } from "../../model/object.ts";
import { addressedArguments } from "../../model/routine.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified } from "../../sql/identifier.ts";
import { type Statement, statement } from "../../sql/statement.ts";

export type RoutinePlace = Pick<Routine, "kind" | "schema" | "name" | "arguments">;

/**
 * Makes a routine, or puts it in the place of the one with its name and arguments. A body that is a string is not looked
 * into: it may name what is made after it, and nothing in the catalog says so.
 */
export function createRoutineStatements(routine: Routine, mode: "new" | "replace"): Statement[] {
  const [head, body] = partsOf(routine);
  const start = mode === "replace" ? "create or replace " : "create ";
  const create = statement(asInput(head).replace(/^create (?:or replace )?/i, start) + body);
  if (body === "") return [create];
  return [statement("set local check_function_bodies to off"), create];
}

/** DROP FUNCTION, PROCEDURE or AGGREGATE. */
export function dropRoutineStatement(routine: RoutinePlace): Statement {
  const name = qualified(routine.schema, routine.name);
  return statement(`drop ${routine.kind} ${name}(${addressedArguments(routine)})`);
}

/** What the server prints from parsed form, and the body as somebody wrote it: empty for BEGIN ATOMIC and for aggregates. */
function partsOf({ definition }: Routine): [head: string, body: string] {
  const text = definition.trimEnd();
  const at = text.endsWith("$") ? text.search(/\nAS (?:'|\$)/) : -1;
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}
