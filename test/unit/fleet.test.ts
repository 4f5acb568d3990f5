// The file that lists a fleet's databases, and the order in which they are done: a canary, then waves.
import { expect, test } from "bun:test";
import { toolError } from "../../src/base/errors.ts";
import { readTargets, type Target } from "../../src/config/targets.ts";
import { type FleetInput, upFleet } from "../../src/usecase/fleet.ts";
import type { UpResult } from "../../src/usecase/up.ts";
import { toolErrorOf } from "../support/tool-error.ts";

test("a line is a URL or a service, with the schemas of its tenants; names hold no secret", () => {
  const text = `# the fleet
postgres://app:s3cr%40t@db1:5433/shop?sslmode=require   # first
eu-west

postgresql:///local schema=tenant_a,tenant_b
`;
  expect(readTargets(text, "fleet.txt")).toEqual([
    { name: "db1:5433/shop", url: "postgres://app:s3cr%40t@db1:5433/shop?sslmode=require" },
    { name: "eu-west", url: "postgres:///?service=eu-west" },
    { name: "/local tenant_a", url: "postgresql:///local", schema: "tenant_a" },
    { name: "/local tenant_b", url: "postgresql:///local", schema: "tenant_b" },
  ]);
});

const faulty: readonly (readonly [name: string, text: string, line: number])[] = [
  ["nothing", "# none\n", 1],
  ["the same twice", "one\npostgres://u:secret@h/d\npostgres://u:secret@h/d", 3],
  ["a word too many", "postgres://u:secret@h/d schema=a b", 1],
  ["another word", "ok\npostgres://u:secret@h/d schemas=a", 2],
  ["a schema that could end a quoted name", `postgres://u:secret@h/d schema=a"b`, 1],
  ["no place", "user secret@host", 1],
];
for (const [name, text, line] of faulty) {
  test(`a file with ${name} is refused by its line, without its words`, async () => {
    const error = await toolErrorOf((async () => readTargets(text, "fleet.txt"))());
    expect({ code: error.code, what: error.what }).toEqual({
      code: "file_invalid",
      what: `line ${line} of fleet.txt names no target`,
    });
    expect(JSON.stringify(error)).not.toContain("secret");
  });
}

const targets: readonly Target[] = ["a", "b", "c", "d", "e"].map((name) => ({ name, url: `postgres:///${name}` }));

/** Runs a fleet whose bad targets fail; waves and states in one line each. */
async function play(bad: readonly string[], input: Partial<FleetInput> = {}, stopAfter?: string) {
  const waves: string[] = [];
  const stop = new AbortController();
  const { targets: results, stopped } = await upFleet(
    { targets, concurrency: 2, onFailure: "stop", ...input },
    async ({ name }): Promise<UpResult> => {
      if (name === stopAfter) stop.abort();
      if (bad.includes(name)) throw toolError({ code: "step_failed", what: `step of ${name} failed`, next: "look" });
      return { plan: {}, applied: [{ migration: "m", steps: 2, models: 0, relations: 0 }] } as unknown as UpResult;
    },
    { waveStarted: (wave, names) => waves.push(`${wave}: ${names.join(" ")}`), targetFinished: () => {} },
    stop.signal,
  );
  return { waves, ends: results.map(({ target, status }) => `${target} ${status}`), stopped };
}

test("the first goes alone, then the others so many at once", async () => {
  expect(await play([])).toEqual({
    waves: ["0: a", "1: b c", "2: d e"],
    ends: ["a applied", "b applied", "c applied", "d applied", "e applied"],
    stopped: undefined,
  });
});

test("nothing follows a canary that failed, whatever a failure is to do", async () => {
  expect(await play(["a"], { onFailure: "skip" })).toEqual({
    waves: ["0: a"],
    ends: ["a failed", "b not begun", "c not begun", "d not begun", "e not begun"],
    stopped: "the canary a did not go through",
  });
});

test("a failure ends the fleet after its wave, or is passed over by choice", async () => {
  expect(await play(["b"])).toEqual({
    waves: ["0: a", "1: b c"],
    ends: ["a applied", "b failed", "c applied", "d not begun", "e not begun"],
    stopped: "b did not go through, and a failure stops the fleet",
  });
  expect((await play(["b"], { onFailure: "skip" })).ends).toEqual([
    "a applied",
    "b failed",
    "c applied",
    "d applied",
    "e applied",
  ]);
});

test("a fleet that is asked to stop begins no further wave", async () => {
  expect(await play([], {}, "b")).toEqual({
    waves: ["0: a", "1: b c"],
    ends: ["a applied", "b applied", "c applied", "d not begun", "e not begun"],
    stopped: "the run was asked to stop",
  });
});
