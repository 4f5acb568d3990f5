import { expect, test } from "bun:test";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase({ sql: "create table t(a int); insert into t values (1), (2)" });

test("a test file has its own database on a real server", async () => {
  expect(await db.query("select a, pg_catalog.current_database()::text as name from t order by a")).toEqual([
    { a: 1, name: db.name },
    { a: 2, name: db.name },
  ]);
});
