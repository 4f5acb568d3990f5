/** Runs operations one after the other as a runner would, without ledger, locks or retries: for tests of SQL alone. */
import { draftGraph, type SchemaGraph } from "../../src/model/graph.ts";
import type { Operation } from "../../src/operation/define.ts";
import { kindOf } from "../../src/operation/registry.ts";
import type { Session } from "../../src/pg/session.ts";
import { planSteps } from "../../src/risk/plan.ts";

/** Runs the operations; freshness of tables is judged as in a plan. The error names the operation that failed. */
export async function applyOperations(
  session: Session,
  before: SchemaGraph,
  operations: readonly Operation[],
): Promise<void> {
  const live = { server: session.server.versionNum };
  const draft = draftGraph(before);
  for (const { op, segments } of planSteps(operations, before, live)) {
    try {
      for (const { mode, statements } of segments) {
        if (mode === "alone") for (const { sql } of statements) await session.execute(sql);
        else {
          await session.transaction({}, async (tx) => {
            for (const { sql } of statements) await tx.execute(sql);
          });
        }
      }
    } catch (error) {
      throw new Error(`${op.kind} ${kindOf(op.kind).describe(op)} failed`, { cause: error });
    }
    draft.edit(kindOf(op.kind).predict(op, draft.current));
  }
}
