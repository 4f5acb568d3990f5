/** Finds out whether a connection pooler stands between and whether it keeps sessions whole. */
import { toolError } from "../base/errors.ts";
import type { Session } from "./session.ts";

/** direct: no pooler. session: one backend per client. transaction: the backend changes between transactions. */
export type Pooling = "direct" | "session" | "transaction";

/** How long the first session may be kept waiting by a pool of one connection. */
const probeLimitMs = 2_000;

/**
 * How sessions reach their backend. Without a pooler this costs nothing. With one, `openSecond` is used for a second
 * session whose open transaction occupies a backend: if the first then has another backend, or gets none in time, the
 * pooler hands out backends per transaction. Ends both sessions in that case; use neither afterwards.
 */
export async function detectPooling(session: Session, openSecond: () => Promise<Session>): Promise<Pooling> {
  if (!session.server.behindPooler) return "direct";
  const second = await openSecond();
  try {
    return await second.transaction({ readOnly: true }, async (tx) => {
      await tx.rows("select pg_catalog.pg_backend_pid()");
      try {
        const [row] = await session.rows("select pg_catalog.pg_backend_pid()", [], { deadlineMs: probeLimitMs });
        return row?.[0] === String(session.pid) ? "session" : "transaction";
      } catch {
        return "transaction";
      }
    });
  } catch {
    // The second session's own transaction was moved to another backend.
    return "transaction";
  } finally {
    await second.close();
  }
}

/** @throws ToolError pooler_unsupported for a pooler that hands out backends per transaction or statement */
export function requireWholeSessions(pooling: Pooling, session: Session): void {
  if (pooling !== "transaction") return;
  throw toolError({
    code: "pooler_unsupported",
    what: `database ${session.server.database} is reached through a connection pooler in transaction mode`,
    why: "locks and settings of a session would land on connections that others use",
    state: "nothing was changed",
    next: "use the server's own port (often 5432), or a pooler in session mode",
  });
}
