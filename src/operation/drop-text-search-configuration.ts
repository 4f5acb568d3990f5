/** dropTextSearchConfiguration: removes a text search configuration; refused by the server while anything uses it. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { textSearchConfigurationSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { remaking } from "./replacement.ts";
import { dropTextSearch } from "./sql/text-search.ts";

const { schema, name } = textSearchConfigurationSchema.entries;
const payload = v.strictObject({ schema, name });

type DropTextSearchConfiguration = v.InferOutput<typeof payload>;

export const dropTextSearchConfiguration = defineOperation<"dropTextSearchConfiguration", DropTextSearchConfiguration>({
  kind: "dropTextSearchConfiguration",
  family: "types & sequences",
  product: false,
  summary: "remove a text search configuration",
  base: "medium",
  reasons: [],
  payload,
  on: ["drop textSearchConfiguration"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "textSearchConfiguration"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(dropTextSearch("configuration", op))],
  invert: (op, before) =>
    remaking(before, "textSearchConfiguration", idOf(op), (configuration) => [
      operation("createTextSearchConfiguration", { configuration }),
    ]),
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [finding("medium", undefined, "queries that name it fail; the server refuses while an index uses it")],
  examples: [
    {
      name: "without mappings",
      before: `create text search configuration none (parser = "default")`,
      op: { schema: "public", name: "none" },
      after: "",
    },
    {
      name: "a copy of another",
      before: "create text search configuration words (copy = pg_catalog.english)",
      op: { schema: "public", name: "words" },
      after: "",
    },
    {
      name: "quoted names, with a comment",
      before: `create schema "App"; create text search configuration "App"."C" (copy = simple); comment on text search configuration "App"."C" is 'x'`,
      op: { schema: "App", name: "C" },
      after: `create schema "App"`,
    },
  ],
});

function idOf(op: DropTextSearchConfiguration): ObjectId {
  return makeId("textSearchConfiguration", op.schema, op.name);
}
