/** The shape of types other than enums, and of collations. A table's row type is no object of its own. */
import * as v from "valibot";
import { common, flag, limits, name, optionalText, text } from "./members.ts";

export const domainSchema = v.strictObject({
  kind: v.literal("domain"),
  schema: name,
  name,
  /** the type below it as format_type prints it with an empty search_path; may be another domain */
  type: text,
  /** only when it is not the type's own; qualified and quoted */
  collation: optionalText,
  default: optionalText,
  notNull: flag,
  ...common,
});
/** A check of a domain. NOT NULL is an attribute of the domain. */
export const domainCheckSchema = v.strictObject({
  kind: v.literal("domainCheck"),
  schema: name,
  domain: name,
  name,
  /** the expression with its outer parentheses, as pg_get_constraintdef prints it after CHECK */
  expression: text,
  notValid: flag,
  ...common,
});
export const compositeAttributeSchema = v.strictObject({
  name,
  type: text,
  collation: optionalText,
  comment: optionalText,
});
export const compositeTypeSchema = v.strictObject({
  kind: v.literal("compositeType"),
  schema: name,
  name,
  attributes: v.pipe(v.array(compositeAttributeSchema), v.maxLength(limits.listLength)),
  ...common,
});
export const rangeTypeSchema = v.strictObject({
  kind: v.literal("rangeType"),
  schema: name,
  name,
  subtype: text,
  /** only when it is not the subtype's default; qualified and quoted */
  operatorClass: optionalText,
  /** only when it is not the subtype's own; qualified and quoted */
  collation: optionalText,
  /** the function that says how far apart two values are; qualified and quoted */
  difference: optionalText,
  /** the name of the multirange type that comes with it */
  multirange: name,
  ...common,
});
export const collationSchema = v.strictObject({
  kind: v.literal("collation"),
  schema: name,
  name,
  provider: v.picklist(["libc", "icu", "builtin"]),
  /** the locale of an icu or builtin collation, or of a libc one whose two parts are the same */
  locale: optionalText,
  /** for libc, when they differ */
  collate: optionalText,
  ctype: optionalText,
  nondeterministic: flag,
  /** further ICU rules (16 and later) */
  rules: optionalText,
  ...common,
});
