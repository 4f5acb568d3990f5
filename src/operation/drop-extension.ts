/** dropExtension: removes an extension with everything it owns; refused by the server while anything uses that. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { extensionSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { remaking } from "./replacement.ts";

const payload = v.strictObject({ name: extensionSchema.entries.name });

type DropExtension = v.InferOutput<typeof payload>;

export const dropExtension = defineOperation<"dropExtension", DropExtension>({
  kind: "dropExtension",
  family: "drop",
  product: true,
  summary: "remove an extension and everything it owns",
  base: "destructive",
  reasons: ["drops_extension"],
  payload,
  on: ["drop extension"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "extension" ? { name: change.before.name } : undefined,
  describe: (op) => quoteIdent(op.name),
  emit: (op) => [together(statement(`drop extension ${quoteIdent(op.name)}`))],
  invert: (op, before) =>
    remaking(
      before,
      "extension",
      makeId("extension", op.name),
      (extension) => [operation("createExtension", { extension })],
      "what the extension kept in tables and settings of its own, and its version",
    ),
  predict: (op) => [{ drop: makeId("extension", op.name) }],
  risks: () => [
    finding(
      "destructive",
      "drops_extension",
      "its types, functions and tables go with it; the server refuses while a column, index or function uses one",
    ),
  ],
  examples: [
    {
      name: "plain",
      before: "create extension citext",
      op: { name: "citext" },
      after: "",
    },
    {
      name: "in a schema of its own, quoted name",
      before: `create schema ext; create extension "uuid-ossp" schema ext`,
      op: { name: "uuid-ossp" },
      after: "create schema ext",
    },
    {
      name: "with a comment",
      before: "create extension pg_trgm; comment on extension pg_trgm is 'for the search page'",
      op: { name: "pg_trgm" },
      after: "",
    },
  ],
});
