/** What reading a source needs, on a real server: throwaway databases beside the test's own, and nothing for offline sources. */

import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import type { SchemaGraph } from "../../src/model/graph.ts";
import { connect, type Session } from "../../src/pg/session.ts";
import { withShadowDatabase } from "../../src/pg/shadow-database.ts";
import { readSource, type SourceDeps } from "../../src/source/read-source.ts";
import type { Source } from "../../src/source/source.ts";
import { parseSource } from "../../src/source/source.ts";

/** What the throwaway databases of this process are for, as their comment says: others may run tests beside it. */
export const throwawayPurpose = `test of sources ${process.pid}`;

const throwaway = { applicationName: "zanith tests", purpose: throwawayPurpose };

/** Dependencies that reach the database of a URL, and throwaway ones on its server. */
export function sourceDeps(databaseUrl: string): SourceDeps {
  const withUrl = <T>(url: string, body: (session: Session) => Promise<T>) => onSession(url, body);
  return {
    auditSchema: "public",
    withLive: (body) => withUrl(databaseUrl, body),
    withUrl,
    withThrowaway: (body) =>
      withShadowDatabase(settingsOf(databaseUrl), throwaway, async ({ settings }) =>
        closing(await connect(settings, throwaway), body),
      ),
    readSnapshot: async (id) => {
      throw new Error(`no snapshot ${id} in this test`);
    },
  };
}

/** Dependencies that fail the test when a source opens anything. */
export const offlineDeps: SourceDeps = {
  auditSchema: "public",
  withLive: () => Promise.reject(new Error("the configured database was opened")),
  withUrl: () => Promise.reject(new Error("a URL was opened")),
  withThrowaway: () => Promise.reject(new Error("a throwaway database was made")),
  readSnapshot: () => Promise.reject(new Error("a snapshot was read")),
};

/** Parses and reads a source as a command would. */
export function readText(text: string, cwd: string, deps: SourceDeps): Promise<SchemaGraph> {
  const source: Source = parseSource(text, cwd);
  return readSource(source, deps);
}

function settingsOf(url: string) {
  return resolveProcessConnection(url, {});
}

async function onSession<T>(url: string, body: (session: Session) => Promise<T>): Promise<T> {
  return closing(await connect(settingsOf(url), { applicationName: "zanith tests" }), body);
}

async function closing<T>(session: Session, body: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await body(session);
  } finally {
    await session.close();
  }
}
