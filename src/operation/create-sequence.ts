/** createSequence: makes a sequence. The column that owns it, if any, is set by an operation of its own once it is there. */
import * as v from "valibot";
import { sequenceSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { commentStatements } from "./sql/comment.ts";
import { createSequenceStatement } from "./sql/sequence.ts";

const payload = v.strictObject({ sequence: v.omit(sequenceSchema, ["ownedBy"]) });

type CreateSequence = v.InferOutput<typeof payload>;

export const createSequence = defineOperation<"createSequence", CreateSequence>({
  kind: "createSequence",
  family: "types & sequences",
  product: false,
  summary: "make a sequence",
  base: "safe",
  reasons: [],
  payload,
  shares: true,
  on: ["create sequence"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "sequence"
      ? { sequence: withMembers(change.after, { ownedBy: undefined }) }
      : undefined,
  describe: (op) => inWords(op.sequence.schema, op.sequence.name),
  emit: (op) => [together(createSequenceStatement(op.sequence), ...commentStatements(op.sequence))],
  invert: (op) => ({
    reversible: true,
    operations: [operation("dropSequence", { schema: op.sequence.schema, name: op.sequence.name })],
    loses: "how far it has counted by then",
  }),
  predict: (op) => [{ put: op.sequence }],
  risks: () => [finding("safe", undefined, "nothing uses a sequence that does not exist yet")],
  examples: [
    {
      name: "plain",
      before: "",
      op: { sequence: { kind: "sequence", schema: "public", name: "numbers" } },
      after: "create sequence numbers",
    },
    {
      name: "with every option and a comment",
      before: "",
      op: {
        sequence: {
          kind: "sequence",
          schema: "public",
          name: "Numbers",
          type: "integer",
          start: "100",
          increment: "5",
          min: "10",
          max: "1000",
          cache: "20",
          cycle: true,
          comment: "of invoices",
        },
      },
      after: `create sequence "Numbers" as integer increment by 5 minvalue 10 maxvalue 1000 start with 100 cache 20 cycle;
        comment on sequence "Numbers" is 'of invoices'`,
    },
    {
      name: "downwards, in another schema",
      before: "create schema app",
      op: { sequence: { kind: "sequence", schema: "app", name: "countdown", type: "smallint", increment: "-1" } },
      after: "create schema app; create sequence app.countdown as smallint increment by -1",
    },
  ],
});
