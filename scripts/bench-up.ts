/**
 * `up` of a thousand steps against psql running the same statements in one transaction, with the audit rows that up writes
 * inserted by hand. Measures; asserts nothing.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveProcessConnection } from "../src/config/process-connection.ts";
import { writeMigration } from "../src/migration/directory.ts";
import { emptyGraph } from "../src/model/graph.ts";
import { type Operation, operation } from "../src/operation/define.ts";
import { connect } from "../src/pg/session.ts";
import { planSteps, stepSql } from "../src/risk/plan.ts";
import { ledgerIn, recordedSql } from "../src/run/ledger.ts";
import { line, median, ms, newDatabase, processRun, programCommand } from "./bench-support.ts";

const steps = 1_000;
const id = "20260101_000000_bench";

function tableOf(at: number): Operation {
  const place = { schema: "public", table: `bench_${String(at).padStart(4, "0")}` };
  const column = (name: string, position: number, type: string) => ({
    kind: "column",
    ...place,
    name,
    position,
    type,
    notNull: true,
  });
  return operation("createTable", {
    table: { kind: "table", schema: place.schema, name: place.table },
    columns: [column("id", 1, "bigint"), column("name", 2, "text"), column("made", 3, "timestamp with time zone")],
    constraints: [{ kind: "primaryKey", ...place, name: `${place.table}_pkey`, columns: ["id"] }],
  });
}

/** Prints the figures of `up` for databases on a server. */
export async function benchUp(serverUrl: string, times: number): Promise<void> {
  const psql = Bun.which("psql");
  const folder = mkdtempSync(join(tmpdir(), "zanith-bench-up-"));
  try {
    const operations = Array.from({ length: steps }, (_, at) => tableOf(at));
    const dir = join(folder, "migrations");
    mkdirSync(dir);
    writeMigration(dir, { id, from: null, to: null, ops: operations });
    const script = join(folder, "by-hand.sql");
    writeFileSync(script, byHand(operations));
    const { command, note } = await programCommand();
    let made = 0;
    const fresh = async (): Promise<string> => {
      const url = await newDatabase(serverUrl, `zanith_bench_up_${made++}`);
      const session = await connect(resolveProcessConnection(url), { applicationName: "zanith bench" });
      await ledgerIn("public").ensure(session);
      await session.close();
      return url;
    };
    // In turns, so that a machine that gets busier does not favour one of them.
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < times; round++) {
      const url = await fresh();
      ours.push(await run([...command, "migrate", "up", "--yes", "--quiet", "--url", url, "--dir", dir]));
      if (psql === null) continue;
      const other = await fresh();
      theirs.push(await run([psql, "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", script, "-d", other]));
    }
    line(
      `up of ${steps.toLocaleString("en-US")} createTable steps, whole process${note}`,
      ms(median(ours)),
      psql === null
        ? "no psql here: not compared"
        : `${(median(ours) / median(theirs)).toFixed(2)} × psql -1 with audit rows by hand (${ms(median(theirs))}); goal 1.3`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a process that has to succeed; how long it took, in milliseconds. */
async function run(command: readonly string[]): Promise<number> {
  const started = performance.now();
  const { code } = await processRun(command);
  if (code !== 0) throw new Error(`${command[0]} ended with ${code}`);
  return performance.now() - started;
}

/** The same statements, each with the row that records it. */
function byHand(operations: readonly Operation[]): string {
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const parts = planSteps(operations, emptyGraph).map(
    (step) => `${stepSql(step)};
insert into public._zanith_migration_steps (migration_id, step_index, operation_kind, status, sql, risk_level, risk_score, finished_at)
values (${literal(id)}, ${step.index}, ${literal(step.kind)}, 'applied', ${literal(recordedSql(step))}, ${literal(step.level)}, ${step.score}, clock_timestamp());`,
  );
  return `${parts.join("\n")}\ninsert into public._zanith_migrations (id) values (${literal(id)});\n`;
}
