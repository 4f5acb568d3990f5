// What a person reads of every operation kind, by its examples: SQL with its locks, findings with and without live figures,
// probes. Stored texts are reviewed like code; ZANITH_UPDATE_GOLDEN=1 writes them anew.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import { emptyGraph } from "../../src/model/graph.ts";
import type { AnyOperationKind, Example, Operation } from "../../src/operation/define.ts";
import { kindOf, operationKinds } from "../../src/operation/registry.ts";
import { type Facts, noFacts } from "../../src/risk/facts.ts";
import { reasonCodes, scores } from "../../src/risk/levels.ts";
import { toolErrorOf } from "../support/tool-error.ts";

const server = 180000;
const large: Facts = {
  live: true,
  server,
  table: () => ({ rows: 12_000_000, bytes: 3 * 1024 ** 3 }),
  isFresh: () => false,
};
const fresh: Facts = { ...noFacts, isFresh: () => true };

for (const kind of operationKinds) {
  describe(kind.kind, () => {
    test("has three examples or more, each of another name", () => {
      const names = kind.examples.map(({ name }) => name);
      expect(names.length).toBeGreaterThanOrEqual(3);
      expect(new Set(names).size).toBe(names.length);
    });

    test("its payloads survive JSON and the check of what a file holds", () => {
      for (const example of kind.examples) {
        const op = operationOf(kind, example);
        expect(v.parse(kind.payload, JSON.parse(JSON.stringify(op)))).toEqual(op);
        expect(v.safeParse(kind.payload, { ...op, surplus: 1 }).success).toBe(false);
      }
    });

    test("reads as it is stored", () => {
      const text = `${kind.examples.map((example) => describeExample(kind, example)).join("\n")}`;
      const file = new URL(`golden/${kind.kind}.txt`, import.meta.url);
      if (process.env["ZANITH_UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
      expect(existsSync(file) ? readFileSync(file, "utf8") : "no golden file: run with ZANITH_UPDATE_GOLDEN=1").toBe(
        text,
      );
    });

    test("names known reason codes and all that its findings have", () => {
      for (const reason of kind.reasons) expect(reasonCodes).toContain(reason);
      for (const example of kind.examples) {
        for (const facts of [noFacts, large, fresh]) {
          for (const { reason, level, score } of kind.risks(operationOf(kind, example), facts)) {
            if (reason !== undefined) expect(kind.reasons).toContain(reason);
            expect(score).toBe(scores[level]);
          }
        }
      }
    });
  });
}

test("an unknown kind is refused by name", async () => {
  const error = await toolErrorOf(Promise.resolve("addMagic").then(kindOf));
  expect(error.code).toBe("name_unknown");
  expect(error.what).toBe('"addMagic" is not an operation kind');
});

test("an operation on objects that are not there predicts nothing without a failure", () => {
  for (const kind of operationKinds) {
    for (const example of kind.examples) {
      const op = operationOf(kind, example);
      expect(() => kind.predict(op, emptyGraph)).not.toThrow();
      expect(() => kind.invert(op, emptyGraph)).not.toThrow();
    }
  }
});

function operationOf(kind: AnyOperationKind, example: Example<Operation>): Operation {
  return { ...example.op, kind: kind.kind };
}

function describeExample(kind: AnyOperationKind, example: Example<Operation>): string {
  const op = operationOf(kind, example);
  const lines = [`# ${example.name}`, `${kind.kind}  ${kind.describe(op)}`];
  for (const segment of kind.emit(op, { server, isFresh: () => false })) {
    lines.push({ transaction: "in one transaction:", alone: "alone:", batches: "in batches:" }[segment.mode]);
    for (const { sql, lock, on, duration } of segment.statements) {
      lines.push(...sql.split("\n").map((line) => `  ${line}`));
      lines.push(lock === "none" ? "    no lock" : `    ${lock} on ${on.join(", ")}, ${duration}`);
    }
    if (segment.done) lines.push(`  done: ${oneLine(segment.done.sql)}  ${JSON.stringify(segment.done.params)}`);
    if (segment.leftover) {
      const { found, remove } = segment.leftover;
      lines.push(`  leftover: ${oneLine(found.sql)}  ${JSON.stringify(found.params)}`);
      lines.push(`  removed by: ${remove.flatMap(({ statements }) => statements.map(({ sql }) => sql)).join("; ")}`);
    }
  }
  const plain = scriptOfFresh(kind, op);
  if (plain !== undefined) lines.push("on a table of the same migration:", plain);
  lines.push("findings:", ...findings(kind, op, noFacts));
  lines.push("findings with 12 000 000 rows in 3 GB:", ...findings(kind, op, large));
  for (const probe of kind.probes?.(op) ?? []) {
    lines.push(
      `probe ${probe.name}: ${probe.question}`,
      `  ${probe.sql}`,
      `  needs ${probe.requires.join(", ")}`,
      `  ${probe.advice}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function findings(kind: AnyOperationKind, op: Operation, facts: Facts): string[] {
  return kind
    .risks(op, facts)
    .map(({ level, score, reason, message }) => `  ${level} ${score}  ${reason ?? "–"}  ${message}`);
}

/** The SQL for a table made in the same migration, where it is another. */
function scriptOfFresh(kind: AnyOperationKind, op: Operation): string | undefined {
  const sqlOf = (isFresh: boolean): string =>
    kind
      .emit(op, { server, isFresh: () => isFresh })
      .flatMap(({ statements }) => statements.map(({ sql }) => `  ${sql}`))
      .join("\n");
  const plain = sqlOf(true);
  return plain === sqlOf(false) ? undefined : plain;
}

function oneLine(sql: string): string {
  return sql.replace(/\s+/g, " ");
}
