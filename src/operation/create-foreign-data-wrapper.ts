/** createForeignDataWrapper: what servers of a kind are read through. */
import * as v from "valibot";
import { foreignDataWrapperSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { commentStatements } from "./sql/comment.ts";
import { createWrapper } from "./sql/foreign.ts";

const payload = v.strictObject({ wrapper: foreignDataWrapperSchema });

type CreateForeignDataWrapper = v.InferOutput<typeof payload>;

const made =
  "create extension file_fdw; create function \"Handler\"() returns fdw_handler language c as '$libdir/file_fdw', 'file_fdw_handler'";

export const createForeignDataWrapper = defineOperation<"createForeignDataWrapper", CreateForeignDataWrapper>({
  kind: "createForeignDataWrapper",
  family: "foreign data & publications",
  product: false,
  summary: "make a foreign data wrapper",
  base: "low",
  baseNote: "takes a superuser",
  reasons: [],
  payload,
  on: ["create foreignDataWrapper"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "foreignDataWrapper" ? { wrapper: change.after } : undefined,
  describe: ({ wrapper }) => quoteIdent(wrapper.name),
  emit: ({ wrapper }) => [together(createWrapper(wrapper), ...commentStatements(wrapper))],
  invert: ({ wrapper }) => ({
    reversible: true,
    operations: [operation("dropForeignDataWrapper", { name: wrapper.name })],
  }),
  predict: ({ wrapper }) => [{ put: wrapper }],
  risks: () => [finding("low", undefined, "nothing uses it until a server does; takes a superuser")],
  examples: [
    {
      name: "that cannot read",
      before: "",
      op: { wrapper: { kind: "foreignDataWrapper", name: "notes" } },
      after: "create foreign data wrapper notes",
    },
    {
      name: "with a handler, a validator and a comment, quoted names",
      before: made,
      op: {
        wrapper: {
          kind: "foreignDataWrapper",
          name: "My Files",
          handler: { schema: "public", name: "Handler" },
          validator: { schema: "pg_catalog", name: "postgresql_fdw_validator" },
          comment: "it's read",
        },
      },
      after: `${made}; create foreign data wrapper "My Files" handler "Handler" validator postgresql_fdw_validator;
        comment on foreign data wrapper "My Files" is 'it''s read'`,
    },
    {
      name: "with options",
      before: "",
      op: {
        wrapper: {
          kind: "foreignDataWrapper",
          name: "notes",
          options: [
            { name: "A b", value: "" },
            { name: "debug", value: "it's \\ on" },
          ],
        },
      },
      after: `create foreign data wrapper notes options (debug 'it''s \\ on', "A b" '')`,
    },
  ],
});
