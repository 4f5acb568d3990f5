/**
 * One database that is emptied and filled again and again: scripts of SQL become graphs as Postgres stored them. For tests
 * that need many small schemas; a database each would cost more than everything else they do.
 */
import { afterAll } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import type { SchemaGraph } from "../../src/model/graph.ts";
import { readGraph } from "../../src/pg/catalog/index.ts";
import { connect, type Session } from "../../src/pg/session.ts";
import { resetPrivileges } from "./reset-privileges.ts";
import { ensureTestTablespace } from "./tablespace.ts";

import { withDatabase } from "./with-database.ts";

/** A database to fill and empty. */
export interface SchemaBench {
  /** of the database, for further sessions */
  readonly url: string;
  /** the session that reads graphs; run single statements and transactions on it */
  readonly session: Session;
  /** server_version_num */
  readonly server: number;
  /** Removes every object and leaves what a new database has: the schema public. */
  reset(): Promise<void>;
  /** Runs a script of any number of statements. */
  run(script: string): Promise<void>;
  /** The graph of what is there. */
  read(): Promise<SchemaGraph>;
  /** The graph a script makes of an empty database. Kept by script: asking again costs nothing and changes nothing. */
  graphOf(script: string): Promise<SchemaGraph>;
}

const emptyIt = `do $$
declare found record;
begin
  for found in select extname as name from pg_catalog.pg_extension where extname <> 'plpgsql' order by extname loop
    execute pg_catalog.format('drop extension if exists %I cascade', found.name);
  end loop;
  for found in select pubname as name from pg_catalog.pg_publication order by pubname loop
    execute pg_catalog.format('drop publication %I', found.name);
  end loop;
  for found in select fdwname as name from pg_catalog.pg_foreign_data_wrapper order by fdwname loop
    execute pg_catalog.format('drop foreign data wrapper %I cascade', found.name);
  end loop;
  for found in
    select nspname as name from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' order by nspname
  loop
    execute pg_catalog.format('drop schema %I cascade', found.name);
  end loop;
  create schema public;
end $$`;

/** For the top level of a test file; the database goes after its last test. */
export async function withSchemaBench(): Promise<SchemaBench> {
  const database = await withDatabase();
  await ensureTestTablespace(database);
  const session = await connect(resolveProcessConnection(database.url, {}), { applicationName: "zanith schema bench" });
  afterAll(() => session.close());
  const graphs = new Map<string, SchemaGraph>();
  const bench: SchemaBench = {
    url: database.url,
    session,
    server: session.server.versionNum,
    async reset() {
      await session.execute("set client_min_messages to 'error'");
      await session.execute(emptyIt);
      await session.execute(resetPrivileges);
    },
    async run(script) {
      if (script.trim() !== "") await database.query(script);
    },
    read: () => readGraph(session, { auditSchema: "public" }),
    async graphOf(script) {
      const known = graphs.get(script);
      if (known !== undefined) return known;
      await bench.reset();
      await bench.run(script);
      const graph = await bench.read();
      graphs.set(script, graph);
      return graph;
    },
  };
  return bench;
}
