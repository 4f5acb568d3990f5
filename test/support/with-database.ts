/** Gives a test file its own database and drops it after the file's last test. */
import { afterAll } from "bun:test";
import { createTestDatabase, type DatabaseOptions, type TestDatabase } from "./database.ts";

/**
 * For the top level of a test file: `const db = await withDatabase({ sql: "create table t(a int)" });`. Starting the
 * server there, rather than in a hook, keeps it out of every test's time limit.
 */
export async function withDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const database = await createTestDatabase(options);
  afterAll(() => database.drop());
  return database;
}
