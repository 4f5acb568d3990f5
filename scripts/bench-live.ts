/** How fast a live database is compared with an exported schema when nothing differs, against `pg_dump -s` of the same. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { resolveProcessConnection } from "../src/config/process-connection.ts";
import { graphToJson } from "../src/model/json.ts";
import { readGraph } from "../src/pg/catalog/index.ts";
import { connect } from "../src/pg/session.ts";
import { line, ms, processRun, programCommand, timed } from "./bench-support.ts";
import { largeSchema, standardSize } from "./large-schema.ts";

const options = { applicationName: "zanith bench" };
/** Objects made in one transaction at most, for each holds a lock until it ends. */
const statementsAtOnce = 200;

/** Fills a database with the large schema; `copies` of it stand beside each other in schemas of other names. */
export async function loadLarge(url: string, copies = 1): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const statements = largeSchema(standardSize);
  for (let copy = 0; copy < copies; copy++) {
    for (let at = 0; at < statements.length; at += statementsAtOnce) {
      await sql.unsafe(statements.slice(at, at + statementsAtOnce).join(";\n"));
    }
    if (copies > 1) await sql.unsafe(putAside, [String(copy)]).then(async (rows) => sql.unsafe(rows[0]?.["script"]));
  }
  await sql.unsafe("analyze");
  await sql.end();
}

/** A script that renames the schemas of the copy made last. */
const putAside = `select string_agg(format('alter schema %I rename to %I', nspname, 'c' || $1 || '_' || nspname), ';') as script
  from pg_catalog.pg_namespace where nspname !~ '^(pg_|information_schema$|public$|c[0-9]+_)'`;

/** The whole process, a database against its own export; the time it takes, in milliseconds. */
export async function benchLive(
  url: string,
  folder: string,
  given: {
    readonly size: string;
    readonly times: number;
    readonly dump: string | undefined;
    readonly smaller?: number;
  },
): Promise<number> {
  const { size, times, dump, smaller } = given;
  const session = await connect(resolveProcessConnection(url), options);
  const file = join(folder, "live.json");
  writeFileSync(file, graphToJson(await readGraph(session, { auditSchema: "public" })));
  await session.close();
  const { command, note } = await programCommand();
  const live = await timed(times, async () => {
    const { code } = await processRun([...command, "diff", url, file, "--exit-code"]);
    if (code !== 0) throw new Error(`zanith diff ended with ${code}`);
  });
  const goals: string[] = [];
  if (dump !== undefined) {
    const reference = await timed(times, () => processRun([dump, "-s", "-d", url]));
    goals.push(`${(live / reference).toFixed(2)} × pg_dump -s (${ms(reference)}); goal 0.5`);
  }
  if (smaller !== undefined) goals.push(`${(live / smaller).toFixed(1)} × the above; goal 13`);
  else goals.push("goal 500 ms");
  line(`live against its export, whole process, ${size}${note}`, ms(live), goals.join("; "));
  return live;
}
