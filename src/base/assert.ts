/** Assertions: a failed one is a bug of the tool, keeps its stack and asks for a report. */

/** Throws when a condition that the code relies on does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal: ${message}`);
}

/** Narrows away undefined and null where the code knows better than the type. */
export function defined<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new Error(`internal: ${message}`);
  return value;
}

/** For the impossible branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`internal: unexpected value ${JSON.stringify(value)}`);
}
