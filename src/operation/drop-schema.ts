/** dropSchema: removes a schema; refused by the server while anything is in it. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { schemaSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { remaking } from "./replacement.ts";

const payload = v.strictObject({ name: schemaSchema.entries.name });

type DropSchema = v.InferOutput<typeof payload>;

export const dropSchema = defineOperation<"dropSchema", DropSchema>({
  kind: "dropSchema",
  family: "schemas & comments",
  product: false,
  summary: "remove an empty schema",
  base: "medium",
  baseNote: "it has to be empty: what was in it are operations of their own",
  reasons: [],
  payload,
  on: ["drop schema"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "schema" ? { name: change.before.name } : undefined,
  describe: (op) => quoteIdent(op.name),
  emit: (op) => [together(statement(`drop schema ${quoteIdent(op.name)}`))],
  invert: (op, before) =>
    remaking(before, "schema", makeId("schema", op.name), (schema) => [operation("createSchema", { schema })]),
  predict: (op) => [{ drop: makeId("schema", op.name) }],
  risks: () => [
    finding(
      "medium",
      undefined,
      "sessions with it in their search_path look elsewhere; refused while anything is in it",
    ),
  ],
  examples: [
    {
      name: "plain",
      before: "create schema app",
      op: { name: "app" },
      after: "",
    },
    {
      name: "quoted name",
      before: `create schema "The ""App"""`,
      op: { name: 'The "App"' },
      after: "",
    },
    {
      name: "with a comment",
      before: "create schema app; comment on schema app is 'all of it'",
      op: { name: "app" },
      after: "",
    },
  ],
});
