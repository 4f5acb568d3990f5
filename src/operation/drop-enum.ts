/** dropEnum: removes an enum type; refused by the server while anything uses it. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { enumSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { remaking } from "./replacement.ts";
import { dropTypeStatement } from "./sql/enum.ts";

const payload = v.strictObject({ schema: enumSchema.entries.schema, name: enumSchema.entries.name });

type DropEnum = v.InferOutput<typeof payload>;

export const dropEnum = defineOperation<"dropEnum", DropEnum>({
  kind: "dropEnum",
  family: "types & sequences",
  product: false,
  summary: "remove an enum type",
  base: "medium",
  baseNote: "it holds no data of its own: the columns that do are operations of their own",
  reasons: [],
  payload,
  on: ["drop enum"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "enum"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(dropTypeStatement(op))],
  invert: (op, before) =>
    remaking(before, "enum", makeId("enum", op.schema, op.name), (type) => [operation("createEnum", { enum: type })]),
  predict: (op) => [{ drop: makeId("enum", op.schema, op.name) }],
  risks: () => [
    finding(
      "medium",
      undefined,
      "queries that name the type fail; the server refuses while a column or function uses it",
    ),
  ],
  examples: [
    {
      name: "plain",
      before: "create type mood as enum ('sad', 'ok')",
      op: { schema: "public", name: "mood" },
      after: "",
    },
    {
      name: "quoted names, with a comment",
      before: `create schema "App"; create type "App"."Mood" as enum ('it''s ok'); comment on type "App"."Mood" is 'x'`,
      op: { schema: "App", name: "Mood" },
      after: `create schema "App"`,
    },
    {
      name: "one of two",
      before: "create type a as enum ('x'); create type b as enum ('x')",
      op: { schema: "public", name: "b" },
      after: "create type a as enum ('x')",
    },
  ],
});
