/** Runs preflight probes on live rows. A probe about something that does not exist yet has nothing to object to. */
import { isToolError, withContext } from "../base/errors.ts";
import type { SchemaGraph } from "../model/graph.ts";
import type { Session } from "../pg/session.ts";
import type { OffendingRows } from "../risk/gates.ts";
import type { PlannedStep } from "../risk/plan.ts";

/** How long a probe waits for a table that somebody holds exclusively. */
const lockLimit = "3s";

/** A probe is not tried again by itself: nothing was begun that would be lost. */
const heldNext =
  "find out who holds the table (pg_locks, pg_stat_activity), or wait until they are done; then try again";

/**
 * What the probes of some steps find. Row level security must not hide rows from them, so it is made an error instead.
 * @throws ToolError permission_denied, lock_timeout and their kin, naming the probe
 */
export async function runProbes(
  session: Session,
  steps: readonly PlannedStep[],
  live: SchemaGraph,
): Promise<OffendingRows[]> {
  const found: OffendingRows[] = [];
  for (const step of steps) {
    for (const probe of step.probes) {
      if (!probe.requires.every((id) => live.objects.has(id))) continue;
      try {
        const settings = { row_security: "off", lock_timeout: lockLimit };
        const rows = await session.transaction({ readOnly: true, settings }, (tx) => tx.query(probe.sql));
        const first = rows[0];
        if (first === undefined) continue;
        const columns = Object.keys(first);
        found.push({
          step: step.index,
          probe: probe.name,
          question: probe.question,
          columns,
          rows: rows.map((row) => columns.map((name) => row[name] ?? null)),
          advice: probe.advice,
        });
      } catch (error) {
        if (!isToolError(error)) throw error;
        throw withContext(error, {
          what: `the preflight probe for ${probe.question} could not run`,
          state: "nothing was changed",
          ...(error.code === "lock_timeout" ? { next: heldNext } : {}),
        });
      }
    }
  }
  return found;
}
