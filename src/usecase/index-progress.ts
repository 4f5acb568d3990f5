/** How far index builds of a run are: reads pg_stat_progress_create_index (12 and later) on a session of its own. */
import { type Workspace, withSession } from "./workspace.ts";

export interface IndexBuild {
  /** the server's word for what it does: `building index: scanning table` */
  readonly phase: string;
  /** what this phase counts: blocks or rows of the table, or transactions that were there before */
  readonly counts: "blocks" | "rows" | "transactions";
  readonly done: number;
  readonly total: number;
}

const lookEveryMs = 500;

/** Reports the build of a run of `up` now and then until the signal is given. A server that does not answer ends it quietly. */
export async function watchIndexBuild(
  workspace: Workspace,
  report: (build: IndexBuild | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  await withSession(workspace, "progress", async (session) => {
    while (!signal.aborted) {
      const [row] = await session.rows(
        `select p.phase, p.blocks_done::text, p.blocks_total::text, p.tuples_done::text, p.tuples_total::text,
           p.lockers_done::text, p.lockers_total::text
         from pg_catalog.pg_stat_progress_create_index p
         join pg_catalog.pg_stat_activity a on a.pid = p.pid
         where p.datname = pg_catalog.current_database() and a.application_name = 'zanith up'
         order by p.pid limit 1`,
      );
      if (!signal.aborted) report(row === undefined ? undefined : buildOf(row));
      await pause(lookEveryMs, signal);
    }
  });
}

/** The phases that wait for transactions count lockers; the others blocks, or rows where they are not in blocks. */
function buildOf([phase, ...figures]: readonly (string | null)[]): IndexBuild {
  const [blocksDone = 0, blocks = 0, rowsDone = 0, rows = 0, gone = 0, lockers = 0] = figures.map(Number);
  if (phase?.startsWith("waiting for")) return { phase, counts: "transactions", done: gone, total: lockers };
  return blocks > 0
    ? { phase: phase ?? "", counts: "blocks", done: blocksDone, total: blocks }
    : { phase: phase ?? "", counts: "rows", done: rowsDone, total: rows };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
