/**
 * A tablespace for the examples and scenarios that need one, inside the data folder. It belongs to the whole server, so it is
 * made once, by whoever comes first, and stays as long as the server does.
 */
import type { TestDatabase } from "./database.ts";

/** Its name, as examples and scenarios write it. */
export const testTablespace = "zanith test";

const exists = "select from pg_catalog.pg_tablespace where spcname = $1";

/** Makes it where it is missing. CREATE TABLESPACE runs in no transaction, so each statement is sent by itself. */
export async function ensureTestTablespace({ query }: Pick<TestDatabase, "query">): Promise<void> {
  const isThere = async (): Promise<boolean> => (await query(exists, [testTablespace])).length > 0;
  if (await isThere()) return;
  await query("select pg_catalog.set_config('allow_in_place_tablespaces', 'on', false)");
  try {
    await query(`create tablespace "${testTablespace}" location ''`);
  } catch (error) {
    // Another process may have made it in between.
    if (!(await isThere())) throw error;
  }
}
