/** dropSequence: removes a sequence; refused by the server while a default draws from it. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { sequenceSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { remaking } from "./replacement.ts";
import { sequenceName } from "./sql/sequence.ts";

const payload = v.strictObject({ schema: sequenceSchema.entries.schema, name: sequenceSchema.entries.name });

type DropSequence = v.InferOutput<typeof payload>;

export const dropSequence = defineOperation<"dropSequence", DropSequence>({
  kind: "dropSequence",
  family: "types & sequences",
  product: false,
  summary: "remove a sequence",
  base: "destructive",
  baseNote: "how far it has counted is data and goes with it",
  reasons: [],
  payload,
  on: ["drop sequence"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "sequence"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(statement(`drop sequence ${sequenceName(op)}`, "access exclusive", [sequenceName(op)]))],
  invert: (op, before) =>
    remaking(
      before,
      "sequence",
      makeId("sequence", op.schema, op.name),
      (sequence) => [
        operation("createSequence", { sequence: withMembers(sequence, { ownedBy: undefined }) }),
        ...(sequence.ownedBy === undefined
          ? []
          : [operation("setSequenceOwner", { schema: op.schema, name: op.name, to: sequence.ownedBy })]),
      ],
      "how far it has counted",
    ),
  predict: (op) => [{ drop: makeId("sequence", op.schema, op.name) }],
  risks: () => [
    finding(
      "destructive",
      undefined,
      "how far it has counted is lost; the server refuses while a default draws from it",
    ),
  ],
  examples: [
    {
      name: "plain",
      before: "create sequence numbers",
      op: { schema: "public", name: "numbers" },
      after: "",
    },
    {
      name: "with options and a comment, quoted names",
      before: `create schema "App"; create sequence "App"."Numbers" as integer increment by 5; comment on sequence "App"."Numbers" is 'x'`,
      op: { schema: "App", name: "Numbers" },
      after: `create schema "App"`,
    },
    {
      name: "owned by a column that stays",
      before: "create table users (id int); create sequence numbers owned by users.id",
      op: { schema: "public", name: "numbers" },
      after: "create table users (id int)",
    },
  ],
});
