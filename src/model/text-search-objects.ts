/** The shape of what decides how text is searched: dictionaries, and configurations that say which word goes to which of them. */
import * as v from "valibot";
import { common, limits, name, text, texts } from "./members.ts";

export const textSearchDictionarySchema = v.strictObject({
  kind: v.literal("textSearchDictionary"),
  schema: name,
  name,
  /** qualified and quoted */
  template: text,
  /** `stopwords = 'english'` each, as the server keeps them and in its order */
  options: v.optional(texts),
  ...common,
});

/** Which dictionaries look at the words of one kind, in turn. */
export const textSearchMapping = v.strictObject({
  /** what the parser calls that kind of word: `asciiword` */
  token: name,
  dictionaries: v.pipe(v.array(v.strictObject({ schema: name, name })), v.minLength(1), v.maxLength(limits.listLength)),
});
export const textSearchConfigurationSchema = v.strictObject({
  kind: v.literal("textSearchConfiguration"),
  schema: name,
  name,
  /** qualified and quoted */
  parser: text,
  /** in the parser's order; absent: none, and nothing is found by it */
  mappings: v.optional(v.pipe(v.array(textSearchMapping), v.maxLength(limits.listLength))),
  ...common,
});
