// What the column operations do with rows: probes find what stands in the way, NOT NULL goes on where it was cut off, and a
// new identity goes on after the numbers that are there.
import { expect, test } from "bun:test";
import { addColumn } from "../../src/operation/add-column.ts";
import { alterColumnNullable } from "../../src/operation/alter-column-nullable.ts";
import { setIdentity } from "../../src/operation/set-identity.ts";
import type { Segment } from "../../src/sql/statement.ts";
import { withSchemaBench } from "../support/graph-of-sql.ts";

const bench = await withSchemaBench();
const { session, server } = bench;
const context = { server, isFresh: () => false };

async function run(segments: readonly Segment[]): Promise<void> {
  for (const { statements } of segments) {
    await session.transaction({}, async (tx) => {
      for (const { sql } of statements) await tx.execute(sql);
    });
  }
}

async function done(segment: Segment | undefined): Promise<boolean> {
  if (segment?.done === undefined) throw new Error("the part does not say whether it has happened");
  return (await session.rows(segment.done.sql, segment.done.params))[0]?.[0] === "t";
}

const place = { schema: "public", table: "r", name: "E Mail" };
const notNull = { kind: "alterColumnNullable", ...place, notNull: true };

test("rows with NULL are found before NOT NULL, up to five of them", async () => {
  await bench.reset();
  await bench.run(
    `create table r (r int, "E Mail" text); insert into r select n, case when n > 7 then 'x' end from generate_series(1, 9) n`,
  );
  const [probe, ...others] = alterColumnNullable.probes?.(notNull) ?? [];
  expect(others).toEqual([]);
  const rows = await session.query(probe?.sql ?? "");
  expect(rows).toHaveLength(5);
  expect(rows[0]).toEqual({ ctid: "(0,1)", row: "(1,)" });
  await session.execute(`update public.r set "E Mail" = 'y' where "E Mail" is null`);
  expect(await session.rows(probe?.sql ?? "")).toEqual([]);
  expect(alterColumnNullable.probes?.({ ...notNull, notNull: false } as never)).toEqual([]);
});

test("a required column without a default asks whether the table has rows", async () => {
  await bench.reset();
  await bench.run("create table r (id int)");
  const column = { kind: "column", ...place, type: "text", notNull: true };
  const probeOf = (changes: object) =>
    addColumn.probes?.({ kind: "addColumn", column: { ...column, ...changes } } as never) ?? [];
  const [probe] = probeOf({});
  expect(probe?.requires).toEqual(["table:public.r"]);
  expect(await session.rows(probe?.sql ?? "")).toEqual([]);
  await session.execute("insert into public.r select generate_series(1, 9)");
  expect(await session.rows(probe?.sql ?? "")).toHaveLength(5);
  expect(probeOf({ default: "'x'::text" })).toEqual([]);
  expect(probeOf({ type: "integer", identity: { generation: "always" } })).toEqual([]);
  expect(probeOf({ notNull: undefined })).toEqual([]);
});

test("NOT NULL that was cut off after any of its parts goes on with the next one", async () => {
  const segments = alterColumnNullable.emit(notNull, context);
  for (let cut = 0; cut <= segments.length; cut++) {
    await bench.reset();
    await bench.run(`create table r ("E Mail" text); insert into r values ('x')`);
    await run(segments.slice(0, cut));
    const states = await Promise.all(segments.map(done));
    expect(states).toEqual(segments.map((_, index) => index < cut));
    for (const [index, segment] of segments.entries()) if (!states[index]) await run([segment]);
    expect([...(await bench.read()).objects.keys()].filter((id) => id.startsWith("check:"))).toEqual([]);
    await expect(session.execute("insert into public.r values (null)")).rejects.toThrow();
  }
});

test("a row that appears too late fails the validation, and the same operation finishes once it is gone", async () => {
  await bench.reset();
  await bench.run(`create table r ("E Mail" text); insert into r values (null)`);
  const segments = alterColumnNullable.emit(notNull, context);
  await expect(run(segments)).rejects.toThrow();
  expect(await Promise.all(segments.map(done))).toEqual([true, false, false]);
  await session.execute("delete from public.r");
  await run(segments.slice(1));
  expect(await Promise.all(segments.map(done))).toEqual([true, true, true]);
});

test("a new identity goes on after the largest number, and starts at one where there is none", async () => {
  for (const [rows, next] of [
    ["insert into r values (7), (3)", "8"],
    ["", "1"],
    ["insert into r values (-5)", "1"],
  ] as const) {
    await bench.reset();
    await bench.run(`create table r ("E Mail" int not null, n int); ${rows}`);
    await run(setIdentity.emit({ kind: "setIdentity", ...place, to: { generation: "always" } } as never, context));
    await session.execute("insert into public.r (n) values (1)");
    expect(await session.rows(`select "E Mail" from public.r where n = 1 order by 1`)).toEqual([[next]]);
  }
});
