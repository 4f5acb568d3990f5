/** The SQL of a column definition, shared by the kinds that make columns. */
import type { Column, SequenceOptions } from "../../model/object.ts";
import { asInput } from "../../sql/expression.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";

/** `name type collate … generated … default … not null`, as it stands in CREATE TABLE and ADD COLUMN. */
export function columnDefinition(column: Column): string {
  const parts = [quoteIdent(column.name), column.type];
  if (column.collation !== undefined) parts.push(`collate ${column.collation}`);
  if (column.generated)
    parts.push(`generated always as (${asInput(column.generated.expression)}) ${column.generated.storage}`);
  if (column.identity) parts.push(identityClause(column));
  if (column.default !== undefined) parts.push(`default ${asInput(column.default)}`);
  if (column.notNull && column.notNullName !== undefined) parts.push(`constraint ${quoteIdent(column.notNullName)}`);
  if (column.notNull) parts.push("not null");
  return parts.join(" ");
}

/** `generated always as identity (…)`. */
export function identityClause(column: Column): string {
  const { identity } = column;
  if (!identity) return "";
  const options = sequenceOptionWords(identity);
  if (identity.sequence !== undefined) options.unshift(`sequence name ${qualified(column.schema, identity.sequence)}`);
  return `generated ${identity.generation} as identity${options.length > 0 ? ` (${options.join(" ")})` : ""}`;
}

/** The options that are not defaults, in the words of CREATE SEQUENCE. */
export function sequenceOptionWords(options: SequenceOptions): string[] {
  const words: string[] = [];
  if (options.increment !== undefined) words.push(`increment by ${options.increment}`);
  if (options.min !== undefined) words.push(`minvalue ${options.min}`);
  if (options.max !== undefined) words.push(`maxvalue ${options.max}`);
  if (options.start !== undefined) words.push(`start with ${options.start}`);
  if (options.cache !== undefined) words.push(`cache ${options.cache}`);
  if (options.cycle) words.push("cycle");
  return words;
}
