/** createEnum: makes an enum type with its values. */
import * as v from "valibot";
import { enumSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { commentStatements } from "./sql/comment.ts";
import { createEnumStatement } from "./sql/enum.ts";

const payload = v.strictObject({ enum: enumSchema });

type CreateEnum = v.InferOutput<typeof payload>;

export const createEnum = defineOperation<"createEnum", CreateEnum>({
  kind: "createEnum",
  family: "types & sequences",
  product: false,
  summary: "make an enum type",
  base: "safe",
  reasons: [],
  payload,
  shares: true,
  on: ["create enum"],
  claims: (change) => (change.type === "create" && change.after.kind === "enum" ? { enum: change.after } : undefined),
  describe: (op) => inWords(op.enum.schema, op.enum.name),
  emit: (op) => [together(createEnumStatement(op.enum), ...commentStatements(op.enum))],
  invert: (op) => ({
    reversible: true,
    operations: [operation("dropEnum", { schema: op.enum.schema, name: op.enum.name })],
  }),
  predict: (op) => [{ put: op.enum }],
  risks: () => [
    finding("safe", undefined, "nothing uses a type that does not exist yet; its values cannot be removed in place"),
  ],
  examples: [
    {
      name: "some values",
      before: "",
      op: { enum: { kind: "enum", schema: "public", name: "mood", values: ["sad", "ok", "happy"] } },
      after: "create type mood as enum ('sad', 'ok', 'happy')",
    },
    {
      name: "quoted names and values, with a comment",
      before: `create schema "App"`,
      op: {
        enum: { kind: "enum", schema: "App", name: "Mood", values: ["it's ok", "a\\b", "ö"], comment: "how it goes" },
      },
      after: `create schema "App"; create type "App"."Mood" as enum ('it''s ok', 'a\\b', 'ö'); comment on type "App"."Mood" is 'how it goes'`,
    },
    {
      name: "no values yet",
      before: "",
      op: { enum: { kind: "enum", schema: "public", name: "mood", values: [] } },
      after: "create type mood as enum ()",
    },
  ],
});
