/** createTextSearchConfiguration: a configuration with its mappings. */
import * as v from "valibot";
import { textSearchConfigurationSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords } from "./place.ts";
import { createConfiguration } from "./sql/text-search.ts";

const payload = v.strictObject({ configuration: textSearchConfigurationSchema });

type CreateTextSearchConfiguration = v.InferOutput<typeof payload>;

export const createTextSearchConfiguration = defineOperation<
  "createTextSearchConfiguration",
  CreateTextSearchConfiguration
>({
  kind: "createTextSearchConfiguration",
  family: "types & sequences",
  product: false,
  summary: "make a text search configuration",
  base: "safe",
  reasons: [],
  payload,
  on: ["create textSearchConfiguration"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "textSearchConfiguration"
      ? { configuration: change.after }
      : undefined,
  describe: (op) => inWords(op.configuration.schema, op.configuration.name),
  emit: (op) => [together(...createConfiguration(op.configuration))],
  invert: ({ configuration: { schema, name } }) => ({
    reversible: true,
    operations: [operation("dropTextSearchConfiguration", { schema, name })],
  }),
  predict: (op) => [{ put: op.configuration }],
  risks: () => [finding("safe", undefined, "nothing uses what does not exist yet")],
  examples: [
    {
      name: "without mappings",
      before: "",
      op: {
        configuration: {
          kind: "textSearchConfiguration",
          schema: "public",
          name: "none",
          parser: 'pg_catalog."default"',
        },
      },
      after: `create text search configuration none (parser = "default")`,
    },
    {
      name: "with mappings",
      before: "create text search dictionary plain (template = simple)",
      op: {
        configuration: {
          kind: "textSearchConfiguration",
          schema: "public",
          name: "words",
          parser: 'pg_catalog."default"',
          mappings: [
            {
              token: "asciiword",
              dictionaries: [
                { schema: "public", name: "plain" },
                { schema: "pg_catalog", name: "english_stem" },
              ],
            },
            { token: "word", dictionaries: [{ schema: "pg_catalog", name: "simple" }] },
            { token: "numword", dictionaries: [{ schema: "pg_catalog", name: "simple" }] },
          ],
        },
      },
      after: `create text search dictionary plain (template = simple); create text search configuration words (parser = "default");
        alter text search configuration words add mapping for asciiword with plain, english_stem;
        alter text search configuration words add mapping for word, numword with simple`,
    },
    {
      name: "quoted names, with a comment",
      before: `create schema "App"`,
      op: {
        configuration: {
          kind: "textSearchConfiguration",
          schema: "App",
          name: "Only Words",
          parser: 'pg_catalog."default"',
          mappings: [{ token: "word", dictionaries: [{ schema: "pg_catalog", name: "simple" }] }],
          comment: "x",
        },
      },
      after: `create schema "App"; create text search configuration "App"."Only Words" (parser = "default");
        alter text search configuration "App"."Only Words" add mapping for word with simple;
        comment on text search configuration "App"."Only Words" is 'x'`,
    },
  ],
});
