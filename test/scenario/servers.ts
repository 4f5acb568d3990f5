/** The servers that scenarios run on, and what each of them can do. */
import { createTestDatabase } from "../support/database.ts";
import { findPgDump } from "../support/pg-dump.ts";
import { ensureTestTablespace } from "../support/tablespace.ts";
import { pgDumpServer, testServer } from "../support/test-server.ts";

export interface ScenarioServer {
  readonly url: string;
  readonly major: number;
  /** whether pg_dump is the other observer; a dump of the catalogs where it cannot read the server */
  readonly dumps: boolean;
  /** extensions that can be created there */
  readonly extensions: ReadonlySet<string>;
}

/**
 * The test server, and one that pg_dump can read if that is another. A version that was asked for by name runs alone and is
 * seen by a dump of the catalogs, so that its result does not depend on which pg_dump a machine has.
 */
export async function serversToRunOn(): Promise<readonly ScenarioServer[]> {
  const main = await describeServer((await testServer()).url);
  if (/^(docker|embedded|system):/.test(process.env["ZANITH_TEST_POSTGRES"] ?? "")) return [{ ...main, dumps: false }];
  if (main.dumps) return [main];
  const second = await pgDumpServer();
  return second.available ? [main, await describeServer(second.url)] : [main];
}

/** Roles that scenarios grant to and give objects to. They belong to the server, and stay. */
const roles = ["zanith_reader", "zanith_writer", "zanith_owner", "Zanith's Role"];

async function describeServer(url: string): Promise<ScenarioServer> {
  await using database = await createTestDatabase({ serverUrl: url });
  await ensureTestTablespace(database);
  for (const role of roles) await database.query(createRole(role));
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

/** Another run may make it at the same time. */
function createRole(name: string): string {
  return `do $$ begin
    create role "${name}";
  exception when duplicate_object or unique_violation then null;
  end $$`;
}
