/** createType: a composite or range type. Enums and domains have kinds of their own. */
import * as v from "valibot";
import { compositeTypeSchema, rangeTypeSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { createTypeStatements } from "./sql/types.ts";

const payload = v.strictObject({ type: v.variant("kind", [compositeTypeSchema, rangeTypeSchema]) });

type CreateType = v.InferOutput<typeof payload>;

export const createType = defineOperation<"createType", CreateType>({
  kind: "createType",
  family: "types & sequences",
  product: false,
  summary: "make a composite or range type",
  base: "safe",
  reasons: [],
  payload,
  on: ["create compositeType", "create rangeType"],
  claims: (change) => {
    if (change.type !== "create") return undefined;
    const { after } = change;
    return after.kind === "compositeType" || after.kind === "rangeType" ? { type: after } : undefined;
  },
  describe: (op) => inWords(op.type.schema, op.type.name),
  emit: (op) => [together(...createTypeStatements(op.type))],
  invert: ({ type: { kind: type, schema, name } }) => ({
    reversible: true,
    operations: [operation("dropType", { type, schema, name })],
  }),
  predict: (op) => [{ put: op.type }],
  risks: () => [finding("safe", undefined, "nothing uses a type that does not exist yet")],
  examples: [
    {
      name: "composite, with comments and quoted names",
      before: `create schema "App"`,
      op: {
        type: {
          kind: "compositeType",
          schema: "App",
          name: "Post Address",
          attributes: [
            { name: "street", type: "text", collation: 'pg_catalog."C"', comment: "and number" },
            { name: "Zip", type: "character varying(10)" },
          ],
          comment: "where it is",
        },
      },
      after: `create schema "App"; create type "App"."Post Address" as (street text collate "C", "Zip" varchar(10));
        comment on type "App"."Post Address" is 'where it is'; comment on column "App"."Post Address".street is 'and number'`,
    },
    {
      name: "composite without attributes",
      before: "",
      op: { type: { kind: "compositeType", schema: "public", name: "nothing", attributes: [] } },
      after: "create type nothing as ()",
    },
    {
      name: "range with a function for distances",
      before: "",
      op: {
        type: {
          kind: "rangeType",
          schema: "public",
          name: "float_range",
          subtype: "double precision",
          difference: "pg_catalog.float8mi",
          multirange: "float_multirange",
        },
      },
      after: "create type float_range as range (subtype = float8, subtype_diff = float8mi)",
    },
    {
      name: "range of texts with a collation, an operator class and a name for its multirange",
      before: "",
      op: {
        type: {
          kind: "rangeType",
          schema: "public",
          name: "Letters",
          subtype: "text",
          operatorClass: "pg_catalog.text_pattern_ops",
          collation: 'pg_catalog."C"',
          multirange: "Many Letters",
          comment: "from a to z",
        },
      },
      after: `create type "Letters" as range (subtype = text, subtype_opclass = text_pattern_ops, collation = "C", multirange_type_name = "Many Letters");
        comment on type "Letters" is 'from a to z'`,
    },
  ],
});
