// The patch of the postgres package is in effect: a write to a closed connection is an error of the call.
import { expect, test } from "bun:test";
import postgres from "postgres";
import { waitFor } from "../support/wait-for.ts";
import { withDatabase } from "../support/with-database.ts";

const db = await withDatabase();

test("a session that dies inside the driver's own transaction rejects instead of crashing the process", async () => {
  const sql = postgres(db.url, { max: 1, fetch_types: false, prepare: false, idle_timeout: 0, max_lifetime: null });
  const uncaught: unknown[] = [];
  const listener = (error: unknown) => uncaught.push(error);
  process.on("uncaughtException", listener);
  try {
    const outcome = await sql
      .begin(async (tx) => {
        const [row] = await tx<{ pid: number }[]>`select pg_catalog.pg_backend_pid() as pid`;
        const pid = row?.pid ?? 0;
        await db.query("select pg_catalog.pg_terminate_backend($1)", [pid]);
        await waitFor("the backend to end", async () => {
          const rows = await db.query("select from pg_catalog.pg_stat_activity where pid = $1 order by pid", [pid]);
          return rows.length === 0;
        });
        await tx`select 1`;
      })
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(await sql`select 1 as one`.catch(() => "one more rejection is allowed")).toBeTruthy();
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }] as never);
    expect(uncaught).toEqual([]);
  } finally {
    process.off("uncaughtException", listener);
    await sql.end({ timeout: 5 });
  }
});
