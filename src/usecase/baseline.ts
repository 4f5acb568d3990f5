/** baseline: takes the live schema as the starting point, for a database that has a history elsewhere. */
import { makeMigrationId } from "../migration/migration.ts";
import { graphSize } from "../model/lined-graph.ts";
import { acquireLock } from "../pg/advisory-lock.ts";
import { readGraph } from "../pg/catalog/index.ts";
import { ledgerIn, snapshotDocument } from "../run/ledger.ts";
import { type Run, type Workspace, withRunSessions } from "./workspace.ts";

export interface BaselineResult {
  readonly migration: string;
  readonly models: number;
  readonly relations: number;
  readonly unmodelled: readonly { readonly kind: string; readonly name: string }[];
}

/** The id a baseline is kept under. */
export function migrationIdOfBaseline(at: Date): string {
  return makeMigrationId(at, "baseline");
}

/** Makes the five tables if they are missing and stores the live schema as a baseline snapshot. */
export async function baseline(workspace: Workspace, _input: Record<string, never>, run: Run): Promise<BaselineResult> {
  return withRunSessions(workspace, "baseline", async ({ work }) => {
    const { auditSchema } = workspace.config;
    const lock = await acquireLock(work, { schema: auditSchema, waitMs: 0, signal: run.signal });
    try {
      const ledger = ledgerIn(auditSchema);
      await ledger.ensure(work);
      const graph = await readGraph(work, { auditSchema });
      const migration = migrationIdOfBaseline(workspace.now());
      await ledger.storeSnapshot(
        work,
        migration,
        "baseline",
        snapshotDocument(graph, { migration, phase: "baseline" }),
      );
      return { migration, ...graphSize(graph), unmodelled: graph.unmodelled };
    } finally {
      if (work.alive) await lock.release();
    }
  });
}
