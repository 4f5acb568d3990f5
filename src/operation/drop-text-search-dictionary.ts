/** dropTextSearchDictionary: removes a text search dictionary; refused by the server while anything uses it. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { textSearchDictionarySchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { remaking } from "./replacement.ts";
import { dropTextSearch } from "./sql/text-search.ts";

const { schema, name } = textSearchDictionarySchema.entries;
const payload = v.strictObject({ schema, name });

type DropTextSearchDictionary = v.InferOutput<typeof payload>;

export const dropTextSearchDictionary = defineOperation<"dropTextSearchDictionary", DropTextSearchDictionary>({
  kind: "dropTextSearchDictionary",
  family: "types & sequences",
  product: false,
  summary: "remove a text search dictionary",
  base: "medium",
  reasons: [],
  payload,
  on: ["drop textSearchDictionary"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "textSearchDictionary"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(dropTextSearch("dictionary", op))],
  invert: (op, before) =>
    remaking(before, "textSearchDictionary", idOf(op), (dictionary) => [
      operation("createTextSearchDictionary", { dictionary }),
    ]),
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [finding("medium", undefined, "queries that name it fail; the server refuses while an index uses it")],
  examples: [
    {
      name: "plain",
      before: "create text search dictionary plain (template = simple)",
      op: { schema: "public", name: "plain" },
      after: "",
    },
    {
      name: "quoted names, with options and a comment",
      before: `create schema "App"; create text search dictionary "App"."D" (template = simple, accept = false);
        comment on text search dictionary "App"."D" is 'x'`,
      op: { schema: "App", name: "D" },
      after: `create schema "App"`,
    },
    {
      name: "of a stemmer",
      before: "create text search dictionary german (template = snowball, language = german)",
      op: { schema: "public", name: "german" },
      after: "",
    },
  ],
});

function idOf(op: DropTextSearchDictionary): ObjectId {
  return makeId("textSearchDictionary", op.schema, op.name);
}
