// Steps of several parts and steps outside transactions: whatever was cut off after whichever part, the next run ends where
// an undisturbed one would have, up and down.
import { afterAll, describe, expect, test } from "bun:test";
import { resolveProcessConnection } from "../../src/config/process-connection.ts";
import { predictOperations } from "../../src/diff/plan-operations.ts";
import type { SchemaGraph } from "../../src/model/graph.ts";
import type { Operation } from "../../src/operation/define.ts";
import { kindOf, operationKinds } from "../../src/operation/registry.ts";
import { inversionOf } from "../../src/operation/undo.ts";
import { withSearchPath } from "../../src/pg/search-path.ts";
import { connect } from "../../src/pg/session.ts";
import { type PlannedStep, planSteps } from "../../src/risk/plan.ts";
import { ledgerIn } from "../../src/run/ledger.ts";
import { runStep } from "../../src/run/step-runner.ts";
import type { Segment } from "../../src/sql/statement.ts";
import { waitFor } from "../support/wait-for.ts";
import { describeDifference, withProjects } from "../support/workspace.ts";

const { bench } = await withProjects();
const audit = await connect(resolveProcessConnection(bench.url, {}), { applicationName: "zanith tests audit" });
afterAll(() => audit.close());
const { session: work, server } = bench;
const ledger = ledgerIn("public");

/** Runs segments as a run would that was killed after the last of them, before it could record anything. */
async function runUnrecorded(segments: readonly Segment[]): Promise<void> {
  for (const segment of segments) {
    const run = (on: typeof work): Promise<void> =>
      withSearchPath(on, segment, async () => {
        for (const { sql } of segment.statements) await on.execute(sql);
      });
    await (segment.mode === "transaction" ? work.transaction({}, run) : run(work));
  }
}

/** Runs a step to its end as the next run would, told what the ledger knows. */
async function resume(step: PlannedStep, parts: number): Promise<void> {
  await ledger.ensure(work);
  const startedAt = await ledger.begin(audit, "20260401_000000_test", step, parts);
  await runStep(
    {
      sessions: { work, audit },
      ledger,
      migration: "20260401_000000_test",
      step,
      resumed: true,
      parts,
      lockTimeoutMs: 3_000,
      emit: () => {},
      signal: new AbortController().signal,
      random: () => 0,
      outcome: "applied",
    },
    startedAt,
  );
  const [row] = await audit.rows("select status, error from public._zanith_migration_steps");
  expect(row).toEqual(["applied", null]);
}

interface Case {
  readonly step: PlannedStep;
  /** brings the database to where the step begins */
  readonly before: () => Promise<void>;
  /** where it ends */
  readonly wanted: SchemaGraph;
}

/** Cuts a step off after each of its parts and goes on; `recorded` says which parts a killed run has in the ledger. */
async function cutEverywhere({ step, before, wanted }: Case, recorded: (parts: readonly Segment[]) => number) {
  const { segments } = step;
  // A transaction at the end commits together with the row that says the step is done: nobody resumes after it.
  const cuts = segments.length - (segments.at(-1)?.mode === "transaction" ? 1 : 0);
  for (let cut = 0; cut <= cuts; cut++) {
    await before();
    const run = segments.slice(0, cut);
    await runUnrecorded(run);
    await resume(step, recorded(run));
    expect({ cut, difference: describeDifference(wanted, await bench.read()) }).toEqual({ cut, difference: [] });
  }
}

/** Transactions up to the last one; what runs alone is recorded after it has run, so a killed run may lack it. */
function recordedTransactions(run: readonly Segment[]): number {
  let parts = run.length;
  while (parts > 0 && run[parts - 1]?.mode === "alone") parts--;
  return parts;
}

/** What remains to be asked of the catalog when the ledger was lost. */
function nothingRecorded(): number {
  return 0;
}

async function start(script: string): Promise<void> {
  await bench.reset();
  await bench.run(script);
}

for (const kind of operationKinds) {
  const examples = kind.examples
    .filter(({ since = 0 }) => since <= server)
    .map((example) => ({ ...example, op: { ...example.op, kind: kind.kind } as Operation }));
  describe(kind.kind, () => {
    for (const { name, op, before, after } of examples) {
      const segments = kind.emit(op, { server, isFresh: () => false });
      if (segments.length < 2 && segments.every(({ mode }) => mode === "transaction")) continue;
      for (const [recorded, teller] of [
        [nothingRecorded, "the catalog"],
        [recordedTransactions, "the ledger"],
      ] as const) {
        // Without questions to the catalog, transactions go by the ledger alone: their note commits with them.
        if (recorded === nothingRecorded && segments.slice(0, -1).some(({ done }) => done === undefined)) continue;
        test(`${name}: ${teller} tells where to go on`, async () => {
          const [step] = planSteps([op], await bench.graphOf(before), { server });
          const wanted = await bench.graphOf(after);
          await cutEverywhere({ step: step as PlannedStep, before: () => start(before), wanted }, recorded);
        });
      }
    }
    for (const { name, op, before } of examples) {
      test(`${name}: its way back goes on from each part`, async () => {
        const wanted = await bench.graphOf(before);
        const inversion = inversionOf(op, wanted);
        if (!inversion.reversible) {
          expect(inversion.why).not.toBe("");
          return;
        }
        const inverses = planSteps(inversion.operations, predictOperations(wanted, [op]), { server });
        expect(inverses.length).toBeGreaterThan(0);
        const segments = inverses.flatMap((inverse) => inverse.segments);
        const step = { ...(inverses[0] as PlannedStep), index: 0, op, segments };
        const applied = async (): Promise<void> => {
          await start(before);
          await runUnrecorded(kind.emit(op, { server, isFresh: () => false }));
        };
        await cutEverywhere({ step, before: applied, wanted }, recordedTransactions);
      });
    }
  });
}

test("a detaching that was broken off while it waited is brought to its end", async () => {
  const [example] = kindOf("detachPartition").examples;
  const { op, before, after } = example as NonNullable<typeof example>;
  const [step] = planSteps([{ ...op, kind: "detachPartition" } as Operation], await bench.graphOf(before), { server });
  const { segments } = step as PlannedStep;
  const wanted = await bench.graphOf(after);
  await start(before);
  await runUnrecorded(segments.slice(0, 2));
  const at = segments.findIndex(({ mode }) => mode === "alone");
  const [detach, pending] = [segments[at]?.statements[0]?.sql ?? "", segments[at]?.leftover?.found];
  await audit.transaction({}, async (reader) => {
    await reader.rows("select at from public.events");
    const detaching = work.execute(detach).then(
      () => "done",
      () => "broken off",
    );
    await waitFor("the detaching to wait for the reader", async () => {
      const [row] = await reader.rows(pending?.sql ?? "", pending?.params ?? []);
      return row?.[0] === "t";
    });
    await work.cancel();
    expect(await detaching).toBe("broken off");
  });
  await resume(step as PlannedStep, 2);
  expect(describeDifference(wanted, await bench.read())).toEqual([]);
});
