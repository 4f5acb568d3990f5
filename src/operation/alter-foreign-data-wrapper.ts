/** alterForeignDataWrapper: another handler or validator, or none. */
import * as v from "valibot";
import { makeId } from "../model/kinds.ts";
import { type ForeignDataWrapper, foreignDataWrapperSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { wrapperRoutine } from "./sql/foreign.ts";

const { name, handler } = foreignDataWrapperSchema.entries;

const payload = v.strictObject({
  name,
  of: v.picklist(["handler", "validator"]),
  /** absent: none */
  from: handler,
  to: handler,
});

type AlterForeignDataWrapper = v.InferOutput<typeof payload>;

const made = "create extension file_fdw";

export const alterForeignDataWrapper = defineOperation<"alterForeignDataWrapper", AlterForeignDataWrapper>({
  kind: "alterForeignDataWrapper",
  family: "foreign data & publications",
  product: false,
  summary: "read through another function, or check options by another",
  base: "high",
  baseNote: "medium for a validator; takes a superuser",
  reasons: [],
  payload,
  on: ["alter foreignDataWrapper.handler", "alter foreignDataWrapper.validator"],
  claims: (change) => {
    if (change.type !== "alter") return undefined;
    const { before, after, attribute } = change;
    if (before.kind !== "foreignDataWrapper" || after.kind !== "foreignDataWrapper") return undefined;
    const of = attribute === "handler" ? "handler" : "validator";
    return { name: after.name, of, ...ends(before[of], after[of]) };
  },
  describe: (op) => quoteIdent(op.name),
  emit: (op) => [
    together(statement(`alter foreign data wrapper ${quoteIdent(op.name)} ${wrapperRoutine(op.of, op.to)}`)),
  ],
  invert: ({ from, to, ...rest }) => ({
    reversible: true,
    operations: [operation("alterForeignDataWrapper", { ...rest, ...ends(to, from) })],
  }),
  predict: (op, graph) =>
    editObject(graph, "foreignDataWrapper", makeId("foreignDataWrapper", op.name), (wrapper) =>
      withMembers(wrapper, { [op.of]: op.to }),
    ),
  risks: ({ of }) => [
    of === "handler"
      ? finding(
          "high",
          undefined,
          "foreign tables of its servers may be read in another way from then on, or not at all",
        )
      : finding("medium", undefined, "options that are there already are not checked again"),
  ],
  examples: [
    {
      name: "a handler where there was none",
      before: `${made}; create foreign data wrapper w`,
      op: { name: "w", of: "handler", to: { schema: "public", name: "file_fdw_handler" } },
      after: `${made}; create foreign data wrapper w handler file_fdw_handler`,
    },
    {
      name: "no validator, quoted names",
      before: `create foreign data wrapper "W w" validator postgresql_fdw_validator`,
      op: { name: "W w", of: "validator", from: { schema: "pg_catalog", name: "postgresql_fdw_validator" } },
      after: `create foreign data wrapper "W w"`,
    },
    {
      name: "another validator",
      before: `${made}; create foreign data wrapper w validator postgresql_fdw_validator`,
      op: {
        name: "w",
        of: "validator",
        from: { schema: "pg_catalog", name: "postgresql_fdw_validator" },
        to: { schema: "public", name: "file_fdw_validator" },
      },
      after: `${made}; create foreign data wrapper w validator file_fdw_validator`,
    },
  ],
});

type Routine = ForeignDataWrapper["handler"];

function ends(from: Routine, to: Routine): { from?: Routine; to?: Routine } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
