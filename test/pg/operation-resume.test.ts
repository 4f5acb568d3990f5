// Operations in several parts, cut off after any of them: the catalog tells where to go on, and the end is the same.
import { describe, expect, test } from "bun:test";
import { diffGraphs } from "../../src/diff/graph-diff.ts";
import type { AnyOperationKind, Operation } from "../../src/operation/define.ts";
import { kindOf, operationKinds } from "../../src/operation/registry.ts";
import type { CatalogQuestion, Segment } from "../../src/sql/statement.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();
const { session, server } = bench;
const context = { server, isFresh: () => false };

async function holds(question: CatalogQuestion | undefined): Promise<boolean> {
  if (question === undefined) return false;
  return (await session.rows(question.sql, question.params))[0]?.[0] === "t";
}

async function run(segments: readonly Segment[]): Promise<void> {
  for (const { mode, statements } of segments) {
    if (mode === "alone") for (const { sql } of statements) await session.execute(sql);
    else {
      await session.transaction({}, async (tx) => {
        for (const { sql } of statements) await tx.execute(sql);
      });
    }
  }
}

/** What a run does that finds an attempt begun: goes on after the last part that has taken effect. */
async function resume(segments: readonly Segment[]): Promise<number> {
  let from = segments.length;
  while (from > 0 && !(await holds(segments[from - 1]?.done))) from--;
  for (const segment of segments.slice(from)) {
    if (segment.leftover && (await holds(segment.leftover.found))) await run(segment.leftover.remove);
    await run([segment]);
  }
  return from;
}

const own = new Set([
  "addIndex",
  "addUnique",
  "addPrimaryKey",
  "addForeignKey",
  "addCheck",
  "addEnumValue",
  "dropIndex",
  "attachPartition",
  "detachPartition",
  "attachIndex",
]);

function inParts(
  kind: AnyOperationKind,
): { name: string; op: Operation; before: string; after: string; parts: number }[] {
  return kind.examples
    .filter(({ since = 0 }) => since <= server)
    .map(({ name, op, before, after }) => {
      const complete = { ...op, kind: kind.kind };
      return { name, op: complete, before, after, parts: kind.emit(complete, context).length };
    });
}

for (const kind of operationKinds.filter(({ kind }) => own.has(kind))) {
  describe(kind.kind, () => {
    for (const { name, op, before, after, parts } of inParts(kind)) {
      test(`${name}: goes on from each of its ${parts} parts`, async () => {
        const wanted = await bench.graphOf(after);
        const segments = kind.emit(op, context);
        for (let cut = 0; cut <= parts; cut++) {
          // A transaction at the end commits with the ledger's row, so that nobody resumes after it.
          if (cut === parts && segments[cut - 1]?.done === undefined) continue;
          await bench.reset();
          await bench.run(before);
          await run(segments.slice(0, cut));
          expect(await resume(segments)).toBe(cut);
          expect(diffGraphs(await bench.read(), wanted)).toEqual([]);
        }
      });
    }
  });
}

const users = "create table users (id int, email text)";
const index = { kind: "index", schema: "public", table: "users", name: "users_email", columns: ["email"] } as const;
const uniqueIndex = { ...index, unique: true, definition: "btree (email)" } as const;

function addIndexSegments(op: object): readonly Segment[] {
  return kindOf("addIndex").emit({ kind: "addIndex", ...op } as Operation, context);
}

async function fails(sql: string): Promise<void> {
  await expect(session.execute(sql)).rejects.toThrow();
}

test("what a failed concurrent build leaves is found, removed and built again", async () => {
  await bench.reset();
  await bench.run(`${users}; insert into users values (1, 'a'), (2, 'a')`);
  const segments = addIndexSegments({ index: uniqueIndex });
  await fails(segments[0]?.statements[0]?.sql ?? "");
  expect(await holds(segments[0]?.done)).toBe(false);
  expect(await holds(segments[0]?.leftover?.found)).toBe(true);
  await bench.run("delete from users where id = 2");
  expect(await resume(segments)).toBe(0);
  expect(await holds(segments[0]?.done)).toBe(true);
  expect(await holds(segments[0]?.leftover?.found)).toBe(false);
});

test("a failed build of a replacement leaves the old index, and the next try finishes", async () => {
  const plain = { ...index, definition: "btree (email)" };
  await bench.reset();
  await bench.run(`${users}; create index users_email on users (email); insert into users values (1, 'a'), (2, 'a')`);
  const segments = addIndexSegments({ index: uniqueIndex, replaces: plain });
  await run(segments.slice(0, 1));
  await fails(segments[1]?.statements[0]?.sql ?? "");
  await bench.run("delete from users where id = 2");
  expect(await resume(segments)).toBe(1);
  const live = await bench.read();
  expect(diffGraphs(live, await bench.graphOf(`${users}; create unique index users_email on users (email)`))).toEqual(
    [],
  );
});

test("an index that merely has the name is neither adopted nor removed", async () => {
  const [segment] = addIndexSegments({ index: uniqueIndex });
  for (const other of ["on users (id)", "on users using hash (email)", "on users (email, id)"]) {
    await bench.reset();
    await bench.run(`${users}; create index users_email ${other}`);
    expect([await holds(segment?.done), await holds(segment?.leftover?.found)]).toEqual([false, false]);
  }
  await bench.reset();
  await bench.run(`${users}; insert into users values (1, 'a'), (1, 'a')`);
  await fails("create unique index concurrently users_email on users (id)");
  expect([await holds(segment?.done), await holds(segment?.leftover?.found)]).toEqual([false, false]);
});

test("a constraint that merely has the name is not adopted", async () => {
  const check = { kind: "check", schema: "public", table: "users", name: "some_check", expression: "((id > 0))" };
  const foreignKey = {
    kind: "foreignKey",
    schema: "public",
    table: "users",
    name: "some_key",
    columns: ["id"],
    references: { schema: "public", table: "parents", columns: ["id"] },
  };
  await bench.reset();
  await bench.run(`create table parents (id int primary key, other int unique); ${users};
    alter table users add constraint some_check check (id > 1), add constraint some_key foreign key (id) references parents (other)`);
  for (const op of [
    { kind: "addCheck", check },
    { kind: "addForeignKey", foreignKey },
  ]) {
    for (const { done } of kindOf(op.kind).emit(op, context)) expect(await holds(done)).toBe(false);
  }
});

test("on a table of the same migration everything is one plain transaction", () => {
  const fresh = { server, isFresh: () => true };
  for (const kind of operationKinds.filter(({ kind }) => own.has(kind) && kind !== "addEnumValue")) {
    for (const { op } of kind.examples) {
      if ("replaces" in op) continue;
      const segments = kind.emit({ ...op, kind: kind.kind }, fresh);
      expect(segments.map(({ mode }) => mode)).toEqual(["transaction"]);
      // A partition and its parent are two tables, whose locks are taken in one order whether both are new or not.
      const unwanted = kind.kind.endsWith("Partition") ? /concurrently/ : /concurrently|lock table/;
      expect(segments[0]?.statements.some(({ sql }) => unwanted.test(sql))).toBe(false);
    }
  }
});
