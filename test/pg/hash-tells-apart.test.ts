/**
 * Two databases that pg_dump can tell apart never have the same content hash, unless what differs is reported by name as not
 * modelled: one attribute changed at a time.
 */
import { afterAll, expect, test } from "bun:test";
import type { SchemaGraph } from "../../src/model/graph.ts";
import { graphHash } from "../../src/model/json.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { sidePool } from "../scenario/side-pool.ts";
import { pgDump } from "../support/pg-dump.ts";
import { pgDumpServer } from "../support/test-server.ts";
import { base, variants } from "./hash-variants.ts";

const server = await pgDumpServer();

if (!server.available) test.skip(`pg_dump: not run, ${server.reason}`, () => undefined);
else {
  const pool = sidePool(server.url);
  afterAll(() => pool.close());

  const see = (sql: string): Promise<{ readonly dump: string; readonly graph: SchemaGraph }> =>
    pool.lend(async ({ database, session }) => {
      await database.query(sql);
      return { dump: await pgDump(database.url), graph: await readGraph(session, { auditSchema: "public" }) };
    });
  let plain: ReturnType<typeof see> | undefined;

  for (const [name, sql] of Object.entries(variants)) {
    test(`the hash tells ${name}`, async () => {
      plain ??= see(base);
      const [before, after] = [await plain, await see(`${base};\n${sql}`)];
      expect(after.dump).not.toBe(before.dump);
      const isReported = JSON.stringify(after.graph.unmodelled) !== JSON.stringify(before.graph.unmodelled);
      expect(graphHash(after.graph) !== graphHash(before.graph) || isReported).toBe(true);
    });
  }

  test("the same schema has the same hash", async () => {
    plain ??= see(base);
    expect(graphHash((await see(base)).graph)).toBe(graphHash((await plain).graph));
  });
}
