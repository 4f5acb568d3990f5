/** dropCollation: removes a collation; refused by the server while anything uses it. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { collationSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { remaking } from "./replacement.ts";
import { dropMadeType } from "./sql/types.ts";

const { schema, name } = collationSchema.entries;
const payload = v.strictObject({ schema, name });

type DropCollation = v.InferOutput<typeof payload>;

export const dropCollation = defineOperation<"dropCollation", DropCollation>({
  kind: "dropCollation",
  family: "types & sequences",
  product: false,
  summary: "remove a collation",
  base: "medium",
  reasons: [],
  payload,
  on: ["drop collation"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "collation"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(dropMadeType({ kind: "collation", schema: op.schema, name: op.name }))],
  invert: (op, before) =>
    remaking(before, "collation", idOf(op), (collation) => [operation("createCollation", { collation })]),
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [
    finding("medium", undefined, "queries that name the collation fail; the server refuses while a column uses it"),
  ],
  examples: [
    {
      name: "of libc",
      before: "create collation plain (provider = libc, locale = 'C')",
      op: { schema: "public", name: "plain" },
      after: "",
    },
    {
      name: "quoted names, with a comment",
      before: `create schema "App"; create collation "App"."Plain" (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX'); comment on collation "App"."Plain" is 'x'`,
      op: { schema: "App", name: "Plain" },
      after: `create schema "App"`,
    },
    {
      name: "of ICU",
      before: "create collation no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
      op: { schema: "public", name: "no_case" },
      after: "",
    },
  ],
});

function idOf(op: DropCollation): ObjectId {
  return makeId("collation", op.schema, op.name);
}
