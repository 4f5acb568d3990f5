// The parts of a backfill that need no database: ranges as SQL, the pace, the rate, and what makes two positions differ.
import { describe, expect, test } from "bun:test";
import { rangeCondition, upperKey } from "../../src/backfill/key-range.ts";
import { firstPace, largestBatch, type Pace, paceAfter, paceHalved, restForRate } from "../../src/backfill/pacing.ts";
import { differences, firstPosition, type Identity, readPosition } from "../../src/backfill/position.ts";
import { createRate } from "../../src/backfill/rate.ts";

describe("a range of a key", () => {
  const one = [{ name: "id", type: "bigint" }];
  const two = [
    { name: "Order", type: "uuid" },
    { name: "line", type: "character varying(9)" },
  ];

  test("is open at both ends, after a key, up to a key, or between two", () => {
    expect(rangeCondition(one, { after: null, upTo: null })).toEqual({ sql: "true", params: [] });
    expect(rangeCondition(one, { after: ["5"], upTo: null })).toEqual({ sql: "id > $1::bigint", params: ["5"] });
    expect(rangeCondition(one, { after: ["5"], upTo: ["9007199254740993"] })).toEqual({
      sql: "id > $1::bigint and id <= $2::bigint",
      params: ["5", "9007199254740993"],
    });
    expect(rangeCondition(two, { after: null, upTo: ["u", "x'"] })).toEqual({
      sql: '("Order", line) <= ($1::uuid, $2::character varying(9))',
      params: ["u", "x'"],
    });
  });

  test("ends at the nth key in the order of the columns, not of their texts", () => {
    const job = { schema: "public", table: "t", head: "", tail: "" };
    expect(
      upperKey(job, two, { after: null, upTo: null }, 100).sql,
    ).toBe(`select k."Order"::pg_catalog.text, k.line::pg_catalog.text from public.t as k
where true order by k."Order", k.line offset 99 limit 1`);
  });
});

describe("the pace", () => {
  const after = (pace: Pace, perKeyMs: number, times: number): Pace => {
    let current = pace;
    for (let at = 0; at < times; at++)
      current = paceAfter(current, { keys: current.size, durationMs: current.size * perKeyMs }, 250);
    return current;
  };

  test("comes to the size that takes the target time, by at most half as much again a batch", () => {
    expect(firstPace().size).toBe(1_000);
    expect(after(firstPace(), 0.02, 1).size).toBe(1_500);
    expect(after(firstPace(), 0.02, 2).size).toBe(2_250);
    expect(after(firstPace(), 0.02, 30).size).toBe(12_500);
    expect(after(firstPace(), 10, 1).size).toBe(500);
    expect(after(firstPace(), 10, 30).size).toBe(100);
    expect(after(firstPace(), 0.0001, 30).size).toBe(50_000);
  });

  test("is halved at once and grows again only after some good batches", () => {
    const halved = paceHalved(after(firstPace(), 0.02, 30));
    expect(halved.size).toBe(6_250);
    expect(after(halved, 0.02, 1).size).toBe(6_250);
    expect(after(halved, 0.02, 2).size).toBe(6_250);
    expect(after(halved, 0.02, 3).size).toBe(9_375);
    expect(paceHalved({ size: 1, perKeyMs: 1, good: 0 }).size).toBe(1);
    expect(paceHalved({ size: 150, perKeyMs: 1, good: 0 }, 100).size).toBe(100);
  });

  test("never holds more than a two-hundredth of a large table, so that who writes one row rarely meets it", () => {
    expect(largestBatch(50_000, 1_000_000)).toBe(5_000);
    expect(largestBatch(50_000, 100_000_000)).toBe(50_000);
    expect(largestBatch(50_000, 10_000)).toBe(2_000);
    expect(largestBatch(100, 1_000_000)).toBe(100);
    expect(largestBatch(50_000, null)).toBe(50_000);
  });

  test("keeps to a rate by resting", () => {
    expect(restForRate(1_000, 200, undefined)).toBe(0);
    expect(restForRate(1_000, 200, 2_000)).toBe(300);
    expect(restForRate(1_000, 800, 2_000)).toBe(0);
  });
});

test("the rate is that of the last seconds, pauses included, and there is none at the start", () => {
  let now = 0;
  const rate = createRate(0, () => now);
  expect(rate.figures(1_000)).toEqual({ rowsPerSecond: null, etaMs: null });
  for (let at = 1; at <= 60; at++) {
    now = at * 1_000;
    rate.at(Math.min(at, 30) * 100);
  }
  expect(rate.figures(10_000)).toEqual({ rowsPerSecond: 0, etaMs: null });
  now = 61_000;
  rate.at(4_000);
  expect(rate.figures(10_000)).toEqual({ rowsPerSecond: 48, etaMs: 126_000 });
  expect(rate.figures(null)).toEqual({ rowsPerSecond: 48, etaMs: null });
});

describe("a position", () => {
  const identity: Identity = {
    outcome: "applied",
    statement: "v1:sha256:1",
    table: "42",
    key: [{ name: "id", type: "bigint" }],
  };

  test("is read back as it was written, and refused when it is another thing", () => {
    expect(readPosition(JSON.stringify(firstPosition(identity)))).toEqual(firstPosition(identity));
    expect(() => readPosition('{"format":2}')).toThrow("a checkpoint's cursor cannot be read");
  });

  test("belongs to one statement, one table and one key", () => {
    expect(differences(identity, identity)).toEqual([]);
    expect(
      differences(identity, {
        ...identity,
        statement: "v1:sha256:2",
        table: "43",
        key: [{ name: "id", type: "integer" }],
      }),
    ).toEqual([
      "its expressions or conditions are others",
      "the table was dropped and made again",
      "its key was (id bigint) and is (id integer)",
    ]);
  });
});
