/**
 * A part of a table that has a name of its own there (constraint, policy) or in the schema (index): how payloads name it
 * and how it reads in SQL and in words. Knows no kind of operation.
 */
import { makeId, type ObjectId } from "../model/kinds.ts";
import { columnSchema, type ObjectKind } from "../model/object.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { inWords } from "./place.ts";

const { schema, table, name } = columnSchema.entries;

/** Payload members that name a part of a table. */
export const partPlace = { schema, table, name };

/** Payload members that name a table whose part has no name. */
export const onTablePlace = { schema, table };

export interface PartPlace {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

/** The place of a part, without its other members. */
export function placeOfPart({ schema, table, name }: PartPlace): PartPlace {
  return { schema, table, name };
}

/** A part in words: `users_email_key on users`. */
export function partInWords(part: PartPlace): string {
  return `${quoteIdent(part.name)} on ${inWords(part.schema, part.table)}`;
}

/** The table of a part as SQL names it. */
export function tableOfPart(part: { readonly schema: string; readonly table: string }): string {
  return qualified(part.schema, part.table);
}

/** The id of the table of a part. */
export function tableIdOfPart(part: {
  readonly schema: string;
  readonly table: string;
  /** what it is on, when not a table */
  readonly on?: ObjectKind | undefined;
}): ObjectId {
  return makeId(part.on ?? "table", part.schema, part.table);
}
