/** Canonical JSON: equal values have equal bytes, whatever the names of their members. */
import { expect, test } from "bun:test";
import { canonicalJson, type Json } from "../../src/base/hash.ts";

test("members stand in order at every depth, and undefined ones are left out", () => {
  const value = { b: [{ d: 1, c: [null, { z: "é", y: true }] }, "x"], a: { f: undefined, e: -0.5 }, g: undefined };
  expect(canonicalJson(value)).toBe('{"a":{"e":-0.5},"b":[{"c":[null,{"y":true,"z":"é"}],"d":1},"x"]}');
  expect(canonicalJson({ a: 1, b: { c: [] } })).toBe('{"a":1,"b":{"c":[]}}');
  expect(["x", 7, null, true, []].map((one) => canonicalJson(one as Json))).toEqual(['"x"', "7", "null", "true", "[]"]);
});

test("names that an object would put elsewhere, or take for something else, are members like any other", () => {
  const proto = JSON.parse('{"b":1,"__proto__":{"y":1,"x":2}}') as Json;
  expect(canonicalJson(proto)).toBe('{"__proto__":{"x":2,"y":1},"b":1}');
  expect(canonicalJson({ a: 1, 10: 2, 9: 3, "": 4 })).toBe('{"":4,"10":2,"9":3,"a":1}');
  expect(canonicalJson([{ a: { 10: 1, 9: 2 } }])).toBe('[{"a":{"10":1,"9":2}}]');
});

test("names with commas are not taken for several", () => {
  expect(canonicalJson({ c: 3, b: 2, a: 1 })).toBe('{"a":1,"b":2,"c":3}');
  expect(canonicalJson({ "c,b": 2, a: 1 })).toBe('{"a":1,"c,b":2}');
  expect(canonicalJson({ c: 2, "b,a": 1 })).toBe('{"b,a":1,"c":2}');
});
