/** createTextSearchDictionary: a dictionary: a template with its options. */
import * as v from "valibot";
import { textSearchDictionarySchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { createDictionary } from "./sql/text-search.ts";

const payload = v.strictObject({ dictionary: textSearchDictionarySchema });

type CreateTextSearchDictionary = v.InferOutput<typeof payload>;

export const createTextSearchDictionary = defineOperation<"createTextSearchDictionary", CreateTextSearchDictionary>({
  kind: "createTextSearchDictionary",
  family: "types & sequences",
  product: false,
  summary: "make a text search dictionary",
  base: "safe",
  reasons: [],
  payload,
  on: ["create textSearchDictionary"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "textSearchDictionary" ? { dictionary: change.after } : undefined,
  describe: (op) => inWords(op.dictionary.schema, op.dictionary.name),
  emit: (op) => [together(...createDictionary(op.dictionary))],
  invert: ({ dictionary: { schema, name } }) => ({
    reversible: true,
    operations: [operation("dropTextSearchDictionary", { schema, name })],
  }),
  predict: (op) => [{ put: op.dictionary }],
  risks: () => [finding("safe", undefined, "nothing uses what does not exist yet")],
  examples: [
    {
      name: "of a simple template",
      before: "",
      op: {
        dictionary: { kind: "textSearchDictionary", schema: "public", name: "plain", template: "pg_catalog.simple" },
      },
      after: "create text search dictionary plain (template = simple)",
    },
    {
      name: "with options, quoted names and a comment",
      before: `create schema "App"`,
      op: {
        dictionary: {
          kind: "textSearchDictionary",
          schema: "App",
          name: "Stop Words",
          template: "pg_catalog.simple",
          options: ["stopwords = 'english'", "accept = 'false'"],
          comment: "passes others on",
        },
      },
      after: `create schema "App"; create text search dictionary "App"."Stop Words" (template = simple, stopwords = english, accept = false);
        comment on text search dictionary "App"."Stop Words" is 'passes others on'`,
    },
    {
      name: "of a stemmer",
      before: "",
      op: {
        dictionary: {
          kind: "textSearchDictionary",
          schema: "public",
          name: "german",
          template: "pg_catalog.snowball",
          options: ["language = 'german'"],
        },
      },
      after: "create text search dictionary german (template = snowball, language = german)",
    },
  ],
});
