// The files against the ledger: what is pending, and which of the ways in which they can contradict each other is at hand.
import { expect, test } from "bun:test";
import { checkAgainstLedger, type RecordedMigration } from "../../src/migration/ledger-check.ts";
import { type Migration, operationDigest } from "../../src/migration/migration.ts";
import { type Operation, operation } from "../../src/operation/define.ts";

const one = operation("rawSql", { sql: "select 1" });
const two = operation("rawSql", { sql: "select 2" });

function file(id: string, ...ops: Operation[]): Migration {
  return { id, from: null, to: null, ops, file: `${id}.json` };
}

function recorded(id: string, complete: boolean, ...ops: (Operation | undefined)[]): RecordedMigration {
  const applied = new Map<number, string | undefined>();
  ops.forEach((op, index) => {
    if (op !== undefined) applied.set(index, operationDigest(op));
  });
  return { id, complete, applied };
}

/** Ids of applied and pending migrations, and the problems in words. */
function check(files: readonly Migration[], ledger: readonly RecordedMigration[]) {
  const { applied, pending, problems } = checkAgainstLedger(files, ledger);
  return {
    applied: applied.map(({ id }) => id),
    pending: pending.map(({ id }) => id),
    problems: problems.map(({ problem, migration, message }) => `${problem} ${migration}: ${message}`),
  };
}

const none = { applied: [], pending: [], problems: [] };

test("files that the ledger does not know are pending, in their order", () => {
  expect(check([file("1", one), file("2", two)], [])).toEqual({ ...none, pending: ["1", "2"] });
  expect(check([], [])).toEqual(none);
});

test("what is complete is applied, what was begun is the first of the pending ones", () => {
  expect(
    check([file("1", one), file("2", one, two), file("3", two)], [recorded("1", true, one), recorded("2", false, one)]),
  ).toEqual({ applied: ["1"], pending: ["2", "3"], problems: [] });
});

test("a step that was only tried or refused leaves its migration pending and free to change", () => {
  expect(check([file("1", two)], [recorded("1", false)])).toEqual({ ...none, pending: ["1"] });
  expect(check([], [recorded("1", false)])).toEqual(none);
});

test("an edited step, a step more and a step less are told apart", () => {
  const complete = recorded("1", true, one, two);
  expect(check([file("1", one, one)], [complete]).problems).toEqual([
    "edited 1: 1.json was edited after it was applied: step 1 is another operation than the one that ran",
  ]);
  expect(check([file("1", one, two, one)], [complete]).problems).toEqual([
    "edited 1: 1.json was edited after it was applied: it has 3 steps, 2 were applied",
  ]);
  expect(check([file("1", one)], [complete]).problems).toEqual([
    "edited 1: 1.json was edited after it was applied: step 1 was applied and is gone",
  ]);
  expect(check([file("1", two, one)], [complete]).problems).toEqual([
    "edited 1: 1.json was edited after it was applied: step 0 is another operation than the one that ran",
  ]);
});

test("in a migration that was begun, only what was applied is held to the file", () => {
  expect(check([file("1", one, one, one)], [recorded("1", false, one)])).toEqual({ ...none, pending: ["1"] });
  expect(check([file("1", two, one)], [recorded("1", false, one)]).problems).toEqual([
    "edited 1: 1.json was edited after it was applied: step 0 is another operation than the one that ran",
  ]);
});

test("a step recorded without a digest counts as unedited", () => {
  const ledger = { id: "1", complete: true, applied: new Map([[0, undefined]]) };
  expect(check([file("1", two)], [ledger]).problems).toEqual([]);
});

test("a file that is gone is lost as soon as a step of it was applied", () => {
  expect(check([], [recorded("1", true, one), recorded("2", false, one)]).problems).toEqual([
    "lost 1: 1 is in the ledger but its file is not in the folder",
    "lost 2: 2 is in the ledger but its file is not in the folder",
  ]);
  expect(check([], [recorded("1", true)]).problems).toHaveLength(1);
});

test("a file older than the newest applied one is out of order, unless it was begun before", () => {
  const ledger = [recorded("2", true, one)];
  expect(check([file("1", one), file("2", one)], ledger)).toEqual({
    applied: ["2"],
    pending: ["1"],
    problems: ["out of order 1: 1.json is older than 2, which is applied already"],
  });
  expect(check([file("1", one), file("2", one)], [recorded("1", false), ...ledger]).problems).toEqual([]);
});
