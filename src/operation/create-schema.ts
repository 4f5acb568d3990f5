/** createSchema: makes an empty schema. */
import * as v from "valibot";
import { schemaSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { commentStatements } from "./sql/comment.ts";

const payload = v.strictObject({ schema: schemaSchema });

type CreateSchema = v.InferOutput<typeof payload>;

export const createSchema = defineOperation<"createSchema", CreateSchema>({
  kind: "createSchema",
  family: "schemas & comments",
  product: false,
  summary: "make a schema",
  base: "safe",
  reasons: [],
  payload,
  shares: true,
  on: ["create schema"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "schema" ? { schema: change.after } : undefined,
  describe: (op) => quoteIdent(op.schema.name),
  emit: (op) => [together(statement(`create schema ${quoteIdent(op.schema.name)}`), ...commentStatements(op.schema))],
  invert: (op) => ({ reversible: true, operations: [operation("dropSchema", { name: op.schema.name })] }),
  predict: (op) => [{ put: op.schema }],
  risks: () => [finding("safe", undefined, "nothing uses a schema that does not exist yet")],
  examples: [
    {
      name: "plain",
      before: "",
      op: { schema: { kind: "schema", name: "app" } },
      after: "create schema app",
    },
    {
      name: "quoted name",
      before: "",
      op: { schema: { kind: "schema", name: 'The "App"' } },
      after: `create schema "The ""App"""`,
    },
    {
      name: "with a comment",
      before: "",
      op: { schema: { kind: "schema", name: "app", comment: "all of it" } },
      after: "create schema app; comment on schema app is 'all of it'",
    },
  ],
});
