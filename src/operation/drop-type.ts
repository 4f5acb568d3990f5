/** dropType: removes a composite or range type; refused by the server while anything uses it. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { compositeTypeSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { remaking } from "./replacement.ts";
import { dropMadeType } from "./sql/types.ts";

const { schema, name } = compositeTypeSchema.entries;
const payload = v.strictObject({ type: v.picklist(["compositeType", "rangeType"]), schema, name });

type DropType = v.InferOutput<typeof payload>;

export const dropType = defineOperation<"dropType", DropType>({
  kind: "dropType",
  family: "types & sequences",
  product: false,
  summary: "remove a composite or range type",
  base: "medium",
  baseNote: "it holds no data of its own: the columns that do are operations of their own",
  reasons: [],
  payload,
  on: ["drop compositeType", "drop rangeType"],
  claims: (change) => {
    if (change.type !== "drop") return undefined;
    const { before } = change;
    if (before.kind !== "compositeType" && before.kind !== "rangeType") return undefined;
    return { type: before.kind, schema: before.schema, name: before.name };
  },
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(dropMadeType({ kind: op.type, schema: op.schema, name: op.name }))],
  invert: (op, before) => remaking(before, op.type, idOf(op), (type) => [operation("createType", { type })]),
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [
    finding(
      "medium",
      undefined,
      "queries that name the type fail; the server refuses while a column or function uses it",
    ),
  ],
  examples: [
    {
      name: "composite",
      before: "create type pair as (a int, b text)",
      op: { type: "compositeType", schema: "public", name: "pair" },
      after: "",
    },
    {
      name: "composite, quoted names, with comments",
      before: `create schema "App"; create type "App"."Pair" as ("A" int); comment on type "App"."Pair" is 'x'; comment on column "App"."Pair"."A" is 'y'`,
      op: { type: "compositeType", schema: "App", name: "Pair" },
      after: `create schema "App"`,
    },
    {
      name: "range, with its multirange",
      before: "create type seats as range (subtype = int, multirange_type_name = many_seats)",
      op: { type: "rangeType", schema: "public", name: "seats" },
      after: "",
    },
  ],
});

function idOf(op: DropType): ObjectId {
  return makeId(op.type, op.schema, op.name);
}
