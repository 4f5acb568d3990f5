/** The servers that scenarios run on, and what each of them can do. */
import { createTestDatabase } from "../support/database.ts";
import { findPgDump } from "../support/pg-dump.ts";
import { ensureTestTablespace } from "../support/tablespace.ts";
import { pgDumpServer, testServer } from "../support/test-server.ts";

export interface ScenarioServer {
  readonly url: string;
  readonly major: number;
  /** whether the pg_dump of this machine reads it */
  readonly dumps: boolean;
  /** extensions that can be created there */
  readonly extensions: ReadonlySet<string>;
}

/** The test server, and one that pg_dump can read if that is another; a version that was asked for by name runs alone. */
export async function serversToRunOn(): Promise<readonly ScenarioServer[]> {
  const main = await describeServer((await testServer()).url);
  const asked = /^(docker|embedded|system):/.test(process.env["ZANITH_TEST_POSTGRES"] ?? "");
  if (main.dumps || asked) return [main];
  const second = await pgDumpServer();
  return second.available ? [main, await describeServer(second.url)] : [main];
}

async function describeServer(url: string): Promise<ScenarioServer> {
  await using database = await createTestDatabase({ serverUrl: url });
  await ensureTestTablespace(database);
  const [version] = await database.query("select current_setting('server_version_num')::int / 10000 as major");
  const available = await database.query(
    "select name::text as name from pg_catalog.pg_available_extensions order by 1",
  );
  const major = Number(version?.["major"]);
  return {
    url,
    major,
    dumps: major <= (findPgDump()?.major ?? 0),
    extensions: new Set(available.map((row) => String(row["name"]))),
  };
}
