// Every operation kind keeps its promises on a real Postgres, by its own examples: SQL and prediction lead to the same
// schema, no statement locks more than it says, undo leads back, and a diff asks for the operation.
import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import { planOperations, predictOperations } from "../../src/diff/plan-operations.ts";
import type { SchemaGraph } from "../../src/model/graph.ts";
import type { Operation } from "../../src/operation/define.ts";
import { kindOf, operationKinds } from "../../src/operation/registry.ts";
import { inversionOf } from "../../src/operation/undo.ts";
import type { CatalogQuestion, Segment } from "../../src/sql/statement.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";
import { excessLocks, relationsBefore } from "../support/lock-watch.ts";

const bench = await withSchemaBench();
const { session, server } = bench;

for (const kind of operationKinds) {
  describe(kind.kind, () => {
    for (const example of kind.examples) {
      const runs = (example.since ?? 0) <= server;
      test.skipIf(!runs)(example.name, async () => {
        const op: Operation = { ...example.op, kind: kind.kind };
        const after = await bench.graphOf(example.after);
        await bench.reset();
        await bench.run(example.before);
        const before = await bench.read();

        const inversion = inversionOf(op, before);
        await apply(op, before);
        expect(difference(await bench.read(), after)).toEqual([]);
        expect(difference(predictOperations(before, [op]), after)).toEqual([]);

        if (example.notFromDiff === undefined) {
          const options = { server, ...(example.renames ? { renames: example.renames } : {}) };
          expect(planOperations(before, after, options).operations).toEqual([op]);
        }

        if (inversion.reversible) {
          let graph = predictOperations(before, [op]);
          for (const undo of inversion.operations) {
            expect(v.parse(kindOf(undo.kind).payload, JSON.parse(JSON.stringify(undo)))).toEqual(undo);
            await apply(undo, graph);
            graph = predictOperations(graph, [undo]);
          }
          expect(difference(await bench.read(), before)).toEqual([]);
          expect(difference(graph, before)).toEqual([]);
        } else {
          expect(inversion.why).not.toBe("");
        }
      });
    }
  });
}

/** Runs an operation the way a runner does, watching locks and the questions a re-run would ask. */
async function apply(op: Operation, graph: SchemaGraph): Promise<void> {
  const kind = kindOf(op.kind);
  const segments = kind.emit(op, { server, isFresh: () => false });
  for (const segment of segments) {
    expect(await answer(segment.done, false)).toBe(false);
    expect(await answer(segment.leftover?.found, false)).toBe(false);
    await runSegment(segment);
    expect(await answer(segment.done, true)).toBe(true);
  }
  for (const segment of segments) expect(await answer(segment.done, true)).toBe(true);
  expect(difference(await bench.read(), predictOperations(graph, [op]))).toEqual([]);
}

async function runSegment(segment: Segment): Promise<void> {
  if (segment.mode === "alone") {
    for (const { sql } of segment.statements) await session.execute(sql);
    return;
  }
  const relations = await relationsBefore(session);
  await session.transaction({}, async (tx) => {
    for (const [index, { sql }] of segment.statements.entries()) {
      await tx.execute(sql);
      expect(await excessLocks(tx, relations, segment.statements.slice(0, index + 1))).toEqual([]);
    }
  });
}

async function answer(question: CatalogQuestion | undefined, absent: boolean): Promise<boolean> {
  if (question === undefined) return absent;
  const rows = await session.rows(question.sql, question.params);
  expect(rows).toHaveLength(1);
  return rows[0]?.[0] === "t";
}

/** What differs, short enough to read in a failure. */
function difference(from: SchemaGraph, to: SchemaGraph): unknown[] {
  return diffGraphs(from, to).map((change) => {
    if (change.type !== "alter") return `${change.type} ${change.id}`;
    const pick = (object: object): unknown =>
      Object.fromEntries(change.attributes.map((name) => [name, (object as Record<string, unknown>)[name]]));
    return { id: change.id, from: pick(change.before), to: pick(change.after) };
  });
}
