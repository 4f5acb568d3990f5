/** Backfills under test: tables with a counter that tells how often a row was done, and runners to kill. */
import { operation } from "../../src/operation/define.ts";
import { cliCommand, cliEnvironment } from "./run-cli.ts";
import type { Project } from "./workspace.ts";

/** A backfill that counts on each row how often it was done. */
export function counting(table: string, more: Readonly<Record<string, unknown>> = {}) {
  const set = [{ column: "done", expression: "done + 1" }];
  return operation("backfill", { schema: "public", table, set, meanwhile: "none", ...more });
}

/** How many rows were done how often: `{ "1": 5000 }` when each was done once. */
export async function timesDone(project: Project, table: string): Promise<Readonly<Record<string, number>>> {
  const rows = await project.database.query(
    `select done::text as times, count(*)::text as rows from ${table} group by done order by done`,
  );
  return Object.fromEntries(rows.map(({ times, rows: count }) => [String(times), Number(count)]));
}

/** The checkpoints: who, how far, in what state. */
export async function checkpoints(project: Project) {
  return project.database.query(
    `select step_index as step, processed_rows::text as processed, status
     from public._zanith_migration_checkpoints order by migration_id, step_index`,
  );
}

export interface RunnerEnd {
  readonly exitCode: number | null;
  readonly killed: boolean;
  /** batches it told of */
  readonly batches: number;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** When to kill a runner: some milliseconds after it told of the nth batch, if it gets that far, or when a promise resolves. */
export type Kill = { readonly afterBatch: number; readonly afterMs: number } | { readonly when: Promise<unknown> };

/** A runner of its own process, which may be killed. */
export async function runAndKill(project: Project, args: readonly string[], kill?: Kill): Promise<RunnerEnd> {
  const tool = Bun.spawn(
    [...cliCommand(), ...args, "--yes", "--json", "--url", project.database.url, "--dir", project.dir],
    {
      cwd: project.workspace.cwd,
      env: cliEnvironment(project.workspace.cwd),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    },
  );
  const decoder = new TextDecoder();
  const events: Record<string, unknown>[] = [];
  let text = "";
  let batches = 0;
  let killed = false;
  const read = (): void => {
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const event = JSON.parse(line) as Record<string, unknown>;
      events.push(event);
      if (event["type"] !== "backfill.progress" || event["state"] === "done") continue;
      batches++;
      if (kill === undefined || "when" in kill || killed || batches < kill.afterBatch) continue;
      killed = true;
      setTimeout(() => tool.kill("SIGKILL"), kill.afterMs);
    }
  };
  if (kill !== undefined && "when" in kill) kill.when.then(() => tool.kill("SIGKILL")).catch(() => {});
  for await (const chunk of tool.stdout) {
    text += decoder.decode(chunk, { stream: true });
    read();
  }
  await tool.exited;
  return { exitCode: tool.exitCode, killed: tool.signalCode === "SIGKILL", batches, events };
}
