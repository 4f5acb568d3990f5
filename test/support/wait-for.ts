/** Waiting in tests: on a condition and with a limit, never for a fixed time. */

const DEFAULT_LIMIT_MS = 15_000;
const POLL_MS = 10;

/** Resolves with the first value of `condition` that is not false, null or undefined; throws naming `what` otherwise. */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = DEFAULT_LIMIT_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) return value;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await Bun.sleep(POLL_MS);
  }
}
