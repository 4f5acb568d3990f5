/** alterTextSearchConfiguration: which dictionaries look at which words. With another parser a configuration is made anew. */
import * as v from "valibot";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { textSearchConfigurationSchema, textSearchMapping } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { changeMappings } from "./sql/text-search.ts";

const { schema, name } = textSearchConfigurationSchema.entries;
const mappings = v.array(textSearchMapping);

const payload = v.strictObject({ schema, name, from: mappings, to: mappings });

type AlterTextSearchConfiguration = v.InferOutput<typeof payload>;

export const alterTextSearchConfiguration = defineOperation<
  "alterTextSearchConfiguration",
  AlterTextSearchConfiguration
>({
  kind: "alterTextSearchConfiguration",
  family: "types & sequences",
  product: false,
  summary: "change which dictionaries look at which words",
  base: "low",
  reasons: [],
  payload,
  on: ["alter textSearchConfiguration.mappings"],
  claims: (change) => {
    if (change.type !== "alter") return undefined;
    const { before, after } = change;
    if (before.kind !== "textSearchConfiguration" || after.kind !== "textSearchConfiguration") return undefined;
    return { schema: after.schema, name: after.name, from: before.mappings ?? [], to: after.mappings ?? [] };
  },
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(...changeMappings(op, op.from, op.to))],
  invert: ({ schema, name, from, to }) => ({
    reversible: true,
    operations: [operation("alterTextSearchConfiguration", { schema, name, from: to, to: from })],
  }),
  predict: (op, graph) =>
    editObject(graph, "textSearchConfiguration", idOf(op), (configuration) =>
      withMembers(configuration, { mappings: op.to.length > 0 ? op.to : undefined }),
    ),
  risks: () => [
    finding("low", undefined, "what has been indexed stays as the old mappings made it and may not be found any more"),
  ],
  examples: [
    {
      name: "a mapping more",
      before: `create text search configuration c (parser = "default")`,
      op: { schema: "public", name: "c", from: [], to: [{ token: "word", dictionaries: [simple()] }] },
      after: `create text search configuration c (parser = "default"); alter text search configuration c add mapping for word with simple`,
    },
    {
      name: "one changed, one dropped, quoted names",
      before: `create schema "App"; create text search configuration "App"."C" (parser = "default");
        alter text search configuration "App"."C" add mapping for word, numword with simple`,
      op: {
        schema: "App",
        name: "C",
        from: [
          { token: "word", dictionaries: [simple()] },
          { token: "numword", dictionaries: [simple()] },
        ],
        to: [{ token: "word", dictionaries: [{ schema: "pg_catalog", name: "german_stem" }, simple()] }],
      },
      after: `create schema "App"; create text search configuration "App"."C" (parser = "default");
        alter text search configuration "App"."C" add mapping for word with german_stem, simple`,
    },
    {
      name: "none any more",
      before: `create text search configuration c (parser = "default"); alter text search configuration c add mapping for word with simple`,
      op: { schema: "public", name: "c", from: [{ token: "word", dictionaries: [simple()] }], to: [] },
      after: `create text search configuration c (parser = "default")`,
    },
  ],
});

function idOf(op: AlterTextSearchConfiguration): ObjectId {
  return makeId("textSearchConfiguration", op.schema, op.name);
}

/** The dictionary of the examples. */
function simple(): { schema: string; name: string } {
  return { schema: "pg_catalog", name: "simple" };
}
