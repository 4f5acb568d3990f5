/** dropForeignDataWrapper: removes a foreign data wrapper that no server uses. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { foreignServerSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";

import { remaking } from "./replacement.ts";

const payload = v.strictObject({ name: foreignServerSchema.entries.name });

type DropForeignDataWrapper = v.InferOutput<typeof payload>;

export const dropForeignDataWrapper = defineOperation<"dropForeignDataWrapper", DropForeignDataWrapper>({
  kind: "dropForeignDataWrapper",
  family: "foreign data & publications",
  product: false,
  summary: "remove a foreign data wrapper",
  base: "medium",
  reasons: [],
  payload,
  on: ["drop foreignDataWrapper"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "foreignDataWrapper" ? { name: change.before.name } : undefined,
  describe: (op) => quoteIdent(op.name),
  emit: (op) => [together(statement(`drop foreign data wrapper ${quoteIdent(op.name)}`))],
  invert: (op, before) =>
    remaking(
      before,
      "foreignDataWrapper",
      makeId("foreignDataWrapper", op.name),
      (wrapper) => [operation("createForeignDataWrapper", { wrapper })],
      "options that may be secrets",
    ),
  predict: (op) => [{ drop: makeId("foreignDataWrapper", op.name) }],
  risks: () => [
    finding(
      "medium",
      undefined,
      "Postgres refuses while a server uses it; options that may be secrets do not come back",
    ),
  ],
  examples: [
    { name: "plain", before: "create foreign data wrapper w", op: { name: "w" }, after: "" },
    {
      name: "with a validator, options and a comment, quoted names",
      before: `create foreign data wrapper "W w" validator postgresql_fdw_validator; comment on foreign data wrapper "W w" is 'x'`,
      op: { name: "W w" },
      after: "",
    },
    {
      name: "one of two",
      before: "create foreign data wrapper a options (debug 'on'); create foreign data wrapper b",
      op: { name: "a" },
      after: "create foreign data wrapper b",
    },
  ],
});
