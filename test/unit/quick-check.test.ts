// The quick check accepts exactly what valibot accepts, for every kind of object and one wrong thing at a time.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as v from "valibot";
import { type ObjectKind, objectSchemas } from "../../src/model/object.ts";
import { quickCheck } from "../../src/model/quick-check.ts";

const text = gunzipSync(readFileSync(join(import.meta.dir, "../../fixtures/large/after.json.gz"))).toString();
const objects = (JSON.parse(text) as { objects: { kind: ObjectKind }[] }).objects;
const examples = new Map<ObjectKind, object>();
for (const object of objects)
  if (!examples.has(object.kind) || Object.keys(object).length > Object.keys(examples.get(object.kind) ?? {}).length)
    examples.set(object.kind, object);
const wrong: readonly unknown[] = [
  undefined,
  null,
  "",
  "x".repeat(64),
  "\0",
  "\ud800",
  0,
  1.5,
  -1,
  1e9,
  true,
  false,
  [],
  ["a", 1],
  {},
  { a: 1 },
];

describe("quick check", () => {
  for (const [kind, example] of examples) {
    const schema = objectSchemas[kind] as v.GenericSchema;
    const quick = quickCheck(schema);
    test(kind, () => {
      expect(quick(example)).toBe(true);
      const variants: unknown[] = [...wrong, { ...example, extra: 1 }, { ...example, kind: "other" }];
      for (const name of Object.keys(example)) for (const value of wrong) variants.push({ ...example, [name]: value });
      expect(variants.map(quick)).toEqual(variants.map((value) => v.is(schema, value)));
    });
  }
});
