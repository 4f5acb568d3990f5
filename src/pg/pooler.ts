/**
 * Finds out whether a connection pooler hands out backends per transaction, before anything is set on one of them:
 * settings made through such a pooler would stay on a connection that applications use (search_path above all).
 */
import { toolError } from "../base/errors.ts";
import type { Backend } from "./backend.ts";
import { placeText } from "./errors.ts";

/** How long a backend may keep its second question waiting while another connection's transaction is open. */
export const poolerProbeLimitMs = 2_000;

/** The question the probe asks; its text shows in pg_stat_activity. */
const probeQuery = "select pg_catalog.pg_backend_pid() /* is there a pooler? */";

/**
 * Throws when the backend of `first` changes while a second connection has a transaction open, or is not to be had
 * then (a pool of one): both mean transaction or statement pooling. A pooler in session mode passes.
 * @param pid the process that answered `first` before
 * @param openSecond opens another connection the same way; it is closed here
 * @throws ToolError pooler_unsupported
 */
export async function requireSessionPooling(
  first: Backend,
  pid: number,
  openSecond: () => Promise<Backend>,
): Promise<void> {
  const second = await openSecond();
  let whole = false;
  try {
    await second.exchange("begin read only", [], { deadlineMs: poolerProbeLimitMs });
    await second.exchange(probeQuery, [], { deadlineMs: poolerProbeLimitMs });
    const answer = await first.exchange(probeQuery, [], { deadlineMs: poolerProbeLimitMs });
    whole = answer.rows[0]?.[0] === String(pid);
    await second.exchange("rollback", [], { deadlineMs: poolerProbeLimitMs });
  } catch {
    // No answer in time: the one pooled backend is busy with the other transaction. The connection is given up.
  } finally {
    await second.close();
  }
  if (whole && first.alive) return;
  await first.close();
  throw toolError({
    code: "pooler_unsupported",
    what: `${placeText(first.place)} is a connection pooler in transaction mode`,
    why: "locks and settings of a session would land on connections that others use",
    state: "nothing was changed",
    next: "give the server's own address beside the pooler's: --direct-url postgres://… (often port 5432)",
  });
}
