/** Where names without a schema are looked up while somebody's own SQL runs; at all other times nowhere. */
import type { Segment } from "../sql/statement.ts";
import type { Session } from "./session.ts";

const setPath = "select pg_catalog.set_config('search_path', $1, false)";

/**
 * Runs the statements of a segment under its search path and takes the path back, also one that they set themselves. When
 * they fail in a transaction, its rollback does that; alone, the session stays usable.
 */
export async function withSearchPath(
  session: Session,
  { searchPath, mode }: Segment,
  body: () => Promise<void>,
): Promise<void> {
  if (searchPath === undefined) return body();
  await session.rows(setPath, [searchPath]);
  try {
    await body();
  } catch (error) {
    if (mode === "alone" && session.alive) await session.rows(setPath, [""]);
    throw error;
  }
  await session.rows(setPath, [""]);
}
