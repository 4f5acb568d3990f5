/** snapshot verify: whether the stored history holds together, link by link, from the oldest snapshot to the newest. */

import { isToolError } from "../base/errors.ts";
import { diffGraphs } from "../diff/graph-diff.ts";
import { predictOperations } from "../diff/plan-operations.ts";
import { operationDigest } from "../migration/migration.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { kindOfId, nameOfId, ruleOf } from "../model/kinds.ts";
import { kindOf } from "../operation/registry.ts";
import { ledgerIn, recordedOperation, type StepRecord } from "../run/ledger.ts";
import { readFolder } from "./state.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

/** One link: a stored snapshot and what leads to it. */
export interface ChainLink {
  readonly migration: string;
  readonly phase: "baseline" | "after";
  /** unknown: nothing speaks against it, and nothing could be replayed */
  readonly status: "holds" | "broken" | "unknown";
  readonly why: string;
  /** what differs between the replayed and the stored schema, one phrase each */
  readonly differences: readonly string[];
}

export interface ChainResult {
  readonly links: readonly ChainLink[];
  /** the first link that does not hold */
  readonly firstBroken?: ChainLink;
}

/**
 * Replays the operations of every applied migration on the snapshot before it and compares with the one it left. A link
 * is broken when the stored graph is not the one its hash is of, or when the replay leads elsewhere: somebody edited the
 * snapshot, or changed the schema by hand between two migrations.
 */
export async function verifySnapshots(
  workspace: Workspace,
  _input: Record<string, never>,
  _run: Run,
): Promise<ChainResult> {
  return withSession(workspace, "snapshot verify", async (session) => {
    const ledger = ledgerIn(workspace.config.auditSchema);
    if (!(await ledger.exists(session))) return { links: [] };
    const files = new Map((await readFolder(workspace)).map((file) => [file.id, file]));
    const attempts = await ledger.steps(session);
    const links: ChainLink[] = [];
    let previous: SchemaGraph | undefined;
    for (const { migration, phase } of await ledger.snapshots(session)) {
      const place = { migration, phase, differences: [] };
      try {
        const stored = await ledger.snapshot(session, migration);
        if (stored === undefined) continue;
        const { graph, intact } = stored;
        if (!intact)
          links.push({
            ...place,
            status: "broken",
            why: "the stored graph was changed: its hash is not that of its content",
          });
        else if (phase === "baseline") links.push({ ...place, status: "holds", why: "a starting point" });
        else
          links.push({
            ...place,
            ...replay(
              previous,
              graph,
              files.get(migration)?.ops,
              attempts.filter((one) => one.migration === migration),
            ),
          });
        previous = graph;
      } catch (error) {
        if (!isToolError(error)) throw error;
        links.push({ ...place, status: "broken", why: error.why ?? error.what });
        previous = undefined;
      }
    }
    const firstBroken = links.find(({ status }) => status === "broken");
    return { links, ...(firstBroken ? { firstBroken } : {}) };
  });
}

type Replay = Pick<ChainLink, "status" | "why" | "differences">;

function replay(
  before: SchemaGraph | undefined,
  stored: SchemaGraph,
  ops: Parameters<typeof predictOperations>[1] | undefined,
  attempts: readonly StepRecord[],
): Replay {
  const unknown = (why: string): Replay => ({ status: "unknown", why, differences: [] });
  if (before === undefined) return unknown("no snapshot before it can be replayed from");
  if (ops === undefined) return unknown("its file is not in the folder");
  const recorded = new Map(
    attempts
      .filter(({ status }) => status === "applied")
      .map(({ index, sql }) => [index, recordedOperation(sql).digest]),
  );
  const edited = ops.findIndex((op, index) => recorded.has(index) && recorded.get(index) !== operationDigest(op));
  if (edited >= 0)
    return { status: "broken", why: `step ${edited} of its file is not the operation that ran`, differences: [] };
  if (ops.some(({ kind }) => kindOf(kind).opaque)) return unknown("it holds raw SQL, whose effect nothing predicts");
  const differences = describeDifferences(predictOperations(before, ops), stored);
  if (differences.length === 0)
    return { status: "holds", why: "replaying its operations leads to it", differences: [] };
  return { status: "broken", why: "replaying its operations leads elsewhere", differences };
}

function describeDifferences(replayed: SchemaGraph, stored: SchemaGraph): string[] {
  return diffGraphs(replayed, stored).map((change) => {
    const name = `${ruleOf(kindOfId(change.id)).label} ${nameOfId(change.id)}`;
    if (change.type === "create") return `${name} is stored, the replay does not make it`;
    if (change.type === "drop") return `${name} is not stored, the replay makes it`;
    return `${name} differs in ${change.attributes.join(", ")}`;
  });
}
