/** How the parts of a schema module recognise each other, also across copies of this code, and how their errors read. */
import { type ToolError, toolError } from "../../base/errors.ts";

/** Marks the values the builder makes. In the registry of symbols, so that two copies of this file agree. */
export const brand: unique symbol = Symbol.for("zanith.schema") as never;

/** The brand of a value of the builder; undefined for anything else. */
export function brandOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && brand in value ? value[brand] : undefined;
}

/** A mistake in a schema module; `subject` names the model and the field: `users.email`. */
export function modelError(subject: string, why: string, next = `correct ${subject} in the schema module`): ToolError {
  return toolError({
    code: "schema_module_failed",
    what: `${subject} is not valid`,
    why,
    state: "nothing was changed",
    next,
  });
}
