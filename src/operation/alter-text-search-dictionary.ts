/** alterTextSearchDictionary: other options for a dictionary. Its template stays: with another one it is made anew. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { textSearchDictionarySchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { alterDictionary } from "./sql/text-search.ts";

const { schema, name } = textSearchDictionarySchema.entries;
const options = v.array(v.string());

const payload = v.strictObject({ schema, name, from: options, to: options });

type AlterTextSearchDictionary = v.InferOutput<typeof payload>;

export const alterTextSearchDictionary = defineOperation<"alterTextSearchDictionary", AlterTextSearchDictionary>({
  kind: "alterTextSearchDictionary",
  family: "types & sequences",
  product: false,
  summary: "change the options of a text search dictionary",
  base: "low",
  reasons: [],
  payload,
  on: ["alter textSearchDictionary.options"],
  claims: (change) => {
    if (change.type !== "alter") return undefined;
    if (change.before.kind !== "textSearchDictionary" || change.after.kind !== "textSearchDictionary") return undefined;
    const { schema, name, options: to = [] } = change.after;
    return { schema, name, from: change.before.options ?? [], to };
  },
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(alterDictionary(op, op.from, op.to))],
  invert: ({ schema, name, from, to }) => ({
    reversible: true,
    operations: [operation("alterTextSearchDictionary", { schema, name, from: to, to: from })],
  }),
  predict: (op, graph) =>
    editObject(graph, "textSearchDictionary", idOf(op), (dictionary) =>
      withMembers(dictionary, { options: op.to.length > 0 ? op.to : undefined }),
    ),
  risks: () => [
    finding("low", undefined, "what has been indexed stays as the old options made it and may not be found any more"),
  ],
  examples: [
    {
      name: "an option more",
      before: "create text search dictionary plain (template = simple)",
      op: { schema: "public", name: "plain", from: [], to: ["stopwords = 'english'"] },
      after: "create text search dictionary plain (template = simple, stopwords = english)",
    },
    {
      name: "in another order, quoted names",
      before: `create schema "App"; create text search dictionary "App"."D" (template = simple, stopwords = english, accept = false)`,
      op: {
        schema: "App",
        name: "D",
        from: ["stopwords = 'english'", "accept = 'false'"],
        to: ["accept = 'true'", "stopwords = 'english'"],
      },
      after: `create schema "App"; create text search dictionary "App"."D" (template = simple, accept = true, stopwords = english)`,
    },
    {
      name: "none any more",
      before: "create text search dictionary plain (template = simple, accept = false)",
      op: { schema: "public", name: "plain", from: ["accept = 'false'"], to: [] },
      after: "create text search dictionary plain (template = simple)",
    },
  ],
});

function idOf(op: AlterTextSearchDictionary): ObjectId {
  return makeId("textSearchDictionary", op.schema, op.name);
}
