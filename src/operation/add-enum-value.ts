/** addEnumValue: adds values to an enum type, each in a transaction of its own: only then can it be used. */
import * as v from "valibot";
import { isSubsequence, makeId, type ObjectId } from "../model/kinds.ts";
import { type Enum, enumSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified } from "../sql/identifier.ts";
import { quoteLiteral } from "../sql/literal.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { rebuildingBack } from "./rebuild-enum.ts";
import { editObject } from "./replacement.ts";
import { enumHasValue } from "./sql/question.ts";

const value = enumSchema.entries.values.pipe[0].item;

const payload = v.strictObject({
  schema: enumSchema.entries.schema,
  name: enumSchema.entries.name,
  /** in the order in which they are added; each stands after or before one that is there by then */
  add: v.pipe(
    v.array(v.strictObject({ value, after: v.optional(value), before: v.optional(value) })),
    v.minLength(1),
    v.check(
      (list) => list.every(({ after, before }) => after === undefined || before === undefined),
      "a value stands after or before another",
    ),
  ),
});

type AddEnumValue = v.InferOutput<typeof payload>;
type AddedValue = AddEnumValue["add"][number];

export const addEnumValue = defineOperation<"addEnumValue", AddEnumValue>({
  kind: "addEnumValue",
  family: "types & sequences",
  product: false,
  summary: "add values to an enum type",
  base: "low",
  reasons: [],
  payload,
  on: ["alter enum.values"],
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "enum" || change.after.kind !== "enum") return undefined;
    const { before, after } = change;
    if (!isSubsequence(before.values, after.values)) return undefined;
    return { schema: after.schema, name: after.name, add: addedValues(before.values, after.values) };
  },
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) =>
    op.add.map((added) => ({
      ...together(statement(`alter type ${qualified(op.schema, op.name)} add value ${placedValue(added)}`)),
      done: enumHasValue(op.schema, op.name, added.value),
    })),
  invert: (op, before) => rebuildingBack(before, idOf(op), withAdded(op)),
  predict: (op, graph) => editObject(graph, "enum", idOf(op), withAdded(op)),
  risks: () => [
    finding(
      "low",
      undefined,
      "clients that know the old values only may meet a new one; a value cannot be removed in place",
    ),
  ],
  examples: [
    {
      name: "at the end",
      before: "create type mood as enum ('sad', 'ok')",
      op: { schema: "public", name: "mood", add: [{ value: "happy", after: "ok" }] },
      after: "create type mood as enum ('sad', 'ok', 'happy')",
    },
    {
      name: "at the start, between others and at the end, quoted names",
      before: `create type "Mood" as enum ('sad', 'ok'); create table users (mood "Mood")`,
      op: {
        schema: "public",
        name: "Mood",
        add: [
          { value: "it's awful", before: "sad" },
          { value: "so-so", after: "sad" },
          { value: "almost ok", after: "so-so" },
          { value: "happy", after: "ok" },
        ],
      },
      after: `create type "Mood" as enum ('it''s awful', 'sad', 'so-so', 'almost ok', 'ok', 'happy'); create table users (mood "Mood")`,
    },
    {
      name: "to an empty type, the comment stays",
      before: "create schema app; create type app.mood as enum (); comment on type app.mood is 'x'",
      op: { schema: "app", name: "mood", add: [{ value: "ok" }] },
      after: "create schema app; create type app.mood as enum ('ok'); comment on type app.mood is 'x'",
    },
    {
      name: "an empty one, and one after it",
      before: "create type mood as enum ('ok')",
      op: {
        schema: "public",
        name: "mood",
        add: [
          { value: "", after: "ok" },
          { value: "bad", after: "" },
        ],
      },
      after: "create type mood as enum ('ok', '', 'bad')",
    },
  ],
});

function idOf(op: AddEnumValue): ObjectId {
  return makeId("enum", op.schema, op.name);
}

/** The new values in order, each placed after the one before it, the first of all before the old first one. */
function addedValues(before: readonly string[], after: readonly string[]): AddedValue[] {
  const old = new Set(before);
  return after.flatMap((value, at): AddedValue[] => {
    if (old.has(value)) return [];
    const previous = after[at - 1];
    if (previous !== undefined) return [{ value, after: previous }];
    return before[0] === undefined ? [{ value }] : [{ value, before: before[0] }];
  });
}

function placedValue({ value, after, before }: AddedValue): string {
  if (after !== undefined) return `${quoteLiteral(value)} after ${quoteLiteral(after)}`;
  return before === undefined ? quoteLiteral(value) : `${quoteLiteral(value)} before ${quoteLiteral(before)}`;
}

function withAdded(op: AddEnumValue): (type: Enum) => Enum {
  return (type) => {
    const values = [...type.values];
    for (const { value, after, before } of op.add) {
      const beside = after ?? before;
      const anchor = beside === undefined ? -1 : values.indexOf(beside);
      if (anchor < 0) values.push(value);
      else values.splice(after === undefined ? anchor : anchor + 1, 0, value);
    }
    return withMembers(type, { values });
  };
}
