/** The rules of text search dictionaries and configurations: part of the table in kinds.ts. */
import { qualified } from "../sql/identifier.ts";
import { idPath } from "./ids.ts";
import type { ObjectOf } from "./object.ts";

type Dictionary = ObjectOf<"textSearchDictionary">;
type Configuration = ObjectOf<"textSearchConfiguration">;

export const textSearchRules = {
  textSearchDictionary: {
    label: "text search dictionary",
    address: (o: Dictionary) => `text search dictionary ${qualified(o.schema, o.name)}`,
    rank: 2,
    path: (o: Dictionary) => [o.schema, o.name],
    references: (o: Dictionary) => [`schema:${idPath([o.schema])}`],
    occupies: (o: Dictionary) => [`text search dictionary:${idPath([o.schema, o.name])}`],
    remade: (_before: Dictionary, _after: Dictionary, attributes: readonly string[]) => attributes.includes("template"),
  },
  textSearchConfiguration: {
    label: "text search configuration",
    address: (o: Configuration) => `text search configuration ${qualified(o.schema, o.name)}`,
    rank: 3,
    path: (o: Configuration) => [o.schema, o.name],
    references: (o: Configuration) => [
      `schema:${idPath([o.schema])}`,
      ...(o.mappings ?? []).flatMap(({ dictionaries }) =>
        dictionaries
          .filter(({ schema }) => schema !== "pg_catalog")
          .map(({ schema, name }) => `textSearchDictionary:${idPath([schema, name])}`),
      ),
    ],
    occupies: (o: Configuration) => [`text search configuration:${idPath([o.schema, o.name])}`],
    remade: (_before: Configuration, _after: Configuration, attributes: readonly string[]) =>
      attributes.includes("parser"),
  },
} as const;
