/** The SQL of text search dictionaries and configurations. None of it locks a relation. */
import { sameValue } from "../../base/ordered.ts";
import type { TextSearchConfiguration, TextSearchDictionary } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { optionName } from "../../sql/option-list.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { commentStatements } from "./comment.ts";

type Place = { readonly schema: string; readonly name: string };
type Mappings = NonNullable<TextSearchConfiguration["mappings"]>;

/** CREATE TEXT SEARCH DICTIONARY, with its comment. */
export function createDictionary(dictionary: TextSearchDictionary): Statement[] {
  const { schema, name, template, options = [] } = dictionary;
  const list = [`template = ${template}`, ...options].join(", ");
  return [
    statement(`create text search dictionary ${qualified(schema, name)} (${list})`),
    ...commentStatements(dictionary),
  ];
}

/** ALTER TEXT SEARCH DICTIONARY: each option that is named is taken away and, with a value, comes last. */
export function alterDictionary(place: Place, from: readonly string[], to: readonly string[]): Statement {
  const kept = new Set(to.map(optionName));
  const gone = from.map(optionName).filter((name) => !kept.has(name));
  return statement(
    `alter text search dictionary ${qualified(place.schema, place.name)} (${[...gone, ...to].join(", ")})`,
  );
}

/** CREATE TEXT SEARCH CONFIGURATION, its mappings and its comment. */
export function createConfiguration(configuration: TextSearchConfiguration): Statement[] {
  const { schema, name, parser, mappings = [] } = configuration;
  return [
    statement(`create text search configuration ${qualified(schema, name)} (parser = ${parser})`),
    ...changeMappings(configuration, [], mappings),
    ...commentStatements(configuration),
  ];
}

/** The statements that lead from some mappings to others; kinds of words with the same dictionaries share one. */
export function changeMappings(place: Place, from: Mappings, to: Mappings): Statement[] {
  const alter = `alter text search configuration ${qualified(place.schema, place.name)}`;
  const old = new Map(from.map((mapping) => [mapping.token, mapping]));
  const wanted = new Set(to.map(({ token }) => token));
  const gone = from.filter(({ token }) => !wanted.has(token)).map(({ token }) => quoteIdent(token));
  const groups = new Map<string, string[]>();
  for (const mapping of to) {
    const before = old.get(mapping.token);
    if (before !== undefined && sameValue(before, mapping)) continue;
    const dictionaries = mapping.dictionaries.map(({ schema, name }) => qualified(schema, name)).join(", ");
    const key = `${before === undefined ? "add" : "alter"} mapping for\0${dictionaries}`;
    groups.set(key, [...(groups.get(key) ?? []), quoteIdent(mapping.token)]);
  }
  return [
    ...(gone.length > 0 ? [statement(`${alter} drop mapping for ${gone.join(", ")}`)] : []),
    ...[...groups].map(([key, tokens]) => {
      const [action, dictionaries] = key.split("\0") as [string, string];
      return statement(`${alter} ${action} ${tokens.join(", ")} with ${dictionaries}`);
    }),
  ];
}

/** DROP of a dictionary or configuration, never with CASCADE. */
export function dropTextSearch(what: "dictionary" | "configuration", place: Place): Statement {
  return statement(`drop text search ${what} ${qualified(place.schema, place.name)}`);
}
