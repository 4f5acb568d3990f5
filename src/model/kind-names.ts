/** The paths and keys that the rules of kinds make of names. Knows no kind's rule. */
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { idPath } from "./ids.ts";
import type { ObjectId } from "./kind-rule.ts";
import type { ObjectKind } from "./object.ts";

interface InSchema {
  readonly schema: string;
  readonly name: string;
}

interface InTable extends InSchema {
  readonly table: string;
}

export const inSchema = ({ schema, name }: InSchema): string[] => [schema, name];
export const inTable = ({ schema, table, name }: InTable): string[] => [schema, table, name];
export const onTable = ({ schema, table, name }: InTable): string =>
  `${quoteIdent(name)} on ${qualified(schema, table)}`;
export const schemaOf = ({ schema }: { readonly schema: string }): ObjectId => `schema:${idPath([schema])}`;

/** The table or view that a trigger, a rule or an index is on. */
export const relationOf = (object: {
  readonly schema: string;
  readonly table: string;
  readonly on?: ObjectKind | undefined;
}): ObjectId => `${object.on ?? "table"}:${idPath([object.schema, object.table])}`;

/** The key of the names that tables, indexes, views and sequences of a schema share. */
export const relation = (schema: string, name: string): string => `relation:${idPath([schema, name])}`;
