/**
 * Makes fixtures/large/{before,after}.json.gz: exports of a real database that was loaded with the large schema and then
 * changed to its second release. With --check it only says whether they still equal a fresh export.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import postgres from "postgres";
import { resolveProcessConnection } from "../src/config/process-connection.ts";
import { graphToJson } from "../src/model/json.ts";
import { readGraph } from "../src/pg/catalog/index.ts";
import { connect } from "../src/pg/session.ts";
import { largeSchema, largeSchemaChanges, standardSize } from "./large-schema.ts";

const folder = resolve(import.meta.dir, "..", "fixtures", "large");

/** The two documents, read from a database at this URL, which must be empty. */
export async function exportLarge(url: string): Promise<{ readonly before: string; readonly after: string }> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const run = async (statements: readonly string[]): Promise<void> => {
    for (let at = 0; at < statements.length; at += 200) await sql.unsafe(statements.slice(at, at + 200).join(";\n"));
  };
  const session = await connect(resolveProcessConnection(url), { applicationName: "zanith fixtures" });
  try {
    await run(largeSchema(standardSize));
    const before = graphToJson(await readGraph(session, { auditSchema: "public" }));
    for (const statement of largeSchemaChanges(standardSize)) await sql.unsafe(statement);
    return { before, after: graphToJson(await readGraph(session, { auditSchema: "public" })) };
  } finally {
    await session.close();
    await sql.end();
  }
}

/** The documents as they are in the repository. */
export function storedLarge(): { readonly before: string; readonly after: string } {
  const read = (name: string): string => gunzipSync(readFileSync(join(folder, `${name}.json.gz`))).toString();
  return { before: read("before"), after: read("after") };
}

if (import.meta.main) {
  const { startCluster } = await import("../test/support/cluster.ts");
  const cluster = await startCluster();
  try {
    const fresh = await exportLarge(cluster.url);
    if (process.argv.includes("--check")) {
      const stored = storedLarge();
      const same = stored.before === fresh.before && stored.after === fresh.after;
      process.stdout.write(same ? "the fixtures equal a fresh export\n" : "the fixtures differ from a fresh export\n");
      if (!same) process.exitCode = 1;
    } else {
      mkdirSync(folder, { recursive: true });
      for (const name of ["before", "after"] as const) {
        writeFileSync(join(folder, `${name}.json.gz`), gzipSync(fresh[name], { level: 9 }));
      }
    }
  } finally {
    await cluster.remove();
  }
}
