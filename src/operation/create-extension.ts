/** createExtension: installs an extension in a schema, in the version the server offers. */
import * as v from "valibot";
import { extensionSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { commentStatements } from "./sql/comment.ts";

const payload = v.strictObject({ extension: extensionSchema });

type CreateExtension = v.InferOutput<typeof payload>;

export const createExtension = defineOperation<"createExtension", CreateExtension>({
  kind: "createExtension",
  family: "create",
  product: true,
  summary: "install an extension",
  base: "safe",
  reasons: ["adds_extension"],
  payload,
  on: ["create extension"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "extension" ? { extension: change.after } : undefined,
  describe: (op) => quoteIdent(op.extension.name),
  emit: (op) => [
    together(
      statement(`create extension ${quoteIdent(op.extension.name)} schema ${quoteIdent(op.extension.schema)}`),
      ...commentStatements(op.extension),
    ),
  ],
  invert: (op) => ({
    reversible: true,
    operations: [operation("dropExtension", { name: op.extension.name })],
  }),
  predict: (op) => [{ put: op.extension }],
  risks: () => [
    finding("safe", "adds_extension", "locks no table; its files and the right to install it have to be there"),
  ],
  examples: [
    {
      name: "in public",
      before: "",
      op: { extension: { kind: "extension", name: "citext", schema: "public" } },
      after: "create extension citext",
    },
    {
      name: "in a schema of its own, quoted name",
      before: "create schema ext",
      op: { extension: { kind: "extension", name: "uuid-ossp", schema: "ext" } },
      after: `create schema ext; create extension "uuid-ossp" schema ext`,
    },
    {
      name: "with a comment",
      before: "",
      op: { extension: { kind: "extension", name: "pg_trgm", schema: "public", comment: "for the search page" } },
      after: "create extension pg_trgm; comment on extension pg_trgm is 'for the search page'",
    },
  ],
});
