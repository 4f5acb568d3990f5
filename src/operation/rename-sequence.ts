/** renameSequence: another name for a sequence, which counts on. Claimed by no diff: planning finds equal owned sequences. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type Column, sequenceSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { renamedObject } from "./rename-part.ts";

const { schema, name } = sequenceSchema.entries;

const payload = v.strictObject({ schema, from: name, to: name });

type RenameSequence = v.InferOutput<typeof payload>;

export const renameSequence = defineOperation<"renameSequence", RenameSequence>({
  kind: "renameSequence",
  family: "types & sequences",
  product: false,
  summary: "give a sequence another name; it counts on",
  base: "low",
  reasons: [],
  payload,
  on: [],
  claims: () => undefined,
  describe: (op) => `${inWords(op.schema, op.from)} to ${quoteIdent(op.to)}`,
  emit: (op) => {
    const sequence = qualified(op.schema, op.from);
    return [
      together(statement(`alter sequence ${sequence} rename to ${quoteIdent(op.to)}`, "access exclusive", [sequence])),
    ];
  },
  invert: (op) => ({
    reversible: true,
    operations: [operation("renameSequence", { ...op, from: op.to, to: op.from })],
  }),
  predict: (op, graph) => {
    const id = makeId("sequence", op.schema, op.from);
    const edits = renamedObject(graph, id, op.to);
    if (edits.length === 0) return [];
    const users: Column[] = [];
    for (const object of graph.objects.values()) {
      if (object.kind === "column" && object.dependsOn?.includes(id)) users.push(object);
    }
    return [...edits, ...users.map((column) => ({ put: drawingFrom(column, op, id) }))];
  },
  risks: () => [finding("low", undefined, "messages and tools say the new name from then on; nothing else changes")],
  examples: [
    {
      name: "of a serial column",
      before: "create table users (id serial)",
      op: { schema: "public", from: "users_id_seq", to: "numbers" },
      after:
        "create sequence numbers as int; create table users (id int not null default nextval('numbers')); alter sequence numbers owned by users.id",
    },
    {
      name: "with options, used by two columns, quoted names",
      before: `create schema "App"; create sequence "App"."It's" increment by 5; create table t (a int default nextval('"App"."It''s"'), b int default 1 + nextval('"App"."It''s"'))`,
      op: { schema: "App", from: "It's", to: "Them" },
      after: `create schema "App"; create sequence "App"."Them" increment by 5; create table t (a int default nextval('"App"."Them"'), b int default 1 + nextval('"App"."Them"'))`,
      notFromDiff: true,
    },
    {
      name: "with a comment",
      before: "create table t (a int); create sequence s owned by t.a; comment on sequence s is 'x'",
      op: { schema: "public", from: "s", to: "u" },
      after: "create table t (a int); create sequence u owned by t.a; comment on sequence u is 'x'",
    },
  ],
});

/** A column whose default draws from the sequence; defaults are printed with the sequence's qualified name, never as E''. */
function drawingFrom(column: Column, op: RenameSequence, id: ObjectId): Column {
  const printed = (sequence: string): string => `'${qualified(op.schema, sequence).replaceAll("'", "''")}'::regclass`;
  return {
    ...column,
    dependsOn: (column.dependsOn ?? [])
      .map((target) => (target === id ? makeId("sequence", op.schema, op.to) : target))
      .sort(),
    ...(column.default === undefined ? {} : { default: column.default.replaceAll(printed(op.from), printed(op.to)) }),
  };
}
