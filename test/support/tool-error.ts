/** Reads the operational error a promise rejects with; anything else fails the test that asked. */
import { isToolError, type ToolError } from "../../src/base/errors.ts";

/** The ToolError of a rejected promise. Throws when it resolves or rejects with something else. */
export async function toolErrorOf(promise: Promise<unknown>): Promise<ToolError> {
  try {
    await promise;
  } catch (error) {
    if (isToolError(error)) return error;
    throw error;
  }
  throw new Error("the promise was expected to reject");
}
