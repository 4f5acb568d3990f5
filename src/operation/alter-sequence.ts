/** alterSequence: changes the type and options of a sequence; it goes on counting where it is. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type Sequence, sequenceOptionsSchema, sequenceSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { editObject, remaking } from "./replacement.ts";
import { alterSequenceStatement } from "./sql/sequence.ts";

const { schema, name, type } = sequenceSchema.entries;

/** Type and options are as they will be; an absent one is the default of CREATE SEQUENCE. */
const payload = v.strictObject({ schema, name, type, ...sequenceOptionsSchema.entries });

type AlterSequence = v.InferOutput<typeof payload>;

const options = ["type", "start", "increment", "min", "max", "cache", "cycle"] as const;

export const alterSequence = defineOperation<"alterSequence", AlterSequence>({
  kind: "alterSequence",
  family: "types & sequences",
  product: false,
  summary: "change the type and options of a sequence",
  base: "low",
  reasons: [],
  payload,
  on: options.map((option) => `alter sequence.${option}`),
  claims: (change) => {
    if (change.type !== "alter" || change.after.kind !== "sequence") return undefined;
    return { schema: change.after.schema, name: change.after.name, ...optionsOf(change.after) };
  },
  absorbs: (op, change) =>
    change.type === "alter" && change.id === idOf(op) && (options as readonly string[]).includes(change.attribute),
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(alterSequenceStatement(op))],
  invert: (op, before) =>
    remaking(before, "sequence", idOf(op), (sequence) => [
      operation("alterSequence", { schema: op.schema, name: op.name, ...optionsOf(sequence) }),
    ]),
  predict: (op, graph) =>
    editObject(graph, "sequence", idOf(op), (sequence) =>
      withMembers(sequence, {
        type: op.type,
        start: op.start,
        increment: op.increment,
        min: op.min,
        max: op.max,
        cache: op.cache,
        cycle: op.cycle,
      }),
    ),
  risks: () => [
    finding("low", undefined, "fails if its value is outside the new range; who draws from it waits for a moment"),
  ],
  examples: [
    {
      name: "some options",
      before: "create sequence numbers",
      op: { schema: "public", name: "numbers", increment: "10", cache: "50", cycle: true },
      after: "create sequence numbers increment by 10 cache 50 cycle",
    },
    {
      name: "a smaller type, quoted names, the comment stays",
      before: `create sequence "Numbers" increment by 2; comment on sequence "Numbers" is 'x'`,
      op: { schema: "public", name: "Numbers", type: "integer", start: "5", max: "500" },
      after: `create sequence "Numbers" as integer start with 5 maxvalue 500; comment on sequence "Numbers" is 'x'`,
    },
    {
      name: "back to the defaults, its owner stays",
      before:
        "create table users (id int); create sequence numbers as smallint increment by 3 minvalue 3 maxvalue 30 start with 6 cache 2 cycle owned by users.id",
      op: { schema: "public", name: "numbers" },
      after: "create table users (id int); create sequence numbers start with 1 owned by users.id",
    },
  ],
});

function idOf(op: AlterSequence): ObjectId {
  return makeId("sequence", op.schema, op.name);
}

function optionsOf(sequence: Sequence): Partial<Pick<Sequence, (typeof options)[number]>> {
  return Object.fromEntries(
    options.flatMap((option) => (sequence[option] === undefined ? [] : [[option, sequence[option]]])),
  );
}
